using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Splitting;

namespace Gradus.Sampling;

/// <summary>Draws the images of an epoch from a training set. A validation set is another type and cannot be drawn from.</summary>
public static class EpochSampler
{
    /// <summary>
    /// Without class weights every image once, shuffled; with them N draws with replacement, an image's chance in proportion to
    /// its grade's weight. A pure function of its arguments: a resumed run draws what an uninterrupted one would have.
    /// </summary>
    /// <param name="set">The training set, N images.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="spec">Class weights, (K), or none.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">Counted from 1; every epoch draws anew.</param>
    /// <exception cref="GradusException">Not K weights, a negative one, or none above zero for a grade with images.</exception>
    public static EpochDraw Draw(TrainingSet set, GradeScale scale, SamplingSpec spec, long seed, int epoch)
    {
        Random random = RandomStream.Create(seed, "sampling", epoch);
        ClassHistogram available = ClassHistogram.Count(set.Records.Select(r => r.Grade!.Value), scale.Count);
        if (spec.ClassWeights is not { } weights)
        {
            int[] shuffled = [.. Enumerable.Range(0, set.Count)];
            random.Shuffle(shuffled);
            return new EpochDraw(shuffled, available, Realised(set, shuffled, scale)) { WithReplacement = false };
        }

        double[] mass = Mass(weights, available, scale);
        double total = mass.Sum();
        int[] drawn = Weighted(set.Records, mass, random);
        return new EpochDraw(drawn, new ClassHistogram([.. mass.Select(m => m / total * set.Count)]), Realised(set, drawn, scale))
        {
            WithReplacement = true,
            Notes = [.. scale.Names.Index().Where(n => weights[n.Index] > 0 && available.Counts[n.Index] == 0)
                .Select(n => $"class_weights: grade {n.Index} ({n.Item}) has the weight {weights[n.Index]} and no training image.")],
        };
    }

    /// <summary>Each class's share of the draws before normalisation: its weight times its images, (K).</summary>
    private static double[] Mass(ImmutableArray<double> weights, ClassHistogram available, GradeScale scale)
    {
        if (weights.Length != scale.Count)
            throw Wrong($"there is one class weight for each of the {scale.Count} grades", $"{weights.Length}");
        if (weights.FirstOrDefault(w => !double.IsFinite(w) || w < 0, 0) is var bad && bad != 0)
            throw Wrong("a class weight is 0 or more", $"{bad}");
        // Divided by the largest, so that huge weights cannot overflow the sum.
        double largest = weights.Max();
        double[] mass = [.. weights.Zip(available.Counts, (w, n) => largest == 0 ? 0 : w / largest * n)];
        return mass.Sum() > 0 ? mass : throw Wrong("at least one grade with images has a class weight above 0", string.Join(", ", weights));
    }

    /// <summary>First a class by its share, then an image of it, all alike: the same chances as drawing by each image's own weight.</summary>
    private static int[] Weighted(ImmutableArray<ImageRecord> records, double[] mass, Random random)
    {
        int[][] members = [.. Enumerable.Range(0, mass.Length).Select(c => Enumerable.Range(0, records.Length).Where(i => records[i].Grade == c).ToArray())];
        double[] upTo = new double[mass.Length];
        double total = 0;
        for (int c = 0; c < mass.Length; c++)
            upTo[c] = total += mass[c];
        int last = Array.FindLastIndex(mass, m => m > 0);

        var drawn = new int[records.Length];
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

    private static ClassHistogram Realised(TrainingSet set, int[] indices, GradeScale scale) => ClassHistogram.Count(indices.Select(i => set.Records[i].Grade!.Value), scale.Count);

    private static GradusException Wrong(string problem, string found) => new(problem, "sampling", found, "Correct 'class_weights'", Fault.Request);
}
