using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Grading;

/// <summary>An ordered scale of K named grades, numbered 0 to K-1 from the mildest up.</summary>
public sealed record GradeScale
{
    /// <summary>Makes a scale of at least two distinct, non-empty names.</summary>
    /// <exception cref="GradusException">Fewer than two names, an empty one, or one twice.</exception>
    [JsonConstructor]
    public GradeScale(ImmutableArray<string> names)
    {
        if (names.IsDefault || names.Length < 2)
            throw new GradusException("a scale has at least two grades", found: $"{(names.IsDefault ? 0 : names.Length)}", remedy: "Write for example scale: [none, mild, severe]", fault: Fault.Request);
        if (names.FirstOrDefault(string.IsNullOrWhiteSpace) is { } empty)
            throw new GradusException("a grade has an empty name", found: $"'{empty}'", fault: Fault.Request);
        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("each grade is named once", found: $"'{twice.Key}' {twice.Count()} times", fault: Fault.Request);
        Names = names;
    }

    /// <summary>The names in order, (K).</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>K, the number of grades.</summary>
    [JsonIgnore]
    public int Count => Names.Length;

    /// <summary>True where there are just two grades, and AUC is the metric of the job.</summary>
    [JsonIgnore]
    public bool IsBinary => Count == 2;

    /// <summary>True for 0 to K-1.</summary>
    public bool Contains(int grade) => grade >= 0 && grade < Count;
}
