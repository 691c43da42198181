using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gradus.Experiments.Yaml;

/// <summary>A value of an experiment file that knows its place, and turns into a typed value or an error that names it.</summary>
internal sealed class YamlValue(YamlNode node, string path, string name, Mark? place = null)
{
    /// <summary>Its dotted name, "train.batch"; empty for the root.</summary>
    public string Name { get; } = name;

    /// <summary><c>path:line:column</c>.</summary>
    public string Where
    {
        get
        {
            // A one-key map in a list has no mark of its own in the parser.
            Mark start = place ?? (node is YamlMappingNode { Children.Count: > 0 } map ? map.Children[0].Key.Start : node.Start);
            return $"{path}:{start.Line}:{start.Column}";
        }
    }

    /// <summary>True for an explicit <c>null</c> or <c>~</c>.</summary>
    public bool IsNull => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" };

    /// <summary>True for a list.</summary>
    public bool IsList => node is YamlSequenceNode;

    /// <summary>True for a block of keys.</summary>
    public bool IsBlock => node is YamlMappingNode;

    /// <summary>True for this word without quotes.</summary>
    public bool IsWord(string word) => Plain() == word;

    private static YamlScalarNode Nowhere => new("") { Style = ScalarStyle.Plain };

    private string Called => Name.Length == 0 ? "an experiment" : Name;

    private bool IsNothing => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" };

    /// <summary>An error at this place; the problem follows the name of the value.</summary>
    public GradusException Wrong(string problem, string? found = null, string? remedy = null, Exception? inner = null) =>
        new($"{Called} {problem}", Where, found, remedy, Fault.Request, inner);

    /// <summary>Runs a constructor that refuses bad values, and gives its refusal this place.</summary>
    public T Located<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (GradusException e) when (e.Where is null)
        {
            throw new GradusException($"{Called}: {e.Problem}", Where, e.Found, e.Remedy, Fault.Request, e);
        }
    }

    /// <summary>A text; plain numbers and words count as their letters.</summary>
    public string Text(bool mayBeEmpty = false)
    {
        if (node is not YamlScalarNode scalar || IsNothing || IsNull)
            throw Wrong("is a text", Describe());
        string text = scalar.Value ?? "";
        if (!mayBeEmpty && string.IsNullOrWhiteSpace(text))
            throw Wrong("is a text", "an empty one");
        return text;
    }

    /// <summary>A finite number that <paramref name="allowed"/> accepts.</summary>
    public double Number(string range, Func<double, bool> allowed, string? remedy = null)
    {
        string? plain = Plain();
        if (plain is null || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value) || !allowed(value))
            throw Wrong($"is a number {range}", Describe(), Unquote() ?? remedy);
        return value;
    }

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public int Whole(int low, int high) => (int)WholeLong(low, high);

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public long WholeLong(long low, long high)
    {
        string? plain = Plain();
        if (plain is null || !long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) || value < low || value > high)
            throw Wrong($"is a whole number from {low} to {(high == long.MaxValue ? "2^63-1" : high)}", Describe(), Unquote());
        return value;
    }

    /// <summary>true or false.</summary>
    public bool Flag() => Plain() switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong("is true or false", Describe(), Unquote()),
    };

    /// <summary>One of an enum's members, in snake_case; <paramref name="allowed"/> narrows them.</summary>
    public T Choice<T>(params T[] allowed)
        where T : struct, Enum
    {
        T[] members = allowed.Length > 0 ? allowed : Enum.GetValues<T>();
        string[] words = [.. members.Select(Word)];
        string text = node is YamlScalarNode { Value: { } value } ? value : "";
        int index = Array.IndexOf(words, text);
        return index >= 0 ? members[index] : throw Wrong($"is one of {string.Join(", ", words)}", Describe(), NearestWord.To(text, words) is { } near ? $"Did you mean '{near}'?" : null);
    }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<YamlValue> Items(string what)
    {
        if (node is not YamlSequenceNode list)
            throw Wrong($"is a list of {what}", Describe(), "Write it in square brackets, or with a dash a line");
        return [.. list.Children.Select((item, i) => new YamlValue(item, path, $"{Name}[{i + 1}]"))];
    }

    /// <summary>The keys and values of a mapping whose keys are data, such as epochs.</summary>
    public IReadOnlyList<(YamlValue Key, YamlValue Value)> Pairs(string what)
    {
        if (node is not YamlMappingNode map)
            throw Wrong($"is a block of {what}", Describe());
        return [.. map.Children.Select(p => (new YamlValue(p.Key, path, $"a key of {Name}"), new YamlValue(p.Value, path, $"{Name}.{p.Key}")))];
    }

    /// <summary>Those of <paramref name="keys"/> that this mapping holds, in the file's order.</summary>
    public IReadOnlyList<(string Key, YamlValue Place)> Present(params ReadOnlySpan<string> keys)
    {
        var found = new List<(string, YamlValue)>();
        if (node is not YamlMappingNode map)
            return found;
        foreach (YamlNode key in map.Children.Keys)
        {
            if (key is YamlScalarNode { Value: { } word } && keys.Contains(word))
                found.Add((word, new YamlValue(key, path, Name)));
        }
        return found;
    }

    /// <summary>Reads a block: keys outside <paramref name="keys"/> are refused before, and keys that <paramref name="read"/> did not ask for are a defect of Gradus.</summary>
    public T Block<T>(KeyBlock keys, Func<YamlBlock, T> read)
    {
        YamlMappingNode map = node switch
        {
            YamlMappingNode m => m,
            YamlScalarNode when IsNothing && !keys.Keys.Any(k => k.Required) => new YamlMappingNode(),
            _ => throw Wrong("is a block of keys", Describe(), $"Its keys are {Listed(keys)}"),
        };
        foreach (YamlNode key in map.Children.Keys)
        {
            string word = ((YamlScalarNode)key).Value ?? "";
            if (keys.Find(word) is null)
                throw new GradusException($"{Called} has no key '{Shown(word)}'", $"{path}:{key.Start.Line}:{key.Start.Column}", remedy: Instead(word, keys), fault: Fault.Request);
        }
        var block = new YamlBlock(map, this, keys, path);
        T result = read(block);
        return block.Unasked is { Length: 0 } ? result : throw new UnreachableException($"the reader of {keys.Name} asks for no {string.Join(", ", block.Unasked)}");
    }

    /// <summary>A choice that may have parameters: a word, or a block with that one key.</summary>
    public (string Word, YamlValue Parameters) Variant(KeyBlock choices)
    {
        (YamlNode key, YamlNode parameters) = node switch
        {
            YamlScalarNode { Style: ScalarStyle.Plain, Value.Length: > 0 } => (node, Nowhere),
            YamlMappingNode { Children.Count: 1 } map => (map.Children[0].Key, map.Children[0].Value),
            _ => throw Wrong("is one word, or one word with its parameters", Describe(), $"The words are {Listed(choices)}"),
        };
        string word = ((YamlScalarNode)key).Value ?? "";
        if (choices.Find(word) is null)
            throw Wrong($"has no '{Shown(word)}'", remedy: Instead(word, choices));
        // Where there are no parameters, the word is the place to point at.
        bool none = parameters is YamlScalarNode { Value: null or "" } or YamlMappingNode { Children.Count: 0 };
        return (word, new YamlValue(parameters, path, Dotted(word), none ? key.Start : null));
    }

    /// <summary>Refuses parameters of a step that has none.</summary>
    public void Nothing()
    {
        if (!IsNothing && node is not YamlMappingNode { Children.Count: 0 })
            throw Wrong("takes no parameters", Describe(), "Remove them");
    }

    /// <summary>The text as an error shows it: one line, not endless.</summary>
    internal static string Shown(string text)
    {
        string clean = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return clean.Length <= 60 ? clean : clean[..59] + "…";
    }

    internal string Dotted(string key) => Name.Length == 0 ? key : $"{Name}.{key}";

    internal static string Word<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());

    private static string Listed(KeyBlock keys) => string.Join(", ", keys.Keys.Select(k => k.Name));

    private static string Instead(string word, KeyBlock keys)
    {
        string[] elsewhere = [.. ExperimentKeys.All.Where(b => b != keys && b.Find(word) is not null).Select(b => b.Name).Take(3)];
        if (elsewhere.Length > 0 && NearestWord.To(word, keys.Keys.Select(k => k.Name)) is null)
            return $"'{word}' belongs to {string.Join(" or ", elsewhere)}";
        return NearestWord.Remedy(word, [.. keys.Keys.Select(k => k.Name)], keys.Keys.Length == 0 ? "It has no keys" : $"Its keys are {Listed(keys)}");
    }

    private string? Plain() => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { Length: > 0 } value } ? value : null;

    private string? Unquote() => node is YamlScalarNode { Style: ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted } ? "Remove the quotes" : null;

    private string Describe() => node switch
    {
        _ when IsNothing => "nothing",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => $"'{Shown(scalar.Value!)}'",
        YamlScalarNode scalar => $"the text \"{Shown(scalar.Value ?? "")}\"",
        YamlSequenceNode list => $"a list of {list.Children.Count}",
        YamlMappingNode { Children.Count: 0 } => "an empty block",
        YamlMappingNode map => $"a block with {string.Join(", ", map.Children.Take(4).Select(p => $"'{Shown(p.Key.ToString())}'"))}",
        _ => "something else",
    };
}
