using System.Collections.Frozen;

namespace Gradus.Runs.Index;

/// <summary>Other names under which people know the columns of the index: the words that stand above them in tables.</summary>
public static class RunColumns
{
    private static readonly FrozenDictionary<string, string> Synonyms = new Dictionary<string, string>
    {
        ["started"] = "created",
        ["tuned"] = "qwk_tuned",
        ["best"] = "best_epoch",
        ["public"] = "public_score",
        ["private"] = "private_score",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The column's name in the index; a name that is none of these others, in whatever letters, is given back unchanged.</summary>
    public static string Canonical(string name) => Synonyms.GetValueOrDefault(name, name);
}
