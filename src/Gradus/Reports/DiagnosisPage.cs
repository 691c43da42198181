using Gradus.Diagnosis;
using Gradus.Experiments;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>A diagnosis as one page of HTML that needs nothing beside it.</summary>
public static class DiagnosisPage
{
    private const int Largest = 8;

    /// <summary>Writes the page; the pictures that <see cref="DiagnosisPlots"/> drew into the run's folder are put into it.</summary>
    /// <exception cref="GradusException">A picture cannot be read, or the page cannot be written.</exception>
    public static void Write(string path, RunFolder run, RunDiagnosis diagnosis)
    {
        Experiment experiment = diagnosis.Input.Info.Experiment;
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", $"Diagnosis of {diagnosis.Input.Info.Name}");
        page.Element("p", $"{diagnosis.Input.Records.Count} epochs, validation scores of {diagnosis.Input.Validation.Count}, a sweep of {diagnosis.Input.Test.Count}.").Raw("</header>\n");
        page.Element("h2", "Answer").Raw("<ol>");
        foreach (Finding finding in diagnosis.Findings)
        {
            page.Raw("<li>").Raw($"<span class=\"badge {(finding.Severity == Severity.Info ? "" : "failed")}\">").Text(finding.Severity.ToString().ToLowerInvariant()).Raw("</span> <b>").Text(finding.Sentence).Raw("</b>");
            page.Element("p", finding.Evidence).Raw("</li>\n");
        }
        page.Raw("</ol>\n");
        foreach (string missing in diagnosis.CannotTell)
            page.Element("p", missing);
        foreach (string name in DiagnosisPlots.Names.Where(n => File.Exists(DiagnosisPlots.PathOf(run, n))))
        {
            page.Raw("<figure><div class=\"wide\">").Raw($"<img alt=\"\" width=\"{Chart.Width}\" height=\"{Chart.Height}\" src=\"data:image/png;base64,{Convert.ToBase64String(RunReport.Read(DiagnosisPlots.PathOf(run, name)))}\">");
            page.Raw("</div>").Element("figcaption", DiagnosisPlots.Caption(name)).Raw("</figure>\n");
        }
        page.Element("h2", "Selection");
        ReportTables.RuleChoices(page, experiment, diagnosis.Choices);
        Changes(page, diagnosis);
        AtomicFile.WriteText(path, page.Document($"Diagnosis of {diagnosis.Input.Info.Name}"));
    }

    private static void Changes(HtmlText page, RunDiagnosis diagnosis)
    {
        if (diagnosis.Changes.IsEmpty)
            return;
        page.Element("h2", $"Largest changes of counts at tuned thresholds");
        page.Table(
            ["images", "epochs", "moved", "by scores", "by thresholds", "at default thresholds", .. diagnosis.Input.Info.Experiment.Scale.Names],
            [.. diagnosis.Changes.OrderByDescending(c => c.Moved / c.Images).Take(Largest).Select(c => (string[])[
                c.Set == DiagnosedSet.Test ? "swept" : "validation", $"{c.From} → {c.To}", Chart.Count(c.Moved), Chart.Count(c.MovedByScores), Chart.Count(c.MovedByThresholds), Chart.Count(c.MovedAtDefault),
                .. c.Before.Zip(c.After, (before, after) => $"{before} → {after}")])]);
    }
}
