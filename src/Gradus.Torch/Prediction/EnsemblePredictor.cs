using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>
/// Answers with all checkpoints of an ensemble. Each brings its own preparation and normalisation; an image is decoded once for all that
/// share a recipe. An image that one recipe cannot prepare is left out altogether.
/// </summary>
public static class EnsemblePredictor
{
    private const int BatchSize = 32;

    /// <summary>Scores images by the ensemble's combination; its rules decode them.</summary>
    /// <param name="ensemble">As <see cref="EnsembleFile.Read"/> gives it.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="images">What is asked; ids are unique.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <returns>The set, and how many of its images at least one checkpoint was trained on.</returns>
    /// <exception cref="GradusException">A checkpoint cannot be loaded, has another scale, or gives outputs that are no numbers.</exception>
    public static (PredictionSet Predicted, int SeenInTraining) Predict(
        Ensemble ensemble, Device device, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var loaded = new List<Checkpoint>();
        try
        {
            foreach (EnsembleCheckpoint member in ensemble.Members.SelectMany(m => m.Checkpoints))
                loaded.Add(Load(member, ensemble.Scale, device));
            return Predict(ensemble, loaded, images, progress, stop);
        }
        finally
        {
            loaded.ForEach(c => c.Dispose());
        }
    }

    private static (PredictionSet Predicted, int SeenInTraining) Predict(
        Ensemble ensemble, List<Checkpoint> loaded, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var good = new List<(ImageId Id, ContentHash Hash)>();
        var failed = new List<(ImageId, string)>();
        var notes = new List<(ImageId, string)>();
        var logits = loaded.ConvertAll(_ => new List<float>());
        Recipe[] recipes = [.. loaded.Select(c => c.Info.Recipe).DistinctBy(r => r.Fingerprint)];
        int done = 0;
        foreach ((ImageId Id, ImageLocation Location)[] batch in images.Chunk(BatchSize))
        {
            stop.ThrowIfCancellationRequested();
            Prepared[] prepared = Prepare(recipes, batch, stop);
            failed.AddRange(prepared.Where(p => p.Problem is not null).Select(p => (p.Id, p.Problem!)));
            Prepared[] readable = [.. prepared.Where(p => p.Problem is null)];
            good.AddRange(readable.Select(p => (p.Id, p.Images[0].Hash)));
            notes.AddRange(readable.SelectMany(p => p.Images.SelectMany(i => i.Notes).Distinct().Select(n => (p.Id, n))));
            for (int c = 0; c < loaded.Count && readable.Length > 0; c++)
            {
                int recipe = Array.FindIndex(recipes, r => r.Fingerprint == loaded[c].Info.Recipe.Fingerprint);
                logits[c].AddRange(Forward(loaded[c], [.. readable.Select(p => p.Images[recipe].Image.Pixels)]));
            }
            done += batch.Length;
            progress?.Report(new WorkProgress("predict", done, images.Count, "images"));
        }
        GradedScores[] scores = [.. loaded.Select((c, i) => Link(c.Info, good.Count, [.. logits[i]]))];
        var seen = new HashSet<ContentHash>(loaded.SelectMany(c => good.Select(g => g.Hash).Where(h => c.Info.TrainedOn.Seen([h]) > 0)));
        var set = new PredictionSet([.. good.Select(g => g.Id)], [.. good.Select(g => g.Hash)], Combine(ensemble, scores, good.Count), [.. failed], [.. notes]);
        return (set, good.Count(g => seen.Contains(g.Hash)));
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

    private static Checkpoint Load(EnsembleCheckpoint member, GradeScale scale, Device device)
    {
        var checkpoint = Checkpoint.Load(member.Path, device);
        if (checkpoint.Info.Scale.Names.SequenceEqual(scale.Names))
            return checkpoint;
        using (checkpoint)
            throw new GradusException("has another scale than the ensemble", member.Path, $"[{string.Join(", ", checkpoint.Info.Scale.Names)}]", "Fit the ensemble again with gradus ensemble", Fault.Request);
    }

    private static GradedScores Link(CheckpointInfo info, int images, float[] logits) => Array.TrueForAll(logits, float.IsFinite)
        ? info.Target.Link(new Logits(images, info.Target.OutputCount(info.Scale), logits))
        : throw new GradusException($"the network of {info.Run}, epoch {info.Epoch}, gives outputs that are no numbers", remedy: "Its training diverged; make the ensemble without it");

    private static float[] Forward(Checkpoint checkpoint, byte[][] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        int size = checkpoint.Info.Recipe.Size, bytes = size * size * 3;
        Tensor pixels = empty([images.Length, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < images.Length; i++)
            images[i].CopyTo(pixels.bytes.Slice(i * bytes, bytes));
        Tensor input = BatchInput.Normalise(BatchInput.ToFloat(pixels.to(checkpoint.Device)), checkpoint.Info.Normalisation);
        return [.. checkpoint.Model.call(input).cpu().contiguous().data<float>()]; // (B, M)
    }

    private static Prepared[] Prepare(Recipe[] recipes, (ImageId Id, ImageLocation Location)[] images, CancellationToken stop)
    {
        var prepared = new Prepared[images.Length];
        Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i =>
        {
            try
            {
                prepared[i] = new Prepared(images[i].Id, [.. recipes.Select(r => ImageDecoder.Prepare(r, images[i].Location))], null);
            }
            catch (GradusException e)
            {
                prepared[i] = new Prepared(images[i].Id, [], e.Message);
            }
        });
        return prepared;
    }

    private readonly record struct Prepared(ImageId Id, ImmutableArray<PreparedImage> Images, string? Problem);
}
