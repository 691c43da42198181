using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class SplitCommand
{
    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<string?> target = new("--out") { Description = "Also write the plan: id,source,hash,grade,group,fold.", HelpName = "FILE" };
        var verb = new Verb(
            "split",
            "Shows the fold plan: stratified by grade, with identical images, near duplicates and named groups (patients, slides) always in one fold.",
            "gradus split experiment.yaml --out split.csv")
        {
            file, target,
        };
        verb.Does((parse, session) =>
        {
            (string named, string? plan) = (parse.GetRequiredValue(file), parse.GetValue(target));
            return () => Run(session, ExperimentFile.Read(named, Zoo.Names), plan);
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment, string? target)
    {
        if (target is not null)
            SharedOptions.KeepOthers(target, FoldPlanFile.Header);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        DataPartition partition = DataPartition.Create(experiment, audit);
        if (partition.Plan is not { } plan)
            return Sides(session, experiment, audit, partition, target);
        ImmutableArray<ImmutableArray<int>> balance = plan.Balance(experiment.Scale.Count);
        session.Output.Heading($"{plan.Assignments.Length} images in {plan.GroupCount} groups, {plan.Folds} folds; fold {experiment.Split!.Fold} validates");
        session.Output.Table(
            ["grade", .. Enumerable.Range(0, plan.Folds).Select(f => $"fold {f}")],
            [
                .. experiment.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", .. balance.Select(f => $"{f[k]}")]),
                ["all", .. balance.Select(f => $"{f.Sum()}")],
            ],
            numbers: true);
        TrainingText.LeftOut(session.Output, experiment, audit, partition);
        if (target is not null)
        {
            FoldPlanFile.Write(target, plan);
            session.Output.Line($"Plan: {target}");
        }
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                images = plan.Assignments.Length,
                groups = plan.GroupCount,
                folds = balance,
                fingerprint = plan.Fingerprint,
                findings = partition.Findings.Select(
                    f => new { kind = f.Kind, source = f.Source, message = f.Message }),
                assignments = plan.Assignments.Select(a => new { id = a.Record.Id.Value, source = a.Record.Source, grade = a.Record.Grade, fold = a.Fold }),
            });
        }
        return 0;
    }

    /// <summary>Where the experiment names its validation images itself: how many of each grade are on which side.</summary>
    private static int Sides(Session session, Experiment experiment, AuditReport audit, DataPartition partition, string? target)
    {
        if (target is not null)
            throw new GradusException("the experiment names its validation images itself, so there is no fold plan to write", remedy: "Leave --out away; --json lists both sides", fault: Fault.Request);
        TrainingText.Data(session.Output, experiment, audit, partition);
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                images = partition.Training.Records.Length + partition.Validation.Count,
                training = TrainingText.Count(partition.Training.Records, experiment.Scale),
                validation = TrainingText.Count(partition.Validation.Records, experiment.Scale),
                fingerprint = partition.Fingerprint,
                assignments = Assigned("training", partition.Training.Records).Concat(Assigned("validation", partition.Validation.Records)),
            });
        }
        return 0;

        static IEnumerable<object> Assigned(string side, ImmutableArray<ImageRecord> records) => records.Select(r => new { id = r.Id.Value, source = r.Source, grade = r.Grade, side });
    }
}
