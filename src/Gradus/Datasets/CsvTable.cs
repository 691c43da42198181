using CsvHelper;

namespace Gradus.Datasets;

/// <summary>Chosen columns of a CSV, row by row, with the line of each. Rows that break the format are told apart, not guessed at.</summary>
internal sealed class CsvTable : IDisposable
{
    private readonly string _path;
    private readonly CsvReader _reader;
    private readonly int[] _columns;
    private readonly bool _trim;
    private readonly Queue<CsvLine> _malformed = new();

    /// <param name="path">The file: UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="columns">The columns to read, in the order wanted; null entries read as empty.</param>
    /// <param name="separator">Null finds it among comma, semicolon, tab and bar.</param>
    /// <param name="trim">Whether values lose surrounding spaces, and line breaks within them count as damage: right for files that people write.</param>
    /// <exception cref="GradusException">The file is missing or empty, or a column is missing or there twice.</exception>
    public CsvTable(string path, IReadOnlyList<string?> columns, char? separator = null, bool trim = true)
    {
        (_path, _trim) = (path, trim);
        var options = new CsvReaderOptions
        {
            Separator = separator,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = record => _malformed.Enqueue(new CsvLine(record.LineNumber, [], Explain(record))),
        };
        try
        {
            _reader = CsvReader.FromFile(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string problem = File.Exists(path) ? "the file cannot be read" : Directory.Exists(path) ? "is a folder, not a file" : "the file does not exist";
            throw new GradusException(problem, path, remedy: "Check the path", fault: Fault.Request, inner: e);
        }
        try
        {
            string[] headers = [.. _reader.Headers.Select(h => h.Trim())];
            if (headers.Any(h => h.Any(char.IsControl)))
                throw new GradusException("is not a CSV", path, "binary data where the names of columns should be", "Check the path", Fault.Request);
            if (headers.All(h => h.Length == 0) && File.ReadLines(path).FirstOrDefault() is { } start && start.Contains('"', StringComparison.Ordinal))
                throw new GradusException("the header line has a quote that is not closed", $"{path}:1", Start(start), "Close it, or remove it", Fault.Request);
            if (headers.All(h => h.Length == 0))
                throw new GradusException("the file has no header line", path, "nothing", columns.Any(c => c is not null) ? $"Its first line must name the columns, {Wanted(columns)} among them" : "Its first line must name the columns", Fault.Request);
            _columns = [.. columns.Select(c => c is null ? -1 : IndexOf(c, headers))];
            FieldCount = headers.Length;
        }
        catch (Exception e)
        {
            _reader.Dispose();
            if (e is CsvFormatException or IOException)
                throw Unreadable(e);
            throw;
        }
    }

    private int FieldCount { get; }

    /// <summary>
    /// The names of the file's columns, in order; a column without a name, such as pandas' index, is none.
    /// </summary>
    /// <exception cref="GradusException">The file is missing or empty.</exception>
    public static string[] Headers(string path)
    {
        using var table = new CsvTable(path, []);
        return [.. table._reader.Headers.Select(h => h.Trim()).Where(h => h.Length > 0)];
    }

    /// <summary>The rows in order; malformed ones come as such, before or after their neighbours.</summary>
    /// <exception cref="GradusException">The file cannot be read to its end.</exception>
    public IEnumerable<CsvLine> Lines()
    {
        while (Next())
        {
            while (_malformed.TryDequeue(out CsvLine? bad))
                yield return bad;
            yield return Current();
        }
        while (_malformed.TryDequeue(out CsvLine? last))
            yield return last;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool Next()
    {
        try
        {
            return _reader.Read();
        }
        catch (Exception e) when (e is CsvFormatException or IOException)
        {
            throw Unreadable(e);
        }
    }

    private CsvLine Current()
    {
        int count = _reader.FieldCount;
        string? problem = null;
        if (count <= _columns.DefaultIfEmpty(-1).Max() || Enumerable.Range(FieldCount, Math.Max(0, count - FieldCount))
            .Any(i => _reader.GetString(i).Trim().Length > 0))
            problem = $"has {count} fields where the header has {FieldCount}";
        string[] fields = [.. _columns.Select(c => c < 0 || c >= count ? "" : _trim ? _reader.GetString(c).Trim(' ', '\t') : _reader.GetString(c))];
        // A quote that was opened by mistake and closed lines later is well formed, and swallows the rows between.
        if (_trim && fields.Any(f => f.AsSpan().ContainsAny('\n', '\r')))
            problem = $"holds a line break within {string.Join(" or ", fields.Where(f => f.AsSpan().ContainsAny('\n', '\r')).Select(Start))}: a quote may have been opened and not closed";
        return new CsvLine(_reader.LineNumber, fields, problem);
    }

    private static string Explain(CsvMalformedRecord record)
    {
        string reason = record.Reason switch
        {
            CsvMalformedReason.StrayQuote => "has a quote inside a field that is not quoted",
            CsvMalformedReason.TextAfterClosingQuote => "has text after a closing quote",
            CsvMalformedReason.UnterminatedQuote => "opens a quote that is never closed",
            _ => "is not well formed",
        };
        int more = record.RawRecord.AsSpan().TrimEnd("\r\n").Count('\n');
        return more == 0 ? reason : $"{reason}, so that the {more} lines after it were taken for a part of it";
    }

    private int IndexOf(string column, string[] headers)
    {
        int index = Array.IndexOf(headers, column.Trim());
        if (index < 0)
        {
            headers = [.. headers.Where(h => h.Length > 0)];
            string? near = NearestWord.To(column, headers);
            throw new GradusException(
                $"the column '{column}' is missing",
                $"{_path}:1",
                $"{string.Join(", ", headers.Take(20).Select(Start))}{(headers.Length > 20 ? $" and {headers.Length - 20} more" : "")}",
                near is null ? "Name a column of the file" : $"Did you mean '{near}'?",
                Fault.Request);
        }
        if (Array.IndexOf(headers, column.Trim(), index + 1) >= 0)
            throw new GradusException($"the column '{column}' is there twice", $"{_path}:1", remedy: "Rename one of them", fault: Fault.Request);
        return index;
    }

    private GradusException Unreadable(Exception e) => new("the file cannot be read as CSV", _path, e.Message.TrimEnd('.'), fault: Fault.Request, inner: e);

    private static string Wanted(IEnumerable<string?> columns) => string.Join(", ", columns.OfType<string>().Select(c => $"'{c}'"));

    /// <summary>The start of a text, fit for one line of a message.</summary>
    internal static string Start(string text)
    {
        string line = string.Concat(text.Take(40).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length > 40 ? $"'{line}…'" : $"'{line}'";
    }
}

/// <summary>A row of a CSV.</summary>
/// <param name="Number">The line on which it starts; the header is on line 1.</param>
/// <param name="Fields">The chosen columns' values, in the order asked for; incomplete where there is a problem.</param>
/// <param name="Problem">What breaks the format, as a clause ("has 3 fields …"); null where nothing does.</param>
internal sealed record CsvLine(long Number, string[] Fields, string? Problem);
