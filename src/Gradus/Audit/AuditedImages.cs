using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;

namespace Gradus.Audit;

/// <summary>An image of the audit with the role of its source and, once probed, its hash.</summary>
internal sealed record AuditedImage(ImageRecord Record, SourceRole Role)
{
    public ImageKey Key => ImageKey.Of(Record);

    public bool IsTest => Role == SourceRole.Test;
}

/// <summary>Opens every image once, in parallel: hashes it and sorts out those that cannot be used.</summary>
internal static class AuditedImages
{
    private const int Reports = 200;

    /// <summary>The usable images with their hashes, in the order given, and findings for the others.</summary>
    public static (ImmutableArray<AuditedImage> Usable, ImmutableArray<UnreadableImage> Unusable, ImmutableArray<AuditFinding> Findings) Probe(
        IReadOnlyList<AuditedImage> images, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var probes = new ImageProbe[images.Count];
        int done = 0;
        int every = Math.Max(1, images.Count / Reports);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        Parallel.For(0, images.Count, options, i =>
        {
            probes[i] = ImageDecoder.Probe(images[i].Record.Location);
            int now = Interlocked.Increment(ref done);
            if (now % every == 0 || now == images.Count)
                progress?.Report(new WorkProgress("audit", now, images.Count, "images"));
        });

        var usable = ImmutableArray.CreateBuilder<AuditedImage>(images.Count);
        var unusable = ImmutableArray.CreateBuilder<UnreadableImage>();
        var findings = ImmutableArray.CreateBuilder<AuditFinding>();
        foreach ((AuditedImage image, ImageProbe probe) in images.Zip(probes))
        {
            if (probe is { Problem: null, Hash: { } hash })
            {
                usable.Add(image with { Record = image.Record with { Hash = hash } });
                continue;
            }
            string problem = probe.Problem?.TrimEnd('.') ?? "it could not be read";
            unusable.Add(new UnreadableImage(image.Key, problem));
            findings.Add(new AuditFinding(FindingKind.UnreadableImage, image.Record.Source, [image.Record.Id], $"'{image.Record.Id}' cannot be used: {problem}. It is left out; replace the file.")
            {
                Where = image.Record.Location.ToString(),
            });
        }
        return (usable.ToImmutable(), unusable.ToImmutable(), findings.ToImmutable());
    }
}
