using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Gradus.Experiments.Yaml;

/// <summary>
/// Loads the part of YAML that an experiment needs: one document of mappings, lists and plain values. Anchors, aliases and tags
/// are refused, so that a small file cannot unfold into a large one and every value stands where it is read.
/// </summary>
internal static class StrictYaml
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 16;

    /// <summary>The root of the document.</summary>
    /// <exception cref="GradusException">The file cannot be read or is not such a document; with line and column where there is one.</exception>
    public static YamlValue Load(string path)
    {
        string text = ReadText(path);
        RefuseTabs(text, path);
        try
        {
            Scan(text, path);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return new YamlValue(stream.Documents[0].RootNode, path, "");
        }
        catch (YamlException e)
        {
            throw new GradusException($"not valid YAML: {Clause(e.Message)}", $"{path}:{e.Start.Line}:{e.Start.Column}", remedy: Remedy(text, e.Start.Line), fault: Fault.Request, inner: e);
        }
    }

    private static string ReadText(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new GradusException("an experiment file is needed", remedy: "Write one with gradus init", fault: Fault.Request);
        if (Directory.Exists(path))
            throw new GradusException("is a folder, not an experiment file", path, remedy: "Name the .yaml file in it", fault: Fault.Request);
        if (!File.Exists(path))
            throw new GradusException("the experiment file does not exist", path, remedy: "Check the path, or write one with gradus init", fault: Fault.Request);
        try
        {
            using FileStream file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > MaxBytes)
                throw new GradusException("an experiment file is at most 1 MiB", path, remedy: "Name the experiment file, not a data file", fault: Fault.Request);
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, count).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new GradusException("is not UTF-8 text", path, remedy: "Save it as UTF-8", fault: Fault.Request, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("the experiment file cannot be read", path, e.Message.TrimEnd('.'), "Check its permissions", Fault.Request, e);
        }
    }

    // The parser reports a tab at the start of the block instead of where it stands.
    private static void RefuseTabs(string text, string path)
    {
        int line = 0;
        foreach (ReadOnlySpan<char> content in text.AsSpan().EnumerateLines())
        {
            line++;
            ReadOnlySpan<char> rest = content.TrimStart(" \t");
            int tab = content[..^rest.Length].IndexOf('\t');
            if (tab >= 0 && rest.Length > 0 && rest[0] != '#')
                throw new GradusException("YAML is indented with spaces", $"{path}:{line}:{tab + 1}", "a tab", "Replace it with spaces", Fault.Request);
        }
    }

    private static void Scan(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<Frame>();
        Mark last = Mark.Empty;
        int documents = 0;
        while (Next(parser, path, last))
        {
            ParsingEvent current = parser.Current!;
            last = current.Start;
            if (current is DocumentStart && ++documents > 1)
                throw Wrong("one experiment a file", "a second document", "Remove the line ---");
            if (current is MappingEnd or SequenceEnd)
                open.Pop();
            if (current is AnchorAlias alias)
                throw Wrong("aliases are not read", $"*{YamlValue.Shown(alias.Value.Value)}", "Write the value out");
            if (current is not NodeEvent node)
                continue;
            if (!node.Anchor.IsEmpty)
                throw Wrong("anchors are not read", $"&{YamlValue.Shown(node.Anchor.Value)}", "Remove it and write the value where it is needed");
            if (!node.Tag.IsEmpty)
                throw Wrong("tags are not read", node.Tag.Value, "Remove it");
            if (open.TryPeek(out Frame? frame) && frame.TakesKey())
                Key(frame, node);
            if (node is MappingStart or SequenceStart)
                open.Push(new Frame(node is MappingStart));
            if (open.Count > MaxDepth)
                throw Wrong($"an experiment nests at most {MaxDepth} levels", "a deeper one", "Close the brackets");
        }
        if (documents == 0)
            throw new GradusException("the experiment file is empty", path, remedy: "Write one with gradus init", fault: Fault.Request);

        void Key(Frame frame, NodeEvent node)
        {
            if (node is not Scalar key)
                throw Wrong("a key is a word", node is MappingStart ? "a block" : "a list", "Check brackets and the indentation");
            if (!frame.Keys.TryAdd(key.Value, key.Start.Line))
                throw Wrong($"the key '{YamlValue.Shown(key.Value)}' stands twice", $"the first on line {frame.Keys[key.Value]}", "Remove one of them");
        }

        GradusException Wrong(string problem, string found, string remedy) => new(problem, $"{path}:{last.Line}:{last.Column}", found, remedy, Fault.Request);
    }

    private static bool Next(Parser parser, string path, Mark last)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (InvalidOperationException e)
        {
            // What the parser throws where a bracket is never closed.
            throw NotYaml("a bracket or quote is not closed", "Close it", e);
        }
        catch (ArgumentException e)
        {
            // What it throws at an escape such as \UFFFFFFFF.
            throw NotYaml("an escape names no character", "Write the character itself", e);
        }

        GradusException NotYaml(string problem, string remedy, Exception e) =>
            new($"not valid YAML after here: {problem}", $"{path}:{last.Line}:{last.Column}", remedy: remedy, fault: Fault.Request, inner: e);
    }

    // Inside { … } the brace of ${NAME} would end the block.
    private static string Remedy(string text, long line) => text.Split('\n').ElementAtOrDefault((int)line - 1)?.Contains("${", StringComparison.Ordinal) == true
        ? "Put the path with ${…} in quotes"
        : "Check indentation, brackets, colons and quotes there";

    private static string Clause(string message) => message.TrimEnd('.', ' ') is { Length: > 0 } m ? char.ToLowerInvariant(m[0]) + m[1..] : "it cannot be parsed";

    private sealed class Frame(bool mapping)
    {
        private bool _keyIsNext = true;

        public Dictionary<string, long> Keys { get; } = new(StringComparer.Ordinal);

        /// <summary>True where the node that starts now is a key; keys and values alternate.</summary>
        public bool TakesKey()
        {
            bool key = mapping && _keyIsNext;
            _keyIsNext = !_keyIsNext;
            return key;
        }
    }
}
