using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class AuditCommand
{
    private const int Shown = 8;

    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<string?> page = new("--html") { Description = "Also write a page with counts, findings, and conflicts and near duplicates as images side by side.", HelpName = "FILE" };
        Option<string?> sheet = new("--sheet") { Description = "Also write conflicts and near duplicates side by side as one picture (.png).", HelpName = "FILE" };
        var verb = new Verb(
            "audit",
            "Looks for what spoils a data set: unreadable images, labels outside the scale, duplicates, near duplicates, duplicates with other grades, test images among the training images. Changes nothing.",
            "gradus audit experiment.yaml",
            "gradus audit experiment.yaml --html audit.html")
        {
            file, page, sheet,
        };
        verb.Does((parse, session) => Run(session, parse.GetRequiredValue(file), parse.GetValue(page), parse.GetValue(sheet)));
        return verb;
    }

    private static int Run(Session session, string file, string? page, string? sheet)
    {
        if (page is not null)
            SharedOptions.KeepOthers(page, "<!doctype html>");
        if (sheet is not null)
            SharedOptions.CheckPicture(sheet, "--sheet");
        Experiment experiment = ExperimentFile.Read(file, Zoo.Names);
        AuditReport report = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        foreach ((string option, string? target) in (ReadOnlySpan<(string, string?)>)[("--html", page), ("--sheet", sheet)])
        {
            if (target is not null)
                SharedOptions.KeepInputs(target, report.Readable.Select(r => r.Location).OfType<FileLocation>().Select(l => l.Path), option);
        }
        if (page is not null)
            AuditPage.Write(page, Path.GetFileNameWithoutExtension(file), report);
        if (sheet is not null)
            AuditSheet.Write(sheet, report);

        if (session.Output.Json)
            session.Output.Document(AuditJson.Of(report));
        else
            Print(session, report);
        if (page is not null)
            session.Output.Line($"Page: {page}");
        if (sheet is not null)
            session.Output.Line($"Sheet: {sheet}");
        return 0;
    }

    private static void Print(Session session, AuditReport report)
    {
        session.Output.Heading($"{report.Images} images");
        session.Output.Table(
            ["grade", .. report.ClassCounts.Select(c => c.Source)],
            report.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", .. report.ClassCounts.Select(c => $"{c.Counts[k]}")]),
            numbers: true);
        if (report.Findings.Length == 0)
            session.Output.Line("Nothing was found.");
        foreach (IGrouping<FindingKind, AuditFinding> kind in report.Findings.GroupBy(f => f.Kind))
        {
            ImmutableArray<AuditFinding> all = [.. kind];
            session.Output.Line();
            session.Output.Heading($"{kind.Key.Words()}: {all.Length}");
            foreach (AuditFinding finding in all.Take(Shown))
                session.Output.Line($"  {(finding.Where is { } where ? $"{where}: " : "")}{finding.Message}");
            if (all.Length > Shown)
                session.Output.Line($"  … and {all.Length - Shown} more; --json lists them all");
        }
        session.Output.Line();
        session.Output.Line($"Usable: {report.Main.Length} main, {report.External.Length} external, {report.Validation.Length} validation, {report.Test.Length} test images; {report.Quarantined.Length} are quarantined.");
    }
}
