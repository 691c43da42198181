using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>
/// Answers for images with a checkpoint and nothing else. There is no way to give it a recipe, a normalisation or thresholds: they
/// are the checkpoint's (ledger, rows 1, 2 and 18).
/// </summary>
public static class Predictor
{
    private const long MostBytesPrepared = 1L << 30; // in memory at a time while several checkpoints look at the same images

    /// <summary>Prepares and scores every image; unreadable ones are listed, not fatal.</summary>
    /// <param name="checkpoint">What answers.</param>
    /// <param name="images">What is asked; ids are unique.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <param name="augmentation">Which views of each image are scored; null for the image alone.</param>
    /// <exception cref="GradusException">The outputs are no numbers, or the average does not suit the checkpoint's target.</exception>
    public static PredictionSet Predict(
        Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop, TestTimeAugmentation? augmentation = null)
    {
        CheckAverage(checkpoint.Info, augmentation);
        var collector = new ScoreCollector(checkpoint.Info, augmentation ?? TestTimeAugmentation.None);
        int done = 0;
        foreach (Prepared[] batch in Preparation.Batches(checkpoint.Info.Recipe, images, stop))
        {
            collector.Add(checkpoint, batch);
            done += batch.Length;
            progress?.Report(new WorkProgress("predict", done, images.Count, "images"));
        }
        return collector.Finish();
    }

    /// <summary>
    /// Scores the same images with one checkpoint after the other. Images are decoded and prepared once for all checkpoints of one
    /// recipe, as many at a time as fit into a gigabyte.
    /// </summary>
    /// <param name="checkpoints">Files, in the order of the result.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="images">What is asked; ids are unique.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <param name="augmentation">Which views of each image are scored; null for the image alone.</param>
    /// <returns>For each checkpoint its description and what it says.</returns>
    /// <exception cref="GradusException">A file is no checkpoint, two have different scales, outputs are no numbers, or the average does not suit a target.</exception>
    public static ImmutableArray<SweptCheckpoint> Sweep(
        IReadOnlyList<string> checkpoints, Device device, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop, TestTimeAugmentation? augmentation = null)
    {
        CheckpointInfo[] infos = [.. checkpoints.Select(Checkpoint.ReadInfo)];
        CheckScales(checkpoints, infos);
        foreach (CheckpointInfo info in infos)
            CheckAverage(info, augmentation);
        ScoreCollector[] collectors = [.. infos.Select(info => new ScoreCollector(info, augmentation ?? TestTimeAugmentation.None))];
        long done = 0, all = (long)checkpoints.Count * images.Count;
        foreach (IGrouping<string, int> same in Enumerable.Range(0, infos.Length).GroupBy(i => infos[i].Recipe.Fingerprint))
        {
            Imaging.Recipe recipe = infos[same.First()].Recipe;
            int fitting = (int)Math.Clamp(MostBytesPrepared / (3L * recipe.Size * recipe.Size), Preparation.BatchSize, int.MaxValue);
            foreach ((ImageId, ImageLocation)[] part in images.Chunk(fitting - fitting % Preparation.BatchSize))
            {
                Prepared[][] prepared = [.. Preparation.Batches(recipe, part, stop)];
                foreach (int c in same)
                {
                    using Checkpoint checkpoint = Checkpoint.Load(checkpoints[c], device);
                    foreach (Prepared[] batch in prepared)
                    {
                        stop.ThrowIfCancellationRequested();
                        collectors[c].Add(checkpoint, batch);
                        done += batch.Length;
                        progress?.Report(new WorkProgress($"epoch {infos[c].Epoch}", done, all, "images"));
                    }
                }
            }
        }
        return [.. checkpoints.Select((path, i) => new SweptCheckpoint(path, infos[i], collectors[i].Finish()))];
    }

    private static void CheckScales(IReadOnlyList<string> paths, CheckpointInfo[] infos)
    {
        for (int i = 1; i < infos.Length; i++)
        {
            if (!infos[i].Scale.Names.SequenceEqual(infos[0].Scale.Names))
                throw new GradusException($"has another scale than {paths[0]}, so their grades cannot be compared", paths[i], $"[{string.Join(", ", infos[i].Scale.Names)}]", "Predict with one after the other", Fault.Request);
        }
    }

    // Classes compete within an image; a rank among images says nothing of that.
    private static void CheckAverage(CheckpointInfo info, TestTimeAugmentation? augmentation)
    {
        if (augmentation is { Average: ViewAverage.Ranks } && info.Target is Grading.ClassTarget)
            throw new GradusException("ranks need scores that order the images, and cross_entropy has one for each class", found: $"{info.Run}, epoch {info.Epoch}", remedy: "Average probabilities or logits", fault: Fault.Request);
    }
}

/// <summary>What one of several checkpoints says of the same images.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Info">Its description.</param>
/// <param name="Predicted">Its scores.</param>
public sealed record SweptCheckpoint(string Path, CheckpointInfo Info, PredictionSet Predicted);
