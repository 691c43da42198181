using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>
/// Reads a folder with a folder a grade. An id is the path below the folder without its extension, with '/'. Images directly in
/// the folder have no grade: a test set takes them, any other source lists them.
/// </summary>
internal sealed class FolderDatasetReader(FolderSource source, GradeScale scale)
{
    private readonly GradeReading _grades = new(scale, source.Scale);
    private readonly SkippedLabels _skipped = new(source);
    private readonly Dictionary<ImageId, ImageRecord> _records = [];
    private readonly List<AuditFinding> _findings = [];
    private readonly List<string> _ignored = [];
    private readonly GroupReading? _groups = source.GroupPattern is { } pattern
        ? new(pattern, source.Name, source.Folder)
        : null;

    public Dataset Read()
    {
        if (!Directory.Exists(source.Folder))
            throw new GradusException("the folder does not exist", source.Folder, remedy: "Correct 'folder' of the source", fault: Fault.Request);
        string root = Path.GetFullPath(source.Folder);
        TakeFiles(root, "", null);
        foreach (string folder in Folders(root))
        {
            string name = Path.GetFileName(folder);
            (int? read, FindingKind? problem) = _grades.Read(name);
            if (read is { } grade)
                TakeGrade(folder, name, grade);
            else if (problem == FindingKind.SkippedGrade)
                Skip(folder, name);
            else
                Add(FindingKind.UnknownFolder, [], folder, $"The folder '{name}' is no grade's. It is passed over; name it {_grades.Expected}.");
        }
        if (_ignored.Count > 0)
            Add(FindingKind.Ignored, [], root, $"{_ignored.Count} files that are no images were passed over: {AuditFinding.Few(_ignored)}. Nothing needs doing unless one should be an image.");
        if (_records.Count == 0 && _findings.All(f => f.Kind is FindingKind.Ignored or FindingKind.UnknownFolder)
            && !_skipped.Findings.Any())
            Add(FindingKind.NoRows, [], root,
                $"'{source.Name}' has no images in folders of grades. Add them, or remove the source.");
        ImmutableArray<AuditFinding> findings = [.. _findings, .. _groups?.Findings ?? [], .. _skipped.Findings];
        return new Dataset(source, [.. _records.Values], findings);
    }

    private void Skip(string folder, string name)
    {
        foreach (string path in Ordered(Directory.EnumerateFiles(folder)).Where(ImageFormats.LooksLikeImage))
            _skipped.Add(name, new ImageId($"{name}/{Path.GetFileNameWithoutExtension(path)}"));
    }

    private void TakeGrade(string folder, string name, int grade)
    {
        TakeFiles(folder, name + "/", grade);
        foreach (string nested in Folders(folder))
        {
            string inner = $"{name}/{Path.GetFileName(nested)}";
            Add(FindingKind.UnknownFolder, [], nested, $"The folder '{inner}' is inside a grade's folder. It is passed over; move its images up.");
        }
    }

    private void TakeFiles(string folder, string prefix, int? grade)
    {
        var ungraded = new List<ImageId>();
        foreach (string path in Ordered(Directory.EnumerateFiles(folder)))
        {
            var id = new ImageId(prefix + Path.GetFileNameWithoutExtension(path));
            if (!ImageFormats.LooksLikeImage(path))
                _ignored.Add(prefix + Path.GetFileName(path));
            else if (grade is null && source.Role != SourceRole.Test)
                ungraded.Add(id);
            else if (!_records.TryAdd(
                id, new ImageRecord(id, grade, _groups?.Read(id, path, path), source.Name, new FileLocation(path))))
                Add(FindingKind.DuplicateId, [id], path, $"'{prefix}{Path.GetFileName(path)}' has the same name as another image but for its extension. It is passed over; rename one of them.");
        }
        if (ungraded.Count > 0)
            Add(FindingKind.MissingGrade, [.. ungraded], folder, $"{ungraded.Count} images are in no grade's folder: {AuditFinding.Few(ungraded)}. They are left out; move them to the folders of their grades.");
    }

    private void Add(FindingKind kind, ImmutableArray<ImageId> ids, string where, string message) =>
        _findings.Add(new AuditFinding(kind, source.Name, ids, message) { Where = where });

    private static IOrderedEnumerable<string> Ordered(IEnumerable<string> paths) => paths.Order(StringComparer.Ordinal);

    private static IEnumerable<string> Folders(string folder) => Ordered(Directory.EnumerateDirectories(folder))
        .Where(d => !ImageFolder.IsHidden(d));
}
