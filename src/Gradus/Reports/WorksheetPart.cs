using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Reports;

/// <summary>The markup of one worksheet and of the styles that all share.</summary>
internal static class WorksheetPart
{
    private const int Narrowest = 9, Widest = 60;

    // The first so many rows say how wide a column is.
    private const int Measured = 1000;

    // Excel calls a file with a longer cell damaged.
    private const int LongestText = 32_000;

    // Places in cellXfs below; the formats of numbers follow in the order of NumberFormat.
    private const int TextStyle = 0, TitleStyle = 1, QuotedStyle = 2, DateStyle = 3, FirstNumberStyle = 4;

    private static readonly int[] Formats = [164, 0, 3, 165, 166, 167];

    private static readonly DateTime Epoch = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>styles.xml.</summary>
    public static string Styles(string space) =>
        $"<styleSheet xmlns=\"{space}\">"
        + "<numFmts count=\"4\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/><numFmt numFmtId=\"165\" formatCode=\"0.0000\"/><numFmt numFmtId=\"166\" formatCode=\"0.0\"/><numFmt numFmtId=\"167\" formatCode=\"0.0%\"/></numFmts>"
        + "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>"
        + "<fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill><fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE3F0F9\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>"
        + "<borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style=\"thin\"><color rgb=\"FF5F6B7A\"/></bottom><diagonal/></border></borders>"
        + "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
        + "<cellXfs count=\"9\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
        + "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"1\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\" applyAlignment=\"1\"><alignment vertical=\"top\" wrapText=\"1\"/></xf>"
        + "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\"/>"
        + string.Concat(Formats.Select(f => $"<xf numFmtId=\"{f}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"))
        + "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";

    /// <summary>sheetN.xml: the header and the first column stand still, the table has filters.</summary>
    public static void Write(TextWriter xml, Worksheet sheet, string space, bool selected)
    {
        xml.Write($"<worksheet xmlns=\"{space}\"><sheetViews><sheetView workbookViewId=\"0\"{(selected ? " tabSelected=\"1\"" : "")}>");
        xml.Write("<pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\" activePane=\"bottomRight\" state=\"frozen\"/><selection pane=\"bottomRight\" activeCell=\"B2\" sqref=\"B2\"/></sheetView></sheetViews><cols>");
        ImmutableArray<WorksheetCell?>[] sample = [.. sheet.Rows.Take(Measured)];
        for (int c = 0; c < sheet.Titles.Length; c++)
            xml.Write(string.Create(CultureInfo.InvariantCulture, $"<col min=\"{c + 1}\" max=\"{c + 1}\" width=\"{Width(sheet.Titles[c], sample, c)}\" customWidth=\"1\"/>"));
        xml.Write("</cols><sheetData>");
        Row(xml, 1, [.. sheet.Titles.Select(WorksheetCell.Of)], TitleStyle);
        int row = 2;
        foreach (ImmutableArray<WorksheetCell?> cells in sheet.Rows)
            Row(xml, row++, cells, TextStyle);
        row++; // one row stays free: a filter takes in what touches its table
        foreach (ImmutableArray<WorksheetCell?> cells in sheet.Foot)
            Row(xml, row++, cells, TextStyle);
        xml.Write($"</sheetData><autoFilter ref=\"A1:{Letters(sheet.Titles.Length - 1)}{sheet.Count + 1}\"/></worksheet>");
    }

    /// <summary>The letters of a column: 0 is A, 26 is AA.</summary>
    public static string Letters(int column) => column < 26 ? $"{(char)('A' + column)}" : Letters(column / 26 - 1) + (char)('A' + column % 26);

    private static void Row(TextWriter xml, int number, ImmutableArray<WorksheetCell?> cells, int textStyle)
    {
        xml.Write($"<row r=\"{number}\">");
        foreach ((int column, WorksheetCell? cell) in cells.Index())
        {
            string at = $"{Letters(column)}{number}";
            switch (cell)
            {
                case TextCell text:
                    int style = text.LooksLikeFormula && textStyle == TextStyle ? QuotedStyle : textStyle;
                    xml.Write(string.Create(CultureInfo.InvariantCulture, $"<c r=\"{at}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{Spreadsheet.Escaped(Shortened(text.Text))}</t></is></c>"));
                    break;
                case NumberCell value:
                    xml.Write(string.Create(CultureInfo.InvariantCulture, $"<c r=\"{at}\" s=\"{FirstNumberStyle + (int)value.Format}\"><v>{value.Exact}</v></c>"));
                    break;
                case DateCell date:
                    xml.Write(string.Create(CultureInfo.InvariantCulture, $"<c r=\"{at}\" s=\"{DateStyle}\"><v>{(date.At.UtcDateTime - Epoch).TotalDays:R}</v></c>"));
                    break;
                case null:
                    break;
            }
        }
        xml.Write("</row>");
    }

    // Titles wrap, so that the longest word of one is enough; the arrow of the filter stands beside it.
    private static int Width(string title, ImmutableArray<WorksheetCell?>[] rows, int column) => Math.Clamp(
        2 + Math.Max(
            2 + title.Split(' ', '.').Max(word => word.Length),
            rows.Select(r => Length(r[column])).DefaultIfEmpty(0).Max()),
        Narrowest,
        Widest);

    private static int Length(WorksheetCell? cell) => cell switch
    {
        TextCell text => text.Text.Length,
        NumberCell { Format: NumberFormat.General } number => number.Exact.Length,
        NumberCell => 8,
        DateCell => 16,
        _ => 0,
    };

    private static string Shortened(string text) => text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText), "…");
}
