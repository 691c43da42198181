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

        string[] grades = [.. Directory.EnumerateDirectories(main).Where(d => Images(d).Any()).Select(d => Path.GetFileName(d)!)];
        (ImmutableArray<string> Names, string Note) scale = ScaleGuess.Of(grades, "") ??
            throw new GradusException("a folder a grade is needed", main, grades.Length == 0 ? "no folder with images" : $"{grades.Length} folders with images: {string.Join(", ", grades.Take(5))}", "Put the images of each grade into a folder named like it", Fault.Request);

        var sources = ImmutableArray.CreateBuilder<SourceSpec>();
        sources.Add(new FolderSource { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(main)) is { Length: > 0 } name ? name : "main", Folder = main });
        if (validation is not null)
            sources.Add(new FolderSource { Name = "validation", Role = SourceRole.Validation, Folder = validation });
        string[] paths = [.. grades.Order(StringComparer.Ordinal).SelectMany(g => Images(Path.Combine(main, g)).Order(StringComparer.Ordinal))];
        return new DataGuess(scale.Names, sources.ToImmutable(), test is null ? null : new FolderSource { Name = "test", Role = SourceRole.Test, Folder = test }, ImageLook.At(paths), [scale.Note]);
    }

    private static IEnumerable<string> Images(string folder) => Directory.EnumerateFiles(folder).Where(ImageFormats.LooksLikeImage);

    private static string? Sub(string root, string name) => Path.Combine(root, name) is var path && Directory.Exists(path) ? path : null;
}
