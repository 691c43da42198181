using System.Text.RegularExpressions;

namespace Gradus.Runs.Index;

/// <summary>A condition as a person writes it: a column or a setting, one of <c>= != &gt;= &lt;= &gt; &lt; ~</c>, a value; <c>~</c> asks for a part of a text.</summary>
/// <param name="Name">The column in the index's own word, or the setting as in experiment files.</param>
/// <param name="Sign">One of the seven.</param>
/// <param name="Value">As it was written.</param>
internal sealed partial record RunCondition(string Name, string Sign, string Value)
{
    private static readonly string[] Signs = [">=", "<=", "!=", "==", "=", ">", "<", "~"];

    /// <summary>Whether it asks for a setting of the experiment, which is in the index as text.</summary>
    public bool IsSetting => !RunQuery.Names.Contains(Name);

    /// <summary>The value as a number; null where it is none.</summary>
    public double? Number => RunColumns.Number(Value);

    /// <summary>Understands a condition.</summary>
    /// <exception cref="GradusException">It is none, or it is two.</exception>
    public static RunCondition Parse(string text)
    {
        int at = text.IndexOfAny(['=', '!', '<', '>', '~']);
        if (at < 1 || Signs.FirstOrDefault(s => text.AsSpan(at).StartsWith(s, StringComparison.Ordinal)) is not { } sign)
            throw new GradusException("--where is a column or a setting, one of = != >= <= > < ~, and a value", found: $"'{text}'", remedy: "For example --where \"backbone=densenet121\"", fault: Fault.Request);
        var condition = new RunCondition(RunColumns.Canonical(text[..at].Trim()), sign == "==" ? "=" : sign, text[(at + sign.Length)..].Trim());
        if (condition.Value.Length == 0 && sign is not ("=" or "!=" or "=="))
            throw new GradusException("the condition lacks a value", found: $"'{text}'", remedy: $"For example --where \"{text.Trim()}0.8\"", fault: Fault.Request);
        if (condition.Name is not ("name" or "remark" or "problem") && Another().IsMatch(condition.Value))
            throw new GradusException("--where is one condition", found: $"'{text}'", remedy: "Give each a --where of its own; all of them have to hold", fault: Fault.Request);
        return condition;
    }

    /// <summary>Whether a run whose setting has this value, null for none, fulfils it. Numbers are compared as numbers, however they are written.</summary>
    /// <exception cref="GradusException">It asks for an order, and its value is no number.</exception>
    public bool Holds(string? setting)
    {
        if (Sign is "=" or "!=")
            return (setting == Value || (setting is not null && Number is { } wanted && RunColumns.Number(setting) == wanted)) == (Sign == "=");
        if (Sign == "~")
            return setting?.Contains(Value, StringComparison.OrdinalIgnoreCase) ?? false;
        double bound = Number ?? throw new GradusException($"{Sign} compares numbers", found: $"'{Value}'", remedy: $"For example --where \"{Name}{Sign}0.5\"", fault: Fault.Request);
        return setting is not null && RunColumns.Number(setting) is { } own && Sign switch { ">" => own > bound, "<" => own < bound, ">=" => own >= bound, _ => own <= bound };
    }

    [GeneratedRegex(@"\s[A-Za-z][\w.]*\s*(=|!=|~|[<>]=?)\s*\S")]
    private static partial Regex Another();
}
