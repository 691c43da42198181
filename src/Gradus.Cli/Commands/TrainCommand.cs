using System.CommandLine;
using System.Globalization;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch.Models;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class TrainCommand
{
    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<string?> fold = new("--fold") { Description = "The fold that validates, in place of the experiment's; or all: a run for each fold, and an ensemble of them.", HelpName = "N" };
        Option<long?> seed = new("--seed") { Description = "The seed, in place of the experiment's.", HelpName = "N" };
        Option<string?> from = new("--from") { Description = "A checkpoint to start from: its backbone, and its head where that fits. Needs --top-lr.", HelpName = "CHECKPOINT" };
        Option<double?> topLr = SharedOptions.Number("--top-lr", "The head's learning rate, in place of the experiment's.", "RATE");
        topLr.Aliases.Add("--lr");
        Option<bool> pretrain = new("--pretrain") { Description = "Train on the sources with use: pretraining alone; the main source's fold still validates. Go on from its checkpoint with --from." };
        Option<string?> remark = new("--remark") { Description = "A word that ends the run's name and is its first note.", HelpName = "TEXT" };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "train",
            "Trains an experiment: audits, splits and prepares what is not done yet, then trains, and leaves metrics, checkpoints, plots and a report in a folder of its own.",
            "gradus train experiment.yaml",
            "gradus train experiment.yaml --fold 1 --runs runs",
            "gradus train experiment.yaml --pretrain",
            "gradus train experiment.yaml --fold all",
            "gradus train experiment.yaml --from runs/24-11_resnet18_f0/checkpoints/epoch-016.safetensors --top-lr 1e-4")
        {
            file, fold, seed, from, topLr, pretrain, remark, device,
        };
        verb.Does((parse, session) =>
        {
            (string named, string? text, string? word) =
                (parse.GetRequiredValue(file), parse.GetValue(fold), parse.GetValue(remark));
            if (text is not null && text != "all" && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                throw new GradusException("--fold is a whole number, or all", found: $"'{text}'", fault: Fault.Request);
            bool all = text == "all", first = parse.GetValue(pretrain);
            (long? fixes, double? rate, string? where) = (parse.GetValue(seed), parse.GetValue(topLr), parse.GetValue(device));
            if (all && parse.IsGiven(from))
                throw new GradusException("--from does not go with --fold all: a checkpoint has seen images of some of the folds, which could not judge then", remedy: "Leave one of them out", fault: Fault.Request);
            string? checkpoint = all ? null : parse.GetValue(from);
            return () =>
            {
                Experiment experiment = ExperimentFile.Read(named, Zoo.Names);
                if (first)
                    experiment = experiment with { Phase = TrainingPhase.Pretraining };
                experiment = With(session, experiment, all ? null : text, fixes, rate, where);
                return all
                    ? FoldsRun.Run(session, experiment, word)
                    : Run(session, experiment, checkpoint is null ? null : Parentage.Read(checkpoint), rate, word);
            };
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment, Parentage? parent, double? topLr, string? remark)
    {
        (RunFolder run, RunInfo info, TrainingResult result) = Start(session, parent?.Continue(experiment, topLr) ?? experiment, parent, remark);
        if (session.Output.Json)
            session.Output.Document(TrainingText.Document(run, info, result));
        return 0;
    }

    /// <summary>Loads the data, begins a run and trains it, telling all of it.</summary>
    public static (RunFolder Run, RunInfo Info, TrainingResult Result) Start(Session session, Experiment experiment, Parentage? parent = null, string? remark = null)
    {
        using RunData data = session.During(progress => RunData.Load(experiment, session.Cache, progress, session.Cancel));
        TrainingText.Data(session.Output, experiment, data.Audit, data.Partition);
        RunParent? record = parent?.Record(experiment, data);
        if (record is not null)
            TrainingText.Parent(session.Output, parent!, record, experiment);
        RunFolder run = TrainingSession.Begin(experiment, data, session.Runs, TimeProvider.System, record, remark: remark);
        return (run, run.ReadInfo(), Train(session, run, data));
    }

    /// <summary>Trains a run that has been begun.</summary>
    public static TrainingResult Train(Session session, RunFolder run, RunData data)
    {
        RunInfo info = run.ReadInfo();
        using IDisposable told = Supervisor.Working(run);
        using CancellationTokenRegistration hint = session.Cancel.Register(() => session.Output.Note($"Stopping; gradus resume {run.Root} goes on from the last whole epoch."));
        TrainingResult result = session.During(progress => TrainingSession.Train(run, data, TimeProvider.System, TrainingText.Events(session.Output, info, progress), session.Cancel));
        TrainingText.Result(session.Output, run, info, result);
        return result;
    }

    private static Experiment With(Session session, Experiment experiment, string? fold, long? seed, double? topLr, string? device)
    {
        if (fold is not null)
        {
            SplitSpec split = experiment.Split ?? throw new GradusException("--fold has no meaning where the validation images are a source of their own", remedy: "Leave --fold out", fault: Fault.Request);
            if (!int.TryParse(fold, NumberStyles.None, CultureInfo.InvariantCulture, out int f) || f >= split.Folds)
                throw new GradusException($"--fold is 0 to {split.Folds - 1}, or all", found: fold, fault: Fault.Request);
            experiment = experiment with { Split = split with { Fold = f } };
        }
        if (topLr is { } rate)
            experiment = rate is > 0 and <= 100 ? experiment with { Train = experiment.Train with { TopLr = rate } } : throw new GradusException("--top-lr is above 0 and at most 100", found: $"{rate}", fault: Fault.Request);
        _ = session.Device(device ?? experiment.Train.Device, experiment.Train.Precision); // refused before the images are looked at
        if (device is not null)
            experiment = experiment with { Train = experiment.Train with { Device = device } };
        return seed is { } s ? experiment with { Train = experiment.Train with { Seed = s } } : experiment;
    }
}
