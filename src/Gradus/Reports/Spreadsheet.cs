using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Gradus.Reports;

/// <summary>
/// Sheets as an Excel file (ECMA-376, the few parts that tables need). Written here because text must be text: every text is an
/// inline string, which no program computes, and one that looks like a formula is marked as quoted, so that it stays one when it is edited.
/// Equal sheets give equal bytes.
/// </summary>
internal static class Spreadsheet
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string PackageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const string Properties = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    private const string ContentTypes = "http://schemas.openxmlformats.org/package/2006/content-types";
    private const int MostRows = 1 << 20;
    private const string Program = "<Application>Gradus</Application>";
    private const string Head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

    /// <summary>Writes the file.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void Write(string path, IReadOnlyList<Worksheet> sheets, IProgress<WorkProgress>? progress = null)
    {
        if (sheets.FirstOrDefault(s => s.Count + s.Foot.Length + 2 > MostRows) is { } tooLong)
            throw new GradusException($"the sheet '{tooLong.Name}' would have more rows than a workbook can", path, $"{tooLong.Count}, at most {MostRows}", "Choose fewer runs, or leave the epochs out with --no-epochs", Fault.Request);
        AtomicFile.Write(path, stream => Fill(stream, [.. Watched(sheets, progress)]));
    }

    // A long history takes a minute.
    private static IEnumerable<Worksheet> Watched(IReadOnlyList<Worksheet> sheets, IProgress<WorkProgress>? progress)
    {
        int before = 0, total = sheets.Sum(s => s.Count);
        foreach (Worksheet sheet in sheets)
        {
            int start = before;
            yield return sheet with { Rows = sheet.Rows.Select((row, i) => Told(row, start + i)) };
            before += sheet.Count;
        }

        ImmutableArray<WorksheetCell?> Told(ImmutableArray<WorksheetCell?> row, int n)
        {
            if (n % 1000 == 999)
                progress?.Report(new WorkProgress("workbook", n + 1, total, "rows"));
            return row;
        }
    }

    private static void Fill(Stream stream, IReadOnlyList<Worksheet> sheets)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        var numbered = sheets.Select((sheet, i) => (Sheet: sheet, Number: i + 1)).ToArray();
        Part(zip, "[Content_Types].xml", $"<Types xmlns=\"{ContentTypes}\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
            + Override("xl/workbook.xml", "spreadsheetml.sheet.main") + Override("xl/styles.xml", "spreadsheetml.styles") + Override("docProps/app.xml", "extended-properties")
            + string.Concat(numbered.Select(s => Override($"xl/worksheets/sheet{s.Number}.xml", "spreadsheetml.worksheet"))) + "</Types>");
        Part(zip, "_rels/.rels", $"<Relationships xmlns=\"{PackageRelations}\">{Relation(1, "officeDocument", "xl/workbook.xml")}{Relation(2, "extended-properties", "docProps/app.xml")}</Relationships>");
        Part(zip, "docProps/app.xml", $"<Properties xmlns=\"{Properties}\">{Program}</Properties>");
        // The hidden names are how Excel itself remembers where a filter is.
        Part(zip, "xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Relations}\"><bookViews><workbookView activeTab=\"0\"/></bookViews><sheets>"
            + string.Concat(numbered.Select(s => $"<sheet name=\"{Escaped(s.Sheet.Name)}\" sheetId=\"{s.Number}\" r:id=\"rId{s.Number}\"/>")) + "</sheets><definedNames>"
            + string.Concat(numbered.Select(s => $"<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{s.Number - 1}\" hidden=\"1\">'{Escaped(s.Sheet.Name)}'!$A$1:${WorksheetPart.Letters(s.Sheet.Titles.Length - 1)}${s.Sheet.Count + 1}</definedName>"))
            + "</definedNames></workbook>");
        Part(zip, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{PackageRelations}\">{string.Concat(numbered.Select(s => Relation(s.Number, "worksheet", $"worksheets/sheet{s.Number}.xml")))}{Relation(sheets.Count + 1, "styles", "styles.xml")}</Relationships>");
        Part(zip, "xl/styles.xml", WorksheetPart.Styles(Main));
        foreach ((Worksheet sheet, int number) in numbered)
            Part(zip, $"xl/worksheets/sheet{number}.xml", xml => WorksheetPart.Write(xml, sheet, Main, selected: number == 1));
    }

    /// <summary>Whether a file is one that <see cref="Write"/> made and that no other program has saved since.</summary>
    public static bool IsOwn(string path)
    {
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            if (zip.GetEntry("docProps/app.xml") is not { Length: < 4096 } entry || zip.GetEntry("xl/workbook.xml") is null)
                return false;
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd().Contains(Program, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Text within markup; an escape of Excel's own, such as _x0041_, stays what it is.</summary>
    internal static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        using (var writer = XmlWriter.Create(escaped, new XmlWriterSettings { ConformanceLevel = ConformanceLevel.Fragment, OmitXmlDeclaration = true }))
            writer.WriteString(text.Replace("_x", "_x005F_x", StringComparison.OrdinalIgnoreCase));
        return escaped.Replace("\"", "&quot;").ToString();
    }

    private static string Override(string part, string type) =>
        $"<Override PartName=\"/{part}\" ContentType=\"application/vnd.openxmlformats-officedocument.{type}+xml\"/>";

    private static string Relation(int number, string type, string target) => $"<Relationship Id=\"rId{number}\" Type=\"{Relations}/{type}\" Target=\"{target}\"/>";

    private static void Part(ZipArchive zip, string name, string xml) => Part(zip, name, writer => writer.Write(xml));

    private static void Part(ZipArchive zip, string name, Action<TextWriter> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var writer = new StreamWriter(entry.Open(), bufferSize: 1 << 16); // UTF-8 without a mark
        writer.Write(Head);
        write(writer);
    }
}
