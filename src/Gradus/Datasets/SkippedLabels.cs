using Gradus.Audit;
using Gradus.Experiments;

namespace Gradus.Datasets;

/// <summary>Counts the images that a source's mapping leaves out: one finding a label, since leaving them out was asked for.</summary>
internal sealed class SkippedLabels(SourceSpec source)
{
    private readonly OrderedDictionary<string, List<ImageId>> _images = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The findings, in the order in which the labels were met.</summary>
    public IEnumerable<AuditFinding> Findings => _images.Select(p => new AuditFinding(FindingKind.SkippedGrade, source.Name, [.. p.Value],
        $"{p.Value.Count} image{(p.Value.Count == 1 ? "" : "s")} of '{source.Name}' graded '{p.Key}' {(p.Value.Count == 1 ? "is" : "are")} left out, as its mapping says: {AuditFinding.Few(p.Value)}. Nothing needs doing."));

    /// <summary>Notes an image.</summary>
    public void Add(string label, ImageId id)
    {
        if (!_images.TryGetValue(label, out List<ImageId>? ids))
            _images.Add(label, ids = []);
        ids.Add(id);
    }
}
