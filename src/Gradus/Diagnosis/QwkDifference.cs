using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;

namespace Gradus.Diagnosis;

/// <summary>How validation QWK at default thresholds differs between two epochs, and how far chance in the choice of images could move the difference.</summary>
/// <param name="From">The earlier epoch.</param>
/// <param name="To">The later epoch.</param>
/// <param name="Value">QWK of the later minus that of the earlier.</param>
/// <param name="Low">Lower end of its 95 % bootstrap interval; both epochs grade the same drawn images, so what they share cancels out.</param>
/// <param name="High">Upper end of it.</param>
public sealed record QwkDifference(int From, int To, double Value, double Low, double High)
{
    /// <summary>Whether the images cannot tell the two epochs apart.</summary>
    public bool IsNoise => Low <= 0 && High >= 0;

    /// <summary>The differences between neighbouring epochs whose scores are there and are of the same images.</summary>
    public static ImmutableArray<QwkDifference> BetweenNeighbours(IReadOnlyDictionary<int, ScoredImages> validation, Experiment experiment)
    {
        int[] epochs = [.. validation.Keys.Order()];
        return [.. epochs.Zip(epochs.Skip(1)).Where(p => validation[p.First].Hashes.SequenceEqual(validation[p.Second].Hashes)).Select(p => Between(p.First, p.Second, validation, experiment))];
    }

    /// <summary>The difference between any two epochs of the same images.</summary>
    public static QwkDifference Between(int from, int to, IReadOnlyDictionary<int, ScoredImages> validation, Experiment experiment)
    {
        DecodingRule usual = experiment.Target.DefaultRule(experiment.Scale);
        (double value, ConfidenceInterval interval) = PairedDifference.Of(
            validation[from].Truth!, usual.Grades(validation[from].Scores), usual.Grades(validation[to].Scores), experiment.Scale.Count, Kappa.Quadratic, RandomStream.Create(experiment.Train.Seed, "difference of epochs", from, to));
        return new QwkDifference(from, to, value, interval.Low, interval.High);
    }
}
