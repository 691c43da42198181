using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Experiments;
using Gradus.Imaging;

namespace Gradus.Audit;

/// <summary>An image of the audit with the role of its source and, once probed, its hash and fingerprint.</summary>
internal sealed record AuditedImage(ImageRecord Record, SourceRole Role)
{
    /// <summary>One object for all images of the same bytes; null before it is probed.</summary>
    public Fingerprint? Fingerprint { get; init; }

    /// <summary>What a person decided about it; null where nobody did.</summary>
    public ImageDecision? Decision { get; init; }

    public ImageKey Key => ImageKey.Of(Record);

    public bool IsDropped => Decision is { Kind: DecisionKind.Drop };

    /// <summary>The grade it has once the decision is heard.</summary>
    public int? Grade => Decision?.Grade ?? Record.Grade;

    public bool IsTest => Role == SourceRole.Test;

    /// <summary>True where a model gave the grade.</summary>
    public bool IsPseudo => Role == SourceRole.Pseudo;
}

/// <summary>Opens every image once, in parallel: hashes it, takes its fingerprint and sorts out those that cannot be used.</summary>
internal static class AuditedImages
{
    private const int Reports = 200;

    /// <summary>The usable images with their hashes and fingerprints, in the order given, and findings for the others.</summary>
    public static (ImmutableArray<AuditedImage> Usable, ImmutableArray<UnreadableImage> Unusable, ImmutableArray<AuditFinding> Findings) Probe(
        IReadOnlyList<AuditedImage> images, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        // Equal bytes decode alike, well or badly: they are decoded once, and their memory is that of one.
        var fingerprints = new ConcurrentDictionary<ContentHash, Lazy<Fingerprint>>();
        var probes = new ImageProbe[images.Count];
        int done = 0;
        int every = Math.Max(1, images.Count / Reports);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct, TaskScheduler = TaskScheduler.Current };
        Parallel.For(0, images.Count, options, i =>
        {
            probes[i] = ImageDecoder.Inspect(
                images[i].Record.Location, (hash, image) => _ = fingerprints.GetOrAdd(hash, _ => new Lazy<Fingerprint>(() => Fingerprint.Of(image))).Value);
            int now = Interlocked.Increment(ref done);
            if (now % every == 0 || now == images.Count)
                progress?.Report(new WorkProgress("audit", now, images.Count, "images"));
        });

        var usable = ImmutableArray.CreateBuilder<AuditedImage>(images.Count);
        var unusable = ImmutableArray.CreateBuilder<UnreadableImage>();
        var findings = ImmutableArray.CreateBuilder<AuditFinding>();
        var tiny = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((AuditedImage image, ImageProbe probe) in images.Zip(probes))
        {
            if (probe.Problem is null && Math.Min(probe.Width, probe.Height) < Fingerprint.SmallestSide)
                tiny[image.Record.Source] = tiny.GetValueOrDefault(image.Record.Source) + 1;
            if (probe is { Problem: null, Hash: { } hash })
            {
                if (probe.Remark is { } remark)
                {
                    findings.Add(new AuditFinding(FindingKind.LargerPage, image.Record.Source, [image.Record.Id],
                        $"'{image.Record.Id}': {remark}. Save the page that is meant as a file of its own if it is not the first.")
                    {
                        Where = image.Record.Location.ToString(),
                    });
                }
                usable.Add(image with { Record = image.Record with { Hash = hash }, Fingerprint = fingerprints[hash].Value });
                continue;
            }
            string problem = probe.Problem?.TrimEnd('.') ?? "it could not be read";
            unusable.Add(new UnreadableImage(image.Key, problem));
            findings.Add(new AuditFinding(FindingKind.UnreadableImage, image.Record.Source, [image.Record.Id], $"'{image.Record.Id}' cannot be used: {problem}. It is left out; replace the file.")
            {
                Where = image.Record.Location.ToString(),
            });
        }
        foreach ((string source, int count) in tiny)
        {
            findings.Add(new AuditFinding(FindingKind.TooSmallToCompare, source, [], $"{count} image{(count == 1 ? "" : "s")} of '{source}' {(count == 1 ? "is" : "are")} smaller than {Fingerprint.SmallestSide} pixels a side. " +
                "Identical ones are found, near duplicates among them are not; audit larger ones if there are any."));
        }
        return (usable.ToImmutable(), unusable.ToImmutable(), findings.ToImmutable());
    }
}
