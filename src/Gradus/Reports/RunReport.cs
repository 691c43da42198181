using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>The report of a run: one page of HTML that needs nothing beside it.</summary>
public static class RunReport
{
    /// <summary>Writes report.html from run.json, metrics.jsonl and the pictures under plots/ (those that are there).</summary>
    /// <returns>Full path of the report.</returns>
    /// <exception cref="GradusException">A file of the run cannot be read, or the report cannot be written.</exception>
    public static string Write(RunFolder run)
    {
        RunInfo info = run.ReadInfo();
        IReadOnlyList<EpochRecord> records = run.Metrics.Read();
        EpochRecord? best = Selection.Best(records, info.Experiment.Select);
        var page = new HtmlText();

        page.Raw("<header>").Element("h1", info.Name);
        page.Raw($"<p><span class=\"badge {Words(info.Status)}\">").Text(Words(info.Status)).Raw("</span> ");
        page.Text($"{info.CreatedUtc:yyyy-MM-dd HH:mm} UTC · Gradus {CodeVersion.Brief(info.CodeVersion)} · {info.Experiment.Model.Backbone} · {records.Count} of {info.Experiment.Train.Epochs} epochs").Raw("</p>");
        if (info.Failure is not null)
            page.Element("p", info.Failure, "failure");
        page.Raw("</header>\n");
        if (best is not null)
        {
            ReportTables.KeyFigures(page, info, best);
            ReportTables.Choices(page, run, info, records);
            ReportTables.Metrics(page, best);
            ReportTables.Classes(page, best, info.Experiment.Scale);
        }
        Pictures(page, run);
        ReportTables.Counts(page, info);
        if (records.Count > 0)
            ReportTables.Epochs(page, records, best!.Epoch);
        page.Element("h2", "Experiment, resolved");
        page.Raw("<pre>").Text(JsonSerializer.Serialize(info.Experiment, GradusJson.Indented)).Raw("</pre>\n");
        AtomicFile.WriteText(run.ReportFile, page.Document(info.Name));
        return run.ReportFile;
    }

    // As data URIs, so that the page can be mailed. Pictures are drawn on white and keep it in the dark.
    private static void Pictures(HtmlText page, RunFolder run)
    {
        ImmutableArray<string> there = [.. RunPlots.Names.Where(name => File.Exists(run.Plot(name)))];
        if (there.IsEmpty)
            return;
        page.Element("h2", "Pictures");
        foreach (string name in there)
        {
            page.Raw("<figure><div class=\"wide\">");
            page.Raw($"<img alt=\"\" width=\"{Chart.Width}\" height=\"{Chart.Height}\" src=\"data:image/png;base64,{Convert.ToBase64String(Read(run.Plot(name)))}\">");
            page.Raw("</div>").Element("figcaption", RunPlots.Caption(name)).Raw("</figure>\n");
        }
    }

    /// <summary>A picture's bytes.</summary>
    /// <exception cref="GradusException">It cannot be read.</exception>
    internal static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }

    private static string Words(RunStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
