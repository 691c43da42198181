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
    public static EpochPlan Plan(TrainingSet set, GradeScale scale, SamplingSpec spec, int epoch) => EpochPlan.Of(spec, scale, ClassHistogram.Count(Grades(set), scale.Count), epoch);

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
        int[] drawn = plan.WithReplacement ? ByShares(members, plan, random) : Once(members, plan, seed, epoch, random);
        return new EpochDraw(drawn, plan, ClassHistogram.Count(drawn.Select(i => set.Records[i].Grade!.Value), scale.Count));
    }

    /// <summary>First a class by its share, then an image of it, all alike: the same chances as drawing by each image's own weight.</summary>
    private static int[] ByShares(int[][] members, EpochPlan plan, Random random)
    {
        double[] upTo = new double[members.Length];
        double total = 0;
        for (int c = 0; c < upTo.Length; c++)
            upTo[c] = total += plan.Expected.Counts[c];
        int last = Array.FindLastIndex([.. plan.Expected.Counts], m => m > 0);

        var drawn = new int[plan.Images];
        for (int i = 0; i < drawn.Length; i++)
        {
            double at = random.NextDouble() * total;
            int found = Array.FindIndex(upTo, u => at < u);
            // Rounding may put the draw on the very end.
            int[] of = members[found < 0 ? last : found];
            drawn[i] = of[random.Next(of.Length)];
        }
        return drawn;
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
