using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Splitting;

namespace Gradus.Runs;

/// <summary>The data of a run, ready to train on: audited, divided, prepared.</summary>
/// <param name="Audit">What was found.</param>
/// <param name="Partition">Training, validation, test.</param>
/// <param name="Cache">Holds every image of training and validation.</param>
/// <param name="Prepared">What filling the cache took.</param>
public sealed record RunData(AuditReport Audit, DataPartition Partition, ImageCache Cache, PrepareReport Prepared) : IDisposable
{
    /// <summary>Does audit, split and prepare, as far as they are not done already.</summary>
    /// <exception cref="GradusException">The experiment asks for what the data cannot give, or an image cannot be prepared.</exception>
    public static RunData Load(Experiment experiment, string cacheRoot, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        AuditReport audit = Auditor.Run(experiment, progress, stop);
        DataPartition partition = DataPartition.Create(experiment, audit);
        ImageCache cache = ImageCache.Open(cacheRoot, experiment.Recipe);
        try
        {
            PrepareReport prepared = cache.Fill([.. partition.Training.Records, .. partition.Validation.Records], progress, stop);
            prepared.RequireAll();
            return new RunData(audit, partition, cache, prepared);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}
