using YamlDotNet.RepresentationModel;

namespace Gradus.Experiments.Yaml;

/// <summary>A mapping while it is read: hands out declared keys only and remembers which were asked for.</summary>
internal sealed class YamlBlock
{
    private readonly Dictionary<string, YamlNode> _values;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly YamlValue _place;
    private readonly KeyBlock _keys;
    private readonly string _path;

    internal YamlBlock(YamlMappingNode map, YamlValue place, KeyBlock keys, string path)
    {
        _values = map.Children.ToDictionary(p => ((YamlScalarNode)p.Key).Value ?? "", p => p.Value, StringComparer.Ordinal);
        (_place, _keys, _path) = (place, keys, path);
    }

    /// <summary>Declared keys that nobody asked for yet.</summary>
    internal string[] Unasked => [.. _keys.Keys.Select(k => k.Name).Where(k => !_asked.Contains(k))];

    /// <summary>The value of a required key.</summary>
    public YamlValue Required(string key) => Value(key, required: true) ??
        throw _place.Wrong($"lacks the key '{key}'", remedy: $"{key}: {_keys.Meaning(key)}");

    /// <summary>The value of an optional key; null where it is left out or written as null.</summary>
    public YamlValue? Optional(string key) => Value(key, required: false);

    /// <summary>The value of an optional key, read by <paramref name="read"/>, or its default.</summary>
    public T Optional<T>(string key, T otherwise, Func<YamlValue, T> read) => Optional(key) is { } value ? read(value) : otherwise;

    private YamlValue? Value(string key, bool required)
    {
        ExperimentKey declared = _keys.Find(key) ?? throw new InvalidOperationException($"{_keys.Name} declares no key {key}");
        if (declared.Required != required)
            throw new InvalidOperationException($"{_keys.Name}.{key} is read as if it were {(required ? "required" : "optional")}");
        _asked.Add(key);
        if (!_values.TryGetValue(key, out YamlNode? node))
            return null;
        var value = new YamlValue(node, _path, _place.Dotted(key));
        return value.IsNull && !required ? null : value;
    }
}
