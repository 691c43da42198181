using Gradus.Splitting;

namespace Gradus.Sampling;

/// <summary>What the weights of a training set's images lead one to expect of a draw.</summary>
/// <param name="Masses">(K) the weights of each grade's images, added.</param>
/// <param name="Mean">The mean weight of a drawn image, sum w^2 / sum w.</param>
/// <param name="Least">The smallest weight.</param>
/// <param name="Largest">The largest.</param>
public sealed record ImageWeighing(ClassHistogram Masses, double Mean, double Least, double Largest)
{
    /// <summary>Of a set; null where its images have no weights.</summary>
    public static ImageWeighing? Of(TrainingSet set, int grades)
    {
        if (set.Weights is not { } weights)
            return null;
        double[] masses = new double[grades];
        for (int i = 0; i < weights.Length; i++)
            masses[set.Records[i].Grade!.Value] += weights[i];
        return new ImageWeighing(new ClassHistogram([.. masses]), weights.Sum(w => w * w) / weights.Sum(), weights.Min(), weights.Max());
    }
}
