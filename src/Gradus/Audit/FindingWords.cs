namespace Gradus.Audit;

/// <summary>Kinds of findings in words.</summary>
public static class FindingWords
{
    /// <summary>True for what an audit can say only once it has divided the images.</summary>
    public static bool IsOfSplit(this FindingKind kind) =>
        kind is FindingKind.SampleFallsShort or FindingKind.PairsApart or FindingKind.UnevenFolds;

    /// <summary>The kind for a person: "Near duplicate other grade".</summary>
    public static string Words(this FindingKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
}
