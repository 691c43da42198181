using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>Looks at a folder of folders.</summary>
internal static class FolderGuess
{
    private static readonly string[] ValidationNames = ["val", "valid", "validation"];

    public static DataGuess Guess(string folder)
    {
        if (!Directory.Exists(folder))
            throw new GradusException("the folder does not exist", folder, remedy: "Correct --folder", fault: Fault.Request);
        string root = Path.GetFullPath(folder);
        string? train = Sub(root, "train");
        string main = train ?? root;
        string? validation = train is null ? null : ValidationNames.Select(n => Sub(root, n)).FirstOrDefault(f => f is not null);
        string? test = train is null ? null : Sub(root, "test");

        string[] grades = [
            .. Directory.EnumerateDirectories(main).Where(d => !ImageFolder.IsHidden(d) && Images(d).Any())
            .Select(d => Path.GetFileName(d)!)];
        (ImmutableArray<string> Names, string Note) scale = ScaleGuess.Of(grades, "", mayBeSlips: false)
            ?? throw new GradusException(
            "one folder for each grade is needed", main,
            grades.Length == 0
                ? "no folder with images"
                : $"{grades.Length} folders with images: {string.Join(", ", grades.Take(5))}",
            "Put the images of each grade into a folder named like it", Fault.Request);

        var sources = ImmutableArray.CreateBuilder<SourceSpec>();
        string called = Path.GetFileName(Path.TrimEndingDirectorySeparator(main)) is { Length: > 0 } name
            ? name
            : "main";
        PairedIds? pairs = PairedIds.Among(
            from g in grades
            from path in Images(Path.Combine(main, g))
            select new ImageId($"{g}/{Path.GetFileNameWithoutExtension(path)}"));
        sources.Add(new FolderSource { Name = called, Folder = main, GroupPattern = pairs?.Pattern });
        if (validation is not null)
            sources.Add(new FolderSource { Name = "validation", Role = SourceRole.Validation, Folder = validation });
        string[] paths = [.. grades.Order(StringComparer.Ordinal).SelectMany(g => Images(Path.Combine(main, g)).Order(StringComparer.Ordinal))];
        FolderSource? testing = test is null
            ? null
            : new FolderSource { Name = "test", Role = SourceRole.Test, Folder = test };
        ImmutableArray<string> notes = pairs is null
            ? [scale.Note]
            : [scale.Note,
                $"Images such as {Audit.AuditFinding.Few(pairs.Groups[0])} differ only by eye, side or shot: they " +
                $"stay together on one side of a split."];
        return new DataGuess(scale.Names, sources.ToImmutable(), testing, ImageLook.At(paths), notes);
    }

    private static IEnumerable<string> Images(string folder) => Directory.EnumerateFiles(folder).Where(ImageFormats.LooksLikeImage);

    private static string? Sub(string root, string name) => Path.Combine(root, name) is var path && Directory.Exists(path) ? path : null;
}
