using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class AuditCommand
{
    private const int Shown = 8;

    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        var verb = new Verb(
            "audit",
            "Looks for what spoils a data set: unreadable images, labels outside the scale, duplicates, duplicates with other grades, test images among the training images. Changes nothing.",
            "gradus audit experiment.yaml",
            "gradus audit experiment.yaml --json")
        {
            file,
        };
        verb.Does((parse, session) =>
        {
            Experiment experiment = ExperimentFile.Read(parse.GetRequiredValue(file), Zoo.Names);
            AuditReport report = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
            if (session.Output.Json)
                session.Output.Document(AuditJson.Of(report));
            else
                Print(session, report);
            return 0;
        });
        return verb;
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
            session.Output.Heading($"{Words(kind.Key)}: {all.Length}");
            foreach (AuditFinding finding in all.Take(Shown))
                session.Output.Line($"  {(finding.Where is { } where ? $"{where}: " : "")}{finding.Message}");
            if (all.Length > Shown)
                session.Output.Line($"  … and {all.Length - Shown} more; --json lists them all");
        }
        session.Output.Line();
        session.Output.Line($"Usable: {report.Main.Length} main, {report.External.Length} external, {report.Validation.Length} validation, {report.Test.Length} test images; {report.Quarantined.Length} are quarantined.");
    }

    private static string Words(FindingKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
}
