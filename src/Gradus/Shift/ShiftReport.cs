using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Splitting;

namespace Gradus.Shift;

/// <summary>How the test set of an experiment differs from what it trains on, and what that does to predictions.</summary>
public sealed record ShiftReport
{
    /// <summary>Images of a side that are compared by their features; more would only take longer.</summary>
    public const int MostCompared = 2000;

    /// <summary>The grades.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>Run and epoch of the checkpoint; null without one.</summary>
    public required string? Checkpoint { get; init; }

    /// <summary>Each source with grades.</summary>
    public required ImmutableArray<SourceShares> Sources { get; init; }

    /// <summary>The labelled images of main and validation sources.</summary>
    public required ImmutableArray<ImageProperties> Training { get; init; }

    /// <summary>The external images.</summary>
    public required ImmutableArray<ImageProperties> External { get; init; }

    /// <summary>The test images.</summary>
    public required ImmutableArray<ImageProperties> Test { get; init; }

    /// <summary>Test against training, a property each.</summary>
    public required ImmutableArray<PropertyDrift> Properties { get; init; }

    /// <summary>External against training; empty without external images.</summary>
    public required ImmutableArray<PropertyDrift> ExternalProperties { get; init; }

    /// <summary>Null where a side has too few images.</summary>
    public required AdversarialValidation? Adversarial { get; init; }

    /// <summary>Null without a checkpoint.</summary>
    public required LabelShift? Labels { get; init; }

    /// <summary>Null without a checkpoint.</summary>
    public required ThresholdShift? Thresholds { get; init; }

    /// <summary>(K) the test images' true grades, where all of them are known; no estimate has looked at them.</summary>
    public required ImmutableArray<int>? Truth { get; init; }

    /// <summary>What follows, in words.</summary>
    public ImmutableArray<ShiftVerdict> Verdicts => ShiftWords.Verdicts(this);

    /// <summary>The properties that reach the network and whose drift the grades do not explain.</summary>
    public ImmutableArray<PropertyDrift> DriftedAppearance => [.. Properties.Where(p => p.Drifted && p.Property.IsAppearance).OrderByDescending(p => p.Decisive.Distance)];

    /// <summary>True where the images look different, by their properties or to the classifier; without an estimate, other grades may be the reason.</summary>
    public bool ImagesDrifted => !DriftedAppearance.IsEmpty || Adversarial?.Decisive.Low > AdversarialValidation.Apart;

    /// <summary>Measures and compares. Called from a task, all of the measuring runs in that task's scheduler.</summary>
    /// <param name="experiment">Must have a test set.</param>
    /// <param name="audit">Of the same experiment.</param>
    /// <param name="checkpoint">Its scores; null compares without estimating.</param>
    /// <param name="features">Features of labelled images that the network has not learnt, and of test images; null takes hand-made ones.</param>
    /// <param name="progress">Where to tell how far it is.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="GradusException">No test images, or no labelled ones.</exception>
    public static ShiftReport Create(
        Experiment experiment, AuditReport audit, CheckpointScores? checkpoint, (ImageFeatures Labelled, ImageFeatures Test)? features, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ImmutableArray<ImageRecord> labelled = [.. audit.Main, .. audit.Validation];
        if (audit.Test.IsEmpty || labelled.IsEmpty)
            throw new GradusException($"there are no usable {(labelled.IsEmpty ? "labelled" : "test")} images to compare", remedy: "gradus audit says why", fault: Fault.Request);
        long seed = experiment.Train.Seed;
        LookupOf measured = new(ImageProperties.MeasureAll([.. labelled, .. audit.External, .. audit.Test], progress, ct));
        var training = measured.Of(labelled);
        var test = measured.Of(audit.Test);
        var external = measured.Of(audit.External);

        int[] truth = [.. (checkpoint?.ValidationImages ?? []).Select(r => r.Grade!.Value)];
        LabelShift? labels = checkpoint is null ? null : LabelShift.Estimate(experiment.Scale, checkpoint.Validation, truth, checkpoint.Test, seed, ct: ct);
        (ImageFeatures known, ImageFeatures unknown) = features ?? (ImageFeatures.Of([.. Sample(training, seed)]), ImageFeatures.Of([.. Sample(test, seed)]));
        SamePicture[] alike = DataPartition.Alike(audit);
        var report = new ShiftReport
        {
            Scale = experiment.Scale,
            Checkpoint = checkpoint?.Name,
            Sources = SourcesOf(experiment, audit),
            Training = [.. training.Select(m => m.Properties)],
            External = [.. external.Select(m => m.Properties)],
            Test = [.. test.Select(m => m.Properties)],
            Properties = [],
            ExternalProperties = external.IsEmpty ? [] : PropertyDrift.Compare([.. training.Select(m => m.Properties)], null, [.. external.Select(m => m.Properties)]),
            Adversarial = null,
            Labels = labels,
            Thresholds = labels is null || checkpoint is null ? null : ThresholdShift.Create(
                checkpoint.Target, experiment.Scale, (checkpoint.DefaultRule, checkpoint.TunedRule), experiment.Thresholds, checkpoint.Validation, truth, checkpoint.Test, labels.Em.Distribution),
            Truth = audit.Test.All(r => r.Grade is not null) ? [.. Counts(audit.Test, experiment.Scale)] : null,
        };
        // An estimate of the grades is put to the test: if only the grades' shares changed, images weighted to it look alike. One that fails weighs nothing.
        ShiftReport plain = Compared(null);
        if (labels?.Em.Trusted != true)
            return plain.ImagesDrifted ? plain.Doubted("the images drifted") : plain;
        ShiftReport weighted = Compared(labels.Em.Distribution);
        return weighted.ImagesDrifted ? plain.Doubted("weighted to the estimated grades, the labelled images do not look like the test images") : weighted;

        ShiftReport Compared(ImmutableArray<double>? estimated) => report with
        {
            Properties = PropertyDrift.Compare(report.Training, Weights([.. training.Select(m => m.Image)], estimated), report.Test),
            Adversarial = AdversarialValidation.Run(known, unknown, Weights(known.Images, estimated), alike, seed),
        };

        double[]? Weights(ImmutableArray<ImageRecord> images, ImmutableArray<double>? estimated) =>
            estimated is { } shares ? LabelShift.Weights(shares, SourceShares.Of(Counts(images, experiment.Scale)), images.Select(r => r.Grade!.Value)) : null;
    }

    /// <summary>At most <see cref="MostCompared"/> of the images, the same ones for the same seed.</summary>
    public static ImmutableArray<T> Sample<T>(ImmutableArray<T> images, long seed)
    {
        if (images.Length <= MostCompared)
            return images;
        int[] order = [.. Enumerable.Range(0, images.Length)];
        RandomStream.Create(seed, "shift sample").Shuffle(order);
        return [.. order.Take(MostCompared).Order().Select(i => images[i])];
    }

    // Both estimates take it for granted that images of a grade look alike in both sets. Where they do not, no number can be relied on.
    private ShiftReport Doubted(string doubt) => Labels is { } labels ? this with { Labels = labels with { Bbse = labels.Bbse.Doubted([doubt]), Em = labels.Em.Doubted([doubt]) } } : this;

    private static ImmutableArray<SourceShares> SourcesOf(Experiment experiment, AuditReport audit)
    {
        SourceSpec[] specs = [.. experiment.Sources, .. experiment.Test is { } test ? (SourceSpec[])[test] : []];
        string main = experiment.Sources.First(s => s.Role == SourceRole.Main).Name;
        ImmutableArray<double> usual = SourceShares.Of(audit.ClassCounts.FirstOrDefault(c => c.Source == main).Counts is { IsDefault: false } counts ? counts : []);
        return
        [
            .. audit.ClassCounts.Select(c => new SourceShares(c.Source, specs.FirstOrDefault(s => s.Name == c.Source)?.Role ?? SourceRole.Test, c.Counts, SourceShares.Of(c.Counts).Zip(usual, (a, b) => Math.Abs(a - b)).Sum())),
        ];
    }

    private static int[] Counts(IEnumerable<ImageRecord> images, GradeScale scale)
    {
        var counts = new int[scale.Count];
        foreach (ImageRecord image in images)
            counts[image.Grade!.Value]++;
        return counts;
    }

    private sealed class LookupOf(ImmutableArray<(ImageRecord Image, ImageProperties Properties)> measured)
    {
        private readonly Dictionary<ImageKey, ImageProperties> _byKey = measured.ToDictionary(m => ImageKey.Of(m.Image), m => m.Properties);

        public ImmutableArray<(ImageRecord Image, ImageProperties Properties)> Of(ImmutableArray<ImageRecord> images) =>
            [.. images.Where(r => _byKey.ContainsKey(ImageKey.Of(r))).Select(r => (r, _byKey[ImageKey.Of(r)]))];
    }
}
