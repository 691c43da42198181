using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Splitting;
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
        Option<string?> decide = new("--decide") { Description = "Also write the images whose grades contradict each other, for you to fill in: a grade, keep or drop. Decisions that are in the file already stay.", HelpName = "FILE" };
        Option<string?> lists = new("--lists") { Description = "Also write lists of duplicates: bad_examples, all_duplicates, duplicates_same_grade, near_duplicates and test_duplicates (.csv).", HelpName = "DIR" };
        var verb = new Verb(
            "audit",
            "Looks for what spoils a data set: unreadable images, labels outside the scale, duplicates, near duplicates, duplicates with other grades, test images among the training images. Changes nothing.",
            "gradus audit experiment.yaml",
            "gradus audit experiment.yaml --html audit.html",
            "gradus audit experiment.yaml --decide decisions.csv")
        {
            file, page, sheet, decide, lists,
        };
        verb.Does((parse, session) =>
        {
            (string experiment, string? html, string? picture) =
                (parse.GetRequiredValue(file), parse.GetValue(page), parse.GetValue(sheet));
            (string? decisions, string? folder) = (parse.GetValue(decide), parse.GetValue(lists));
            return () => Run(session, experiment, html, picture, decisions, folder);
        });
        return verb;
    }

    private static int Run(Session session, string file, string? page, string? sheet, string? decide, string? lists)
    {
        if (decide is not null)
            SharedOptions.KeepOthers(decide, ""); // that it is a file of decisions is checked when it is read
        if (lists is not null)
        {
            if (File.Exists(lists))
                throw new GradusException("is a file, and --lists names a folder", lists, remedy: "Name a folder", fault: Fault.Request);
            foreach ((string list, _) in DuplicateLists.Files)
                SharedOptions.KeepOthers(Path.Combine(lists, list), DuplicateLists.Header);
        }
        if (page is not null)
            SharedOptions.KeepOthers(page, "<!doctype html>");
        if (sheet is not null)
            SharedOptions.CheckPicture(sheet, "--sheet");
        Experiment experiment = ExperimentFile.Read(file, Zoo.Names);
        // The file that the experiment names may be the one that is to be written now for the first time.
        if (decide is not null && !File.Exists(decide) && experiment.Decisions == Path.GetFullPath(decide))
            experiment = experiment with { Conflicts = ConflictPolicy.Quarantine, Decisions = null };
        AuditReport report = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        foreach ((string option, string? target) in (ReadOnlySpan<(string, string?)>)[("--html", page), ("--sheet", sheet)])
        {
            if (target is not null)
                SharedOptions.KeepInputs(target, report.Readable.Select(r => r.Location).OfType<FileLocation>().Select(l => l.Path), option);
        }
        ImmutableArray<(Experiment Phase, DataPartition Partition)> partitions = Partitions(session, experiment, report);
        (int rows, int decided) = decide is null ? default : DecisionFile.Write(decide, report);
        ImmutableArray<(string Path, int Groups)> written = lists is null ? [] : DuplicateLists.Write(lists, report);
        if (page is not null)
            AuditPage.Write(page, Path.GetFileNameWithoutExtension(file), report, [.. partitions.Select(p => p.Partition)]);
        if (sheet is not null)
            AuditSheet.Write(sheet, report);

        if (session.Output.Json)
            session.Output.Document(AuditJson.Of(report, [.. partitions.Select(p => p.Partition)]));
        else
            Print(session, experiment, report, partitions);
        if (page is not null)
            session.Output.Line($"Page: {page}");
        if (sheet is not null)
            session.Output.Line($"Sheet: {sheet}");
        if (decide is not null)
            session.Output.Line($"Decisions: {decide}, {decided} of {rows} images decided; " + (report.Policy == ConflictPolicy.File && report.Quarantined.Length == 0
                ? "no conflict is left open."
                : $"fill in the column 'decision' (a grade, keep or drop){(experiment.Decisions == Path.GetFullPath(decide) ? "" : $", and write conflicts: {{ file: {Path.GetFileName(decide)} }} in the experiment")}."));
        foreach ((string path, int groups) in written)
            session.Output.Line($"List: {path}, {groups} group{(groups == 1 ? "" : "s")}");
        return 0;
    }

    /// <summary>The division for training, and for pre-training where there is a source for that; what keeps one from being made is another verb's failure.</summary>
    private static ImmutableArray<(Experiment Phase, DataPartition Partition)> Partitions(Session session, Experiment experiment, AuditReport report)
    {
        var partitions = ImmutableArray.CreateBuilder<(Experiment, DataPartition)>();
        try
        {
            partitions.Add((experiment, DataPartition.Create(experiment, report)));
            if (experiment.Sources.Any(s => s.Use == SourceUse.Pretraining) && experiment with { Phase = TrainingPhase.Pretraining } is var phase)
                partitions.Add((phase, DataPartition.Create(phase, report)));
        }
        catch (GradusException e)
        {
            session.Output.Note("What would train and validate cannot be said, since the images cannot be " +
                $"divided: {e.Message}");
        }
        return partitions.ToImmutable();
    }

    private static void Print(Session session, Experiment experiment, AuditReport report, ImmutableArray<(Experiment Phase, DataPartition Partition)> partitions)
    {
        session.Output.Heading($"{report.Images} images, as the sources name them");
        session.Output.Table(
            ["grade", .. report.ClassCounts.Select(c => c.Source)],
            report.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", .. report.ClassCounts.Select(c => $"{c.Counts[k]}")]),
            numbers: true);
        if (report.Findings.Length == 0 && !partitions.Any(p => p.Partition.Findings.Any(f => f.Kind.IsOfSplit())))
            session.Output.Line("Nothing was found.");
        foreach (IGrouping<FindingKind, AuditFinding> kind in report.Findings.GroupBy(f => f.Kind))
        {
            ImmutableArray<AuditFinding> all = [.. kind];
            session.Output.Line();
            session.Output.Heading($"{kind.Key.Words()}: {all.Length}");
            foreach (AuditFinding finding in all.Take(Shown))
                session.Output.Line($"  {(finding.Where is { } where && !finding.Message.StartsWith("Line ", StringComparison.Ordinal) ? $"{where}: " : "")}{finding.Message}");
            if (all.Length > Shown)
                session.Output.Line($"  … and {all.Length - Shown} more; --json lists them all");
        }
        session.Output.Line();
        foreach ((Experiment phase, DataPartition partition) in partitions)
        {
            SampleText.Write(session.Output, phase, partition);
            foreach (AuditFinding finding in partition.Findings.Where(f => f.Kind.IsOfSplit()))
                session.Output.Line(finding.Message);
        }
        bool beside = experiment.Sources.Any(s => s.Role is SourceRole.External or SourceRole.Pseudo);
        if (beside && partitions.Length > 0)
            session.Output.Line();
        session.Output.Line($"Usable: {report.Main.Length} main, {report.External.Length} external, {report.Pseudo.Length} pseudo-graded, {report.Validation.Length} validation, {report.Test.Length} test images; " +
            $"{report.Quarantined.Length} are quarantined{(report.Policy == ConflictPolicy.Drop ? $", {report.Conflicts.Sum(c => c.Images.Distinct().Count())} dropped for their conflicts" : "")}.");
        if (beside && partitions.Length > 0)
            session.Output.Line($"Training on: {string.Join(", ", partitions[0].Partition.Training.Records.GroupBy(r => r.Source).Select(g => $"{g.Count()} of '{g.Key}'"))}.");
    }
}
