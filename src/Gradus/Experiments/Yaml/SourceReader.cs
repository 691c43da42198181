using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>sources</c> and <c>test</c>.</summary>
internal static class SourceReader
{
    /// <summary>The sources: distinct names, and at least one to split or train on.</summary>
    public static ImmutableArray<SourceSpec> Sources(YamlValue list, ExperimentPaths paths, GradeScale scale)
    {
        IReadOnlyList<YamlValue> items = list.Items("sources");
        var sources = ImmutableArray.CreateBuilder<SourceSpec>();
        foreach (YamlValue item in items)
        {
            SourceSpec source = Source(item, paths, scale);
            RefuseTwin(item, source, sources);
            sources.Add(source);
        }
        if (!sources.Any(s => s.Role == SourceRole.Main))
            throw list.Wrong("has no source with role main", sources.Count == 0 ? "no source" : $"only {string.Join(" and ", sources.Select(s => YamlValue.Word(s.Role)).Distinct())}", "Give the data set that is to be split role: main");
        if (sources.FirstOrDefault(s => s.Use == SourceUse.Folds) is { } folded && sources.FirstOrDefault(s => s.Role == SourceRole.Validation) is { } validation)
            throw list.Wrong("has both a source that takes the place of a split and one that is to be split", $"role validation of '{YamlValue.Shown(validation.Name)}', use folds of '{YamlValue.Shown(folded.Name)}'", "Change one of them");
        return sources.ToImmutable();
    }

    /// <summary>The test set.</summary>
    public static SourceSpec Test(YamlValue value, ExperimentPaths paths, ImmutableArray<SourceSpec> sources)
    {
        SourceSpec test = Kind(value) switch
        {
            "labels" => value.Block<SourceSpec>(ExperimentKeys.CsvTest, block => new CsvSource
            {
                Name = TestName(block),
                Role = SourceRole.Test,
                Labels = paths.Full(block.Required("labels")),
                Id = block.Required("id").Text(),
                Images = paths.Full(block.Required("images")),
                Extension = block.Optional("extension", null, Extension),
            }.With(block.Optional("grade"), block.Optional("group"))),
            "folder" => value.Block<SourceSpec>(ExperimentKeys.FolderTest, block => new FolderSource
            {
                Name = TestName(block),
                Role = SourceRole.Test,
                Folder = paths.Full(block.Required("folder")),
            }),
            _ => value.Block<SourceSpec>(ExperimentKeys.NpzTest, block => new NpzSource
            {
                Name = TestName(block),
                Role = SourceRole.Test,
                Npz = paths.Full(block.Required("npz")),
                Split = block.Optional("split", "test", ArraySplit),
            }),
        };
        RefuseTwin(value, test, sources);
        return test;
    }

    private static SourceSpec Source(YamlValue value, ExperimentPaths paths, GradeScale scale) => Kind(value) switch
    {
        "labels" => value.Block(ExperimentKeys.CsvSource, block => ForeignKeys.Read(block, scale, new CsvSource
        {
            Name = block.Required("name").Text(),
            Role = block.Optional("role", SourceRole.Main, Role),
            Labels = paths.Full(block.Required("labels")),
            Id = block.Required("id").Text(),
            Images = paths.Full(block.Required("images")),
            Extension = block.Optional("extension", null, Extension),
        }.With(block.Required("grade"), block.Optional("group")))),
        "folder" => value.Block(ExperimentKeys.FolderSource, block => ForeignKeys.Read(block, scale, new FolderSource
        {
            Name = block.Required("name").Text(),
            Role = block.Optional("role", SourceRole.Main, Role),
            Folder = paths.Full(block.Required("folder")),
            GroupPattern = block.Optional("group", null, Pattern),
        })),
        _ => value.Block(ExperimentKeys.NpzSource, block => ForeignKeys.Read(block, scale, new NpzSource
        {
            Name = block.Required("name").Text(),
            Role = block.Optional("role", SourceRole.Main, Role),
            Npz = paths.Full(block.Required("npz")),
            Split = ArraySplit(block.Required("split")),
        })),
    };

    private static CsvSource With(this CsvSource source, YamlValue? grade, YamlValue? group) => source with
    {
        Grade = grade is { IsBlock: false } ? grade.Text() : null,
        OneHot = grade is { IsBlock: true }
            ? grade.Block(ExperimentKeys.OneHot, b => OneHot(b.Required("one_hot")))
            : null,
        Group = group is { IsBlock: false } ? group.Text() : null,
        GroupPattern = group is { IsBlock: true } ? Pattern(group) : null,
    };

    private static ImmutableArray<string> OneHot(YamlValue value)
    {
        ImmutableArray<string> columns = [.. value.Items("columns").Select(v => v.Text().Trim())];
        if (columns.Length < 2)
            throw value.Wrong("names a column for each grade", $"{columns.Length}", "Name at least two, or write " +
                "grade: COLUMN");
        return columns.GroupBy(c => c, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw value.Wrong("names each column once", $"'{YamlValue.Shown(twice.Key)}' twice", "Remove one of them")
            : columns;
    }

    private static string Pattern(YamlValue value) => value.Block(ExperimentKeys.Group, block =>
    {
        YamlValue from = block.Required("from"), pattern = block.Required("pattern");
        if (from.Text() != "id")
            throw from.Wrong("is id", $"'{YamlValue.Shown(from.Text())}'", "Write from: id; for a column write " +
                "group: COLUMN alone");
        string text = pattern.Text();
        pattern.Located(() => GroupReading.Compiled(text));
        return text;
    });

    private static string Kind(YamlValue value)
    {
        IReadOnlyList<(string Key, YamlValue Place)> kinds = value.Present("labels", "folder", "npz");
        return kinds.Count switch
        {
            0 => value.Present("images").Count > 0
                ? throw value.Wrong("lacks the key 'labels'", remedy: "Name the CSV file that lists the images, or give folder: or npz: instead of images:")
                : throw value.Wrong("names no data", remedy: "Give labels: and images:, or folder:, or npz:"),
            1 => kinds[0].Key,
            _ => throw kinds[1].Place.Wrong("contradicts itself: a source is a CSV, a folder or an .npz", $"{kinds[0].Key} and {kinds[1].Key}", "Remove one of them, or make two sources"),
        };
    }

    private static string TestName(YamlBlock block) => block.Optional("name", "test", v => v.Text());

    private static SourceRole Role(YamlValue value)
    {
        if (value.Text() == "test")
            throw value.Wrong("cannot be test", remedy: "Move this source to the key test, beside sources");
        return value.Choice(SourceRole.Main, SourceRole.External, SourceRole.Pseudo, SourceRole.Validation);
    }

    private static string ArraySplit(YamlValue value)
    {
        string text = value.Text();
        return text is "train" or "val" or "test"
            ? text
            : throw value.Wrong("is train, val or test", $"'{YamlValue.Shown(text)}'", text is "validation" or "valid" ? "Did you mean 'val'?" : null);
    }

    private static string Extension(YamlValue value)
    {
        string text = value.Text(mayBeEmpty: true);
        if (text.Length > 0 && (text[0] != '.' || text.Length == 1 || text.AsSpan(1).ContainsAny("/\\ ")))
            throw value.Wrong("starts with its dot", $"'{YamlValue.Shown(text)}'", $"Write extension: .{text.TrimStart('.', ' ')}");
        return text;
    }

    private static void RefuseTwin(YamlValue value, SourceSpec source, IEnumerable<SourceSpec> others)
    {
        foreach (SourceSpec other in others)
        {
            if (other.Name == source.Name)
                throw value.Wrong("has the name of another source", $"'{YamlValue.Shown(source.Name)}' twice", "Name each source differently");
            if (Data(source) == Data(other))
                throw value.Wrong($"reads the same images as '{YamlValue.Shown(other.Name)}'", remedy: "Remove one of them");
        }
    }

    /// <summary>The source without what is said about its images.</summary>
    private static SourceSpec Data(SourceSpec source) =>
        (source is CsvSource csv ? csv with { OneHot = null } : source) with
        {
            Name = "", Role = SourceRole.Main, Scale = null, Use = SourceUse.Training, Match = null, Take = null,
        };
}
