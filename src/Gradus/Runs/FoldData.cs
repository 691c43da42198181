using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Splitting;

namespace Gradus.Runs;

/// <summary>The data of every fold of an experiment, audited and prepared once.</summary>
public sealed class FoldData : IDisposable
{
    private readonly ImageCache _cache;

    private FoldData(ImageCache cache, ImmutableArray<(Experiment, RunData)> folds) => (_cache, Folds) = (cache, folds);

    /// <summary>For each fold the experiment in which it validates, and its data; they belong to this object.</summary>
    public ImmutableArray<(Experiment Experiment, RunData Data)> Folds { get; }

    /// <summary>SHA-256 over all that decides what is trained on what, but neither the fold nor where to compute.</summary>
    public string Fingerprint
    {
        get
        {
            Experiment first = Folds[0].Experiment;
            return GradusJson.Fingerprint(new { experiment = first with { Train = first.Train with { Device = "auto" } }, data = Folds.Select(f => f.Data.Partition.Fingerprint) });
        }
    }

    /// <summary>Does audit, split and prepare for all folds, as far as they are not done already.</summary>
    /// <exception cref="GradusException">There is no split, the experiment asks for what the data cannot give, or an image cannot be prepared.</exception>
    public static FoldData Load(Experiment experiment, string cacheRoot, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        SplitSpec split = experiment.Split ?? throw new GradusException("there are no folds where the validation images are a source of their own", remedy: "Leave --fold out", fault: Fault.Request);
        AuditReport audit = Auditor.Run(experiment, progress, stop);
        Experiment[] experiments = [.. Enumerable.Range(0, split.Folds).Select(f => experiment with { Split = split with { Fold = f } })];
        var partitions = new DataPartition[experiments.Length];
        for (int f = 0; f < partitions.Length; f++)
            partitions[f] = DataPartition.Create(experiments[f], audit, f == 0 ? null : partitions[0].Plan);
        ImageRecord[] images = [.. partitions.SelectMany(p => p.Training.Records.Concat(p.Validation.Records)).DistinctBy(ImageKey.Of)];
        ImageCache cache = ImageCache.Open(cacheRoot, experiment.Recipe);
        try
        {
            PrepareReport prepared = cache.Fill(images, progress, stop);
            prepared.RequireAll();
            return new FoldData(cache, [.. experiments.Select((e, f) => (e, new RunData(audit, partitions[f], cache, prepared)))]);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}
