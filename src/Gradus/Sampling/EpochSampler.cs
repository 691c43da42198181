using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Splitting;

namespace Gradus.Sampling;

/// <summary>Draws the images of an epoch from a training set. A validation set is another type and cannot be drawn from.</summary>
public static class EpochSampler
{
    /// <summary>What the epoch is to show.</summary>
    /// <exception cref="GradusException">As <see cref="EpochPlan.Of"/>.</exception>
    public static EpochPlan Plan(TrainingSet set, GradeScale scale, SamplingSpec spec, int epoch) =>
        EpochPlan.Of(spec, scale, ClassHistogram.Count(Grades(set), scale.Count), epoch, ImageWeighing.Of(set, scale.Count));

    /// <summary>
    /// Draws an epoch as <see cref="EpochPlan"/> has it. A pure function of its arguments: a resumed run draws what an uninterrupted one
    /// would have.
    /// </summary>
    /// <param name="set">The training set.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="spec">The rule.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">Counted from 1; every epoch draws anew.</param>
    /// <exception cref="GradusException">As <see cref="EpochPlan.Of"/>.</exception>
    public static EpochDraw Draw(TrainingSet set, GradeScale scale, SamplingSpec spec, long seed, int epoch)
    {
        EpochPlan plan = Plan(set, scale, spec, epoch);
        int[][] members = Members(set.Records, scale.Count);
        Random random = RandomStream.Create(seed, "sampling", epoch);
        return Account(set, scale, plan, plan.WithReplacement ? ByShares(members, plan, plan.Weighing is null ? null : set.Weights, random) : Once(members, plan, seed, epoch, random));
    }

    /// <summary>A draw with its account, whoever made it.</summary>
    /// <param name="set">The training set.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="plan">What the epoch was to show.</param>
    /// <param name="indices">(N) positions in the set's records.</param>
    public static EpochDraw Account(TrainingSet set, GradeScale scale, EpochPlan plan, int[] indices) =>
        new(indices, plan, ClassHistogram.Count(indices.Select(i => set.Records[i].Grade!.Value), scale.Count))
        {
            MeanWeight = plan.Weighing is not null && set.Weights is { } weights && indices.Length > 0 ? indices.Average(i => weights[i]) : null,
        };

    /// <summary>First a class by its share, then an image of it, all alike or by its own weight: the same chances as drawing from all images at once.</summary>
    private static int[] ByShares(int[][] members, EpochPlan plan, ImmutableArray<double>? weights, Random random)
    {
        double[][]? within = weights is { } w ? [.. members.Select(of => Rising(of.Select(i => w[i])))] : null;
        double[] upTo = Rising(plan.Expected.Counts);
        int last = Array.FindLastIndex([.. plan.Expected.Counts], m => m > 0);

        var drawn = new int[plan.Images];
        for (int i = 0; i < drawn.Length; i++)
        {
            double at = random.NextDouble() * upTo[^1];
            int found = Array.FindIndex(upTo, u => at < u);
            // Rounding may put the draw on the very end.
            int c = found < 0 ? last : found;
            drawn[i] = members[c][within is null ? random.Next(members[c].Length) : Pick(within[c], random)];
        }
        return drawn;
    }

    private static double[] Rising(IEnumerable<double> shares)
    {
        double total = 0;
        return [.. shares.Select(s => total += s)];
    }

    // The first sum above the draw; weights are above 0, so sums rise strictly.
    private static int Pick(double[] upTo, Random random)
    {
        int found = Array.BinarySearch(upTo, random.NextDouble() * upTo[^1]);
        return Math.Min(found >= 0 ? found + 1 : ~found, upTo.Length - 1);
    }

    /// <summary>
    /// The planned number of each class, shuffled. Where it is not the whole class, the epochs cut one order of the class, the run's own,
    /// into windows that follow each other around.
    /// </summary>
    private static int[] Once(int[][] members, EpochPlan plan, long seed, int epoch, Random random)
    {
        var drawn = new List<int>(plan.Images);
        for (int c = 0; c < members.Length; c++)
        {
            int[] turn = members[c];
            int wanted = (int)plan.Expected.Counts[c];
            if (wanted < turn.Length)
                RandomStream.Create(seed, "sampling turns", c).Shuffle(turn);
            long first = (long)(epoch - 1) * wanted;
            for (int i = 0; i < wanted; i++)
                drawn.Add(turn[(first + i) % turn.Length]);
        }
        // From one order whatever the classes are, so that their names do not matter.
        drawn.Sort();
        int[] shuffled = [.. drawn];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static int[][] Members(ImmutableArray<ImageRecord> records, int classes) =>
        [.. Enumerable.Range(0, classes).Select(c => Enumerable.Range(0, records.Length).Where(i => records[i].Grade == c).ToArray())];

    private static IEnumerable<int> Grades(TrainingSet set) => set.Records.Select(r => r.Grade!.Value);
}
