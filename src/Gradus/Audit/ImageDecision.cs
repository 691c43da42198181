using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>What a person decided about an image.</summary>
public enum DecisionKind
{
    /// <summary>It stays as its source grades it.</summary>
    Keep,

    /// <summary>It is left out.</summary>
    Drop,

    /// <summary>It takes another grade.</summary>
    Regrade,
}

/// <summary>A person's decision about one image, known by source, id and content.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Hash">The content that the person looked at.</param>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Grade">The grade it takes, for <see cref="DecisionKind.Regrade"/>; null otherwise.</param>
/// <param name="Where">The line that says so, <c>path:line</c>.</param>
public sealed record ImageDecision(ImageKey Image, ContentHash Hash, DecisionKind Kind, int? Grade, string Where);
