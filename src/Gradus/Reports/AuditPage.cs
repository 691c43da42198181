using Gradus.Audit;
using Gradus.Splitting;

namespace Gradus.Reports;

/// <summary>An audit as one page of HTML that needs nothing beside it.</summary>
public static class AuditPage
{
    private const int Side = 260;
    private const int MostFindings = 200;

    /// <summary>Writes counts, findings, and the images that ought to be looked at side by side.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">The experiment's name.</param>
    /// <param name="report">The audit; its images are read again.</param>
    /// <param name="partitions">The divisions of its images, for what is sampled and what a split should be known
    /// for.</param>
    /// <exception cref="GradusException">An image cannot be read any more, or the file cannot be written.</exception>
    public static void Write(string path, string title, AuditReport report, params IReadOnlyList<DataPartition> partitions)
    {
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", $"Audit of {title}").Raw("</header>\n");
        var groups = new AuditGroups(report);
        AuditFigures.Write(page, report, groups);
        foreach (AuditSection section in AuditSection.Of(groups.All()))
            Section(page, section);
        page.Element("h2", "Images of each grade");
        page.Table(["grade", .. report.ClassCounts.Select(c => c.Source)], [.. report.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", .. report.ClassCounts.Select(c => $"{c.Counts[k]}")])]);
        foreach (DataPartition partition in partitions)
            Samples(page, report, partition);
        Findings(page, report);
        AtomicFile.WriteText(path, page.Document($"Audit of {title}"));
    }

    private static void Section(HtmlText page, AuditSection section)
    {
        page.Element("h2", section.Heading).Raw("<div class=\"groups\">\n");
        foreach (AuditGroup group in section.Drawn)
        {
            page.Raw("<div class=\"group\">");
            foreach (AuditFigure figure in group.Figures)
            {
                page.Raw("<figure>");
                PageImage.Add(page, figure.Image, Side);
                page.Raw("<figcaption>").Text(figure.Lines[0]);
                foreach (string line in figure.Lines.Skip(1))
                    page.Raw("<br>").Text(line);
                page.Raw("</figcaption></figure>\n");
            }
            if (group.Rest is { } rest)
                page.Element("p", rest);
            page.Raw("</div>\n");
        }
        page.Raw("</div>\n");
        if (section.Rest is { } more)
            page.Element("p", more);
    }

    private static void Samples(HtmlText page, AuditReport report, DataPartition partition)
    {
        foreach (SampleTable table in partition.Samples.Select(s => SampleTable.Of(s, report.Scale)))
            page.Element("h2", table.Title).Table(SampleTable.Columns, [.. table.Rows]);
        foreach (AuditFinding finding in partition.Findings.Where(f => f.Kind.IsOfSplit()))
            page.Element("p", finding.Message);
    }

    private static void Findings(HtmlText page, AuditReport report)
    {
        page.Element("h2", "Findings");
        if (report.Findings.IsEmpty)
            page.Element("p", "Nothing was found.");
        foreach (IGrouping<FindingKind, AuditFinding> kind in report.Findings.GroupBy(f => f.Kind))
        {
            page.Raw("<details open>").Element("summary", $"{kind.Key.Words()}: {kind.Count()}").Raw("<ul>\n");
            foreach (AuditFinding finding in kind.Take(MostFindings))
                page.Element("li", finding.Where is { } where ? $"{where}: {finding.Message}" : finding.Message);
            page.Raw("</ul>");
            if (kind.Count() > MostFindings)
                page.Element("p", $"… and {kind.Count() - MostFindings} more; --json lists them all.");
            page.Raw("</details>\n");
        }
    }
}
