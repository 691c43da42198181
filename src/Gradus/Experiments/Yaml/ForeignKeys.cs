using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads the keys of a source that is graded, distributed or meant otherwise than the main one; they are the same for every kind of source.</summary>
internal static class ForeignKeys
{
    private const string Skip = "skip";

    /// <summary>The source with <c>scale</c>, <c>mapping</c>, <c>use</c>, <c>match</c> and <c>take</c>.</summary>
    public static SourceSpec Read(YamlBlock block, GradeScale scale, SourceSpec source) => source with
    {
        Scale = Scale(block.Optional("scale"), block.Optional("mapping"), scale),
        Use = block.Optional("use", SourceUse.Training, v => Use(v, source.Role)),
        Match = block.Optional("match", null, v => Match(Beside(v, source.Role), scale)),
        Take = block.Optional("take", (int?)null, v => Beside(v, source.Role).Whole(1, int.MaxValue)),
    };

    private static SourceScale? Scale(YamlValue? own, YamlValue? mapping, GradeScale scale)
    {
        if (own is null)
            return mapping is null ? null : throw mapping.Wrong("needs the scale that it maps", remedy: "Write the source's own scale beside it, for example scale: [0, 1, 2, 3]");
        ImmutableArray<string> names = [.. own.Items("grades").Select(v => v.Text())];
        GradeScale labels = own.Located(() => new GradeScale(names));
        if (mapping is not null)
            return mapping.Located(() => new SourceScale(labels, Mapping(mapping, labels, scale)));
        return labels.Names.SequenceEqual(scale.Names, StringComparer.OrdinalIgnoreCase)
            ? new SourceScale(labels, [.. Enumerable.Range(0, scale.Count).Select(g => (int?)g)])
            : throw own.Wrong(
                "is not the experiment's, so its steps must be mapped", $"{string.Join(", ", names.Select(YamlValue.Shown))}, beside {string.Join(", ", scale.Names.Select(YamlValue.Shown))}",
                $"Write mapping: {{ {string.Join(", ", names.Select(n => $"{YamlValue.Shown(n)}: …"))} }}, each a grade or {Skip}");
    }

    private static ImmutableArray<int?> Mapping(YamlValue mapping, GradeScale labels, GradeScale scale)
    {
        GradeReading own = new(labels), ours = new(scale);
        var grades = new Dictionary<int, int?>();
        foreach ((YamlValue key, YamlValue value) in mapping.Pairs("steps and grades, such as { 0: none, 1: mild, 2: skip }"))
        {
            int step = own.Read(key.Text()).Grade ?? throw key.Wrong("is no step of the source's scale", $"'{YamlValue.Shown(key.Text())}'", $"Its steps are {own.Expected}");
            string text = value.Text();
            int? grade = text == Skip ? null : ours.Read(text).Grade ?? throw value.Wrong("is no grade of the experiment", $"'{YamlValue.Shown(text)}'", $"Write {ours.Expected}, or {Skip}");
            if (!grades.TryAdd(step, grade))
                throw key.Wrong("stands for a step that is mapped already", $"'{YamlValue.Shown(key.Text())}'", "Remove one of them");
        }
        string[] missing = [.. Enumerable.Range(0, labels.Count).Where(s => !grades.ContainsKey(s)).Select(s => YamlValue.Shown(labels.Names[s]))];
        return missing.Length == 0
            ? [.. Enumerable.Range(0, labels.Count).Select(s => grades[s])]
            : throw mapping.Wrong("maps every step of the source's scale", $"nothing for {string.Join(", ", missing)}", $"Map each to a grade, or to {Skip}");
    }

    private static SourceUse Use(YamlValue value, SourceRole role)
    {
        SourceUse use = Beside(value, role).Choice<SourceUse>();
        return use == SourceUse.Folds && role == SourceRole.Pseudo
            ? throw value.Wrong("is not folds for role pseudo: a model's own grades cannot judge a model", remedy: "Write use: training or pretraining, or give the source role: external")
            : use;
    }

    private static ClassMatch Match(YamlValue value, GradeScale scale)
    {
        if (!value.IsList)
            return value.Text() == "main" ? new ClassMatch() : throw value.Wrong("is main or a list of shares", $"'{YamlValue.Shown(value.Text())}'", "Write match: main");
        ImmutableArray<double> shares = [.. value.Items("shares").Select(v => v.Number("of at least 0", x => x >= 0))];
        if (shares.Length != scale.Count)
            throw value.Wrong("has a share for each grade of the scale", $"{shares.Length} shares for {scale.Count} grades", $"Write {scale.Count} shares, for {string.Join(", ", scale.Names.Select(YamlValue.Shown))}");
        if (shares.Sum() is var sum && sum > 0 && Math.Abs(sum - 1) > 0.02) // published shares are rounded
            throw value.Wrong("has shares that add up to 1", FormattableString.Invariant($"{sum:0.###}"), "Correct a share");
        return shares.Any(s => s > 0) ? new ClassMatch(shares) : throw value.Wrong("asks for no image at all", "only zeros", "Give at least one grade a share above 0");
    }

    // All main images are used, and validation images are never picked.
    private static YamlValue Beside(YamlValue value, SourceRole role) => role is SourceRole.External or SourceRole.Pseudo
        ? value
        : throw value.Wrong("is for sources with role external or pseudo", $"role {YamlValue.Word(role)}", "Remove it, or give the source role: external");
}
