using System.Text.Json;
using Spectre.Console;

namespace Gradus.Cli.Terminal;

/// <summary>
/// What a verb says. With --json standard output carries exactly one JSON document and everything else goes to standard error;
/// without it, text goes to standard output, with colours and borders on a terminal only.
/// </summary>
internal sealed class Output(bool json)
{
    private readonly TextWriter _text = json ? Console.Error : Console.Out;
    private readonly bool _terminal = json ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;

    // One screen for text and for the bars below it, so that neither draws over the other.
    private readonly IAnsiConsole? _screen = Console.IsErrorRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private bool _written;

    /// <summary>Whether a document is asked for instead of text.</summary>
    public bool Json { get; } = json;

    /// <summary>Does long work while showing its progress.</summary>
    public T During<T>(Func<IProgress<WorkProgress>, T> work) => ProgressDisplay.During(_screen, work);

    /// <summary>A line of text, as it is.</summary>
    public void Line(string text = "")
    {
        if (_terminal && _screen is not null)
            _screen.WriteLine(text);
        else
            _text.WriteLine(text);
    }

    /// <summary>A line that opens a section.</summary>
    public void Heading(string text)
    {
        if (_terminal && _screen is not null)
            _screen.MarkupLine($"[bold]{Markup.Escape(text)}[/]");
        else
            Line(text);
    }

    /// <summary>Something to know beside the result, on standard error.</summary>
    public void Note(string text)
    {
        if (_screen is not null)
            _screen.WriteLine(text);
        else
            Console.Error.WriteLine(text);
    }

    /// <summary>A table; the columns after the first are aligned to the right where <paramref name="numbers"/> says that they are numbers.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, bool numbers = false)
    {
        IReadOnlyList<string>[] cells = [.. rows];
        if (_terminal && _screen is not null)
        {
            Table table = new Table().Border(TableBorder.Rounded);
            foreach ((int i, string column) in columns.Index())
                table.AddColumn(new TableColumn(Markup.Escape(column)) { Alignment = numbers && i > 0 ? Justify.Right : Justify.Left });
            foreach (IReadOnlyList<string> row in cells)
                table.AddRow([.. row.Select(c => new Text(c))]);
            _screen.Write(table);
            return;
        }
        int[] widths = [.. columns.Select((c, i) => cells.Select(r => r[i].Length).Append(c.Length).Max())];
        foreach (IReadOnlyList<string> row in cells.Prepend(columns))
            Line("  " + string.Join("  ", row.Select((c, i) => numbers && i > 0 ? c.PadLeft(widths[i]) : c.PadRight(widths[i]))).TrimEnd());
    }

    /// <summary>The one JSON document of the verb.</summary>
    public void Document<T>(T document)
    {
        if (_written)
            throw new InvalidOperationException("a verb writes one document");
        _written = true;
        Console.Out.WriteLine(JsonSerializer.Serialize(document, GradusJson.Indented));
    }
}
