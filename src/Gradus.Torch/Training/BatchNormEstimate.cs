using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Loading;
using Gradus.Torch.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// The running statistics of batch norms, worked out anew by one pass over training images: averaged weights make activations that no
/// checkpoint's statistics describe (Izmailov et al. 2018, section 3.2). The pass has no augmentation, and all batches count by their size.
/// </summary>
public static class BatchNormEstimate
{
    /// <summary>Replaces the statistics of the norms that learned in training; those that stood still keep theirs.</summary>
    /// <param name="model">Left in evaluation mode.</param>
    /// <param name="train">Says which norms learned, and the size of batches.</param>
    /// <param name="normalisation">Bytes to input.</param>
    /// <param name="loader">The training images.</param>
    /// <param name="progress">Told of every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <returns>How many norms there were to estimate.</returns>
    public static int Run(GradedClassifier model, TrainSpec train, Normalisation normalisation, BatchLoader loader, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        return Run(model, train.BatchNorm, train.FreezeBackboneEpochs >= train.Epochs, Batches());

        IEnumerable<Tensor> Batches()
        {
            int done = 0, step = 0;
            // Shuffled, since a batch of neighbours in a sorted list looks like no batch of training.
            int[] order = [.. Enumerable.Range(0, loader.Count)];
            RandomStream.Create(train.Seed, "batch norm estimate").Shuffle(order);
            foreach (ByteBatch batch in loader.Load(order, train.Batch))
            {
                using ByteBatch owned = batch;
                using var scope = NewDisposeScope();
                stop.ThrowIfCancellationRequested();
                EngineSeed.Set(train.Seed, step++); // the head's dropout is as in training
                yield return BatchInput.Normalise(BatchInput.ToFloat(batch.Pixels), normalisation);
                done += batch.Positions.Length;
                progress?.Report(new WorkProgress("batch norm", done, loader.Count, "images"));
            }
        }
    }

    /// <summary>Replaces the statistics of norms by those of the batches given.</summary>
    /// <param name="model">Left in evaluation mode.</param>
    /// <param name="norms">Which of the norms learn.</param>
    /// <param name="isBackboneFrozen">Whether those of the backbone stand still all the same.</param>
    /// <param name="batches">(B, 3, H, W) each, normalised; whoever gives them disposes them.</param>
    /// <returns>How many norms there were to estimate.</returns>
    internal static int Run(GradedClassifier model, BatchNormMode norms, bool isBackboneFrozen, IEnumerable<Tensor> batches)
    {
        model.SetTraining(true, norms, isBackboneFrozen);
        Statistics[] learning = [.. model.modules().Where(m => m.training).Select(Statistics.Of).OfType<Statistics>()];
        try
        {
            if (learning.Length == 0)
                return 0;
            using IDisposable noGrad = no_grad();
            int done = 0;
            foreach (Tensor batch in batches)
            {
                using var scope = NewDisposeScope();
                foreach (Statistics norm in learning)
                    norm.Clear();
                model.call(batch);
                foreach (Statistics norm in learning)
                    norm.Add((int)batch.shape[0]);
                done += (int)batch.shape[0];
            }
            foreach (Statistics norm in done > 0 ? learning : [])
                norm.Store(done);
            return learning.Length;
        }
        finally
        {
            foreach (Statistics norm in learning)
                norm.Dispose();
            model.SetTraining(false, BatchNormMode.Frozen);
        }
    }

    /// <summary>One norm's sums. A pass from cleared statistics leaves momentum times the batch's own, whatever the momentum is.</summary>
    private sealed class Statistics(Tensor mean, Tensor variance, double momentum) : IDisposable
    {
        private readonly Tensor _mean = zeros_like(mean, ScalarType.Float64).DetachFromDisposeScope();
        private readonly Tensor _variance = zeros_like(variance, ScalarType.Float64).DetachFromDisposeScope();

        public static Statistics? Of(nn.Module module) => module switch
        {
            BatchNorm2d { running_mean: { } mean, running_var: { } variance, momentum: { } momentum } => new Statistics(mean, variance, momentum),
            BatchNorm1d { running_mean: { } mean, running_var: { } variance, momentum: { } momentum } => new Statistics(mean, variance, momentum),
            _ => null,
        };

        public void Clear()
        {
            mean.zero_();
            variance.zero_();
        }

        public void Add(int images)
        {
            _mean.add_(mean.to(ScalarType.Float64), images / momentum);
            _variance.add_(variance.to(ScalarType.Float64), images / momentum);
        }

        public void Store(int images)
        {
            using var scope = NewDisposeScope();
            mean.copy_(_mean.div(images));
            variance.copy_(_variance.div(images));
        }

        public void Dispose()
        {
            _mean.Dispose();
            _variance.Dispose();
        }
    }
}
