using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Torch.Loading;
using Gradus.Torch.Losses;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>Logits of a set in the order of its records, and the mean loss over it.</summary>
/// <param name="Logits">(N, M).</param>
/// <param name="Loss">Mean over the images; not a number where the set has no grades.</param>
public sealed record Evaluation(Logits Logits, double Loss);

/// <summary>Runs a network over a cached set, without augmentation and without a graph.</summary>
public static class Evaluator
{
    /// <summary>The logits and loss of every image that <paramref name="loader"/> holds.</summary>
    public static Evaluation Evaluate(
        GradedClassifier model, Target target, Normalisation normalisation, BatchLoader loader, int batchSize, string stage, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        model.SetTraining(false, Experiments.BatchNormMode.Frozen);
        using IDisposable inference = inference_mode();
        int count = loader.Count;
        float[]? values = null;
        int columns = 0, done = 0;
        double lossSum = 0;
        foreach (ByteBatch batch in loader.Load([.. Enumerable.Range(0, count)], batchSize))
        {
            using (batch)
            using (NewDisposeScope())
            {
                stop.ThrowIfCancellationRequested();
                Tensor logits = model.call(BatchInput.Normalise(BatchInput.ToFloat(batch.Pixels), normalisation)); // (B, M)
                lossSum += TargetLoss.Compute(target, logits, batch.Grades).item<float>() * batch.Positions.Length;
                float[] rows = [.. logits.cpu().contiguous().data<float>()];
                columns = (int)logits.shape[1];
                values ??= new float[count * columns];
                for (int i = 0; i < batch.Positions.Length; i++)
                    rows.AsSpan(i * columns, columns).CopyTo(values.AsSpan(batch.Positions[i] * columns));
                done += batch.Positions.Length;
                progress?.Report(new WorkProgress(stage, done, count, "images"));
            }
        }
        return new Evaluation(new Logits(count, columns, values ?? []), lossSum / count);
    }
}
