using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gradus.Grading;

namespace Gradus.Experiments;

/// <summary>The scale on which a source was graded, and what each of its steps is on the experiment's.</summary>
public sealed record SourceScale
{
    /// <summary>Takes a scale and a grade for each of its steps.</summary>
    /// <param name="labels">The source's own scale.</param>
    /// <param name="grades">For each of its steps the experiment's grade; null leaves images of that step out.</param>
    /// <exception cref="GradusException">A step has no entry, or all are left out.</exception>
    [JsonConstructor]
    public SourceScale(GradeScale labels, ImmutableArray<int?> grades)
    {
        if (grades.Length != labels.Count)
            throw new GradusException("each step of the source's scale is mapped", found: $"{grades.Length} of {labels.Count}", fault: Fault.Request);
        if (grades.All(g => g is null))
            throw new GradusException("a mapping that skips every step leaves no image", remedy: "Map at least one step to a grade", fault: Fault.Request);
        (Labels, Grades) = (labels, grades);
    }

    /// <summary>The source's own scale.</summary>
    public GradeScale Labels { get; }

    /// <summary>The experiment's grade for each step of <see cref="Labels"/>; null where its images are left out.</summary>
    public ImmutableArray<int?> Grades { get; }
}
