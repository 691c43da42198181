using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Gradus.Datasets;

namespace Gradus.Tests.Splitting;

/// <summary>Records as an audit would leave them, without files.</summary>
internal static class SplitWorld
{
    /// <summary>Up to 80 images in up to three grades, some identical, some of one patient, from two sources.</summary>
    public static Gen<ImmutableArray<ImageRecord>> Records { get; } =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 60], Gen.Int[-40, 20], Gen.Int[0, 1]).Array[6, 80]
            .Select(rows => rows.Select((r, i) => Record($"i{i}", r.Item1, content: r.Item2, patient: r.Item3 < 0 ? null : $"p{r.Item3}", source: r.Item4 == 0 ? "main" : "more")).ToImmutableArray());

    public static ImageRecord Record(string id, int grade, int? content = null, string? patient = null, string source = "main") =>
        new(new ImageId(id), grade, patient, source, new FileLocation($"/{id}"))
        {
            Hash = ContentHash.Of(Encoding.UTF8.GetBytes(content is { } c ? $"{c}" : $"{source}/{id}")),
        };

    /// <summary>Images of the given grades, all different and of different patients.</summary>
    public static ImmutableArray<ImageRecord> Singles(IEnumerable<int> grades) => [.. grades.Select((g, i) => Record($"i{i:D4}", g))];

    public static Dictionary<ImageKey, int> Folds(IEnumerable<ImageRecord> records, Func<ImageRecord, int> fold) => records.ToDictionary(ImageKey.Of, fold);
}
