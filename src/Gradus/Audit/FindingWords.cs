namespace Gradus.Audit;

/// <summary>Kinds of findings in words.</summary>
public static class FindingWords
{
    /// <summary>The kind for a person: "Near duplicate other grade".</summary>
    public static string Words(this FindingKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
}
