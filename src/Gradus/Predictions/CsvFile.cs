using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gradus.Predictions;

/// <summary>How prediction and submission files are read and written: UTF-8, commas, one header line, line feeds.</summary>
internal static class CsvFile
{
    /// <summary>Writes through <paramref name="fill"/>, atomically.</summary>
    public static void Write(string path, Action<CsvWriter> fill) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        using var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }, leaveOpen: true);
        fill(csv);
    });

    /// <summary>Writes one row.</summary>
    public static void WriteRow(this CsvWriter csv, IEnumerable<string> fields)
    {
        foreach (string field in fields)
            csv.WriteField(field);
        csv.NextRecord();
    }

    /// <summary>Opens a file and reads its header, which must hold <paramref name="needed"/>.</summary>
    public static CsvReader Open(string path, out string[] header, params string[] needed)
    {
        StreamReader text;
        try
        {
            text = new StreamReader(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("cannot be read", path, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message.TrimEnd('.'), fault: Fault.Request, inner: e);
        }
        var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim, BadDataFound = null, MissingFieldFound = null });
        try
        {
            if (!Next(csv, path) || !csv.ReadHeader())
                throw new GradusException("is empty", path, remedy: "It needs a header line", fault: Fault.Request);
            header = csv.HeaderRecord ?? [];
            string[] names = header;
            if (needed.FirstOrDefault(n => !names.Contains(n)) is { } missing)
                throw new GradusException($"the column '{missing}' is missing", $"{path}:1", $"columns {string.Join(", ", names)}", fault: Fault.Request);
            return csv;
        }
        catch
        {
            csv.Dispose();
            throw;
        }
    }

    /// <summary>Moves to the next row.</summary>
    public static bool Next(CsvReader csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvHelperException e)
        {
            throw new GradusException("is not a CSV file", $"{path}:{csv.Parser.RawRow}", e.Message.Split('\n')[0].TrimEnd('.'), fault: Fault.Request, inner: e);
        }
    }
}
