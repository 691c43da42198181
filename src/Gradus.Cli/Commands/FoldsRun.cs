using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

/// <summary>train --fold all: a run for each fold, what is finished left alone and what was interrupted resumed, and their pooled scores.</summary>
internal static class FoldsRun
{
    public static int Run(Session session, Experiment experiment, string? remark)
    {
        using FoldData data = session.During(progress => FoldData.Load(experiment, session.Cache, progress, session.Cancel));
        FoldGroup group = FoldTraining.Group(data, session.Runs, TimeProvider.System);
        session.Output.Heading($"{data.Folds.Length} folds: {group.Info.Name}");
        for (int fold = 0; fold < data.Folds.Length; fold++)
        {
            RunFolder run = FoldTraining.Run(group, data, fold, TimeProvider.System, remark);
            RunInfo info = run.ReadInfo();
            if (info.Status == RunStatus.Finished)
            {
                session.Output.Line($"Fold {fold} is finished: {info.Name}");
                continue;
            }
            RunsText.Deaths(session.Output, run);
            using IDisposable told = Supervisor.Working(run);
            TrainingText.Data(session.Output, info.Experiment, data.Folds[fold].Data.Audit, data.Folds[fold].Data.Partition);
            using CancellationTokenRegistration hint = session.Cancel.Register(() => session.Output.Note("Stopping; the same command goes on from the last whole epoch."));
            TrainingResult result = session.During(progress => TrainingSession.Train(run, data.Folds[fold].Data, TimeProvider.System, TrainingText.Events(session.Output, info, progress), session.Cancel));
            TrainingText.Result(session.Output, run, info, result);
            session.Output.Line();
        }
        (OutOfFoldSet scores, EnsembleReport report, Ensemble ensemble) = session.During(progress => FoldTraining.Assemble(group, data, progress, session.Cancel));
        Print(session, group, report, ensemble.Scale.Names);
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                group = group.Info.Name,
                directory = group.Root,
                outOfFold = group.OutOfFoldFile,
                ensemble = group.EnsembleFile,
                images = scores.Scores.Length,
                figures = report.Ensemble,
                thresholds = report.Tuned.Points,
                @default = report.Ensemble.Gradings!.Default,
                tuned = report.Ensemble.Gradings.Tuned,
                crossFitted = report.Ensemble.Gradings.CrossFitted,
                warning = report.Effect.Warning(ensemble.Scale.Names, "out-of-fold images"),
                checkpoints = ensemble.Members[0].Checkpoints.Select(c => new { c.Run, c.Epoch, c.Fold, c.Path, c.Sha256 }),
            });
        }
        return 0;
    }

    private static void Print(Session session, FoldGroup group, EnsembleReport report, IReadOnlyList<string> names)
    {
        session.Output.Heading($"{report.Images} out-of-fold images, pooled");
        EnsembleText.Figures(session.Output, [report.Ensemble with { Name = group.Info.Name }]);
        EnsembleText.Gradings(session.Output, report, names);
        session.Output.Line($"Cut points    {EnsembleText.Cuts(report)}");
        session.Output.Line($"Out of fold   {group.OutOfFoldFile}");
        session.Output.Line($"Ensemble      {group.EnsembleFile}");
        if (EnsembleText.Doubt(report) is { } doubt)
            session.Output.Line(doubt);
    }
}
