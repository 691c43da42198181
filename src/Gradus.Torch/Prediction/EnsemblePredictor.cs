using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Grading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>
/// Answers with all checkpoints of an ensemble. Each brings its own preparation and normalisation; an image is decoded once for all that
/// share a recipe. An image that one recipe cannot prepare is left out altogether.
/// </summary>
public static class EnsemblePredictor
{
    /// <summary>Scores images by the ensemble's combination; its rules decode them.</summary>
    /// <param name="ensemble">As <see cref="EnsembleFile.Read"/> gives it.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="images">What is asked; ids are unique.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <param name="augmentation">Which views of each image every checkpoint scores; null for the image alone.</param>
    /// <returns>The set, and how many of its images at least one checkpoint was trained on; the spread of an image is the mean of the checkpoints'.</returns>
    /// <exception cref="GradusException">A checkpoint cannot be loaded, has another scale, or gives outputs that are no numbers.</exception>
    public static (PredictionSet Predicted, int SeenInTraining) Predict(
        Ensemble ensemble, Device device, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop, TestTimeAugmentation? augmentation = null)
    {
        SweptCheckpoint[] swept = [.. Predictor.Sweep([.. ensemble.Members.SelectMany(m => m.Checkpoints).Select(c => c.Path)], device, images, progress, stop, augmentation)];
        if (swept.FirstOrDefault(s => !s.Info.Scale.Names.SequenceEqual(ensemble.Scale.Names)) is { } other)
            throw new GradusException("has another scale than the ensemble", other.Path, $"[{string.Join(", ", other.Info.Scale.Names)}]", "Fit the ensemble again with gradus ensemble", Fault.Request);

        // One recipe may fail on an image that another prepares.
        HashSet<ImageId> failed = [.. swept.SelectMany(s => s.Predicted.Failed).Select(f => f.Id)];
        int[][] rows = [.. swept.Select(s => s.Predicted.Ids.Index().Where(r => !failed.Contains(r.Item)).Select(r => r.Index).ToArray())];
        ImmutableArray<ImageId> ids = [.. rows[0].Select(r => swept[0].Predicted.Ids[r])];
        ImmutableArray<ContentHash> hashes = [.. rows[0].Select(r => swept[0].Predicted.Hashes[r])];
        GradedScores[] scores = [.. swept.Select((s, c) => s.Predicted.Scores.At(rows[c]))];
        var set = new PredictionSet(
            ids, hashes, Combine(ensemble, scores, ids.Length),
            [.. swept.SelectMany(s => s.Predicted.Failed).DistinctBy(f => f.Id)],
            [.. swept.SelectMany(s => s.Predicted.Notes).Distinct().Where(n => !failed.Contains(n.Id))])
        {
            Spread = swept[0].Predicted.Spread.IsEmpty ? [] : [.. ids.Select((_, i) => swept.Index().Average(s => s.Item.Predicted.Spread[rows[s.Index][i]]))],
        };
        return (set, hashes.Count(hash => swept.Any(s => s.Info.TrainedOn.Seen([hash]) > 0)));
    }

    /// <summary>The members' scores as one; each member's is the mean of its checkpoints'.</summary>
    internal static GradedScores Combine(Ensemble ensemble, IReadOnlyList<GradedScores> checkpoints, int images)
    {
        int grades = ensemble.Scale.Count, at = 0;
        // Ranks say nothing of single grades, and regression has no probabilities.
        bool probable = ensemble.Combination.Method != EnsembleMethod.RankMean && checkpoints.All(s => s.Probabilities is not null);
        var members = new List<double[]>();
        var probabilities = new double[probable ? images * grades : 0];
        foreach ((int m, EnsembleMember member) in ensemble.Members.Index())
        {
            GradedScores[] own = [.. checkpoints.Skip(at).Take(member.Checkpoints.Length)];
            at += own.Length;
            members.Add([.. Enumerable.Range(0, images).Select(i => own.Average(s => s.Score[i]))]);
            for (int i = 0; i < probabilities.Length; i++)
                probabilities[i] += ensemble.Combination.Weights[m] * own.Average(s => s.Probabilities![i]);
        }
        double[] score = ensemble.Combination.Combine(members);
        return new GradedScores(images, 1, [.. score.Select(s => (float)s)], score, probable ? probabilities : null);
    }
}
