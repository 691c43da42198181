using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>Identical images with different grades; or one id with different grades, which then stands once for each.</summary>
/// <param name="Images">The images.</param>
/// <param name="Grades">The grade of each, in the same order.</param>
public sealed record GradeConflict(ImmutableArray<ImageKey> Images, ImmutableArray<int> Grades);
