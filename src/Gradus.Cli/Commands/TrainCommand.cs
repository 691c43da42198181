using System.CommandLine;
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
        Option<int?> fold = new("--fold") { Description = "The fold that validates, in place of the experiment's.", HelpName = "N" };
        Option<long?> seed = new("--seed") { Description = "The seed, in place of the experiment's.", HelpName = "N" };
        var verb = new Verb(
            "train",
            "Trains an experiment: audits, splits and prepares what is not done yet, then trains, and leaves metrics, checkpoints, plots and a report in a folder of its own.",
            "gradus train experiment.yaml",
            "gradus train experiment.yaml --fold 1 --runs runs")
        {
            file, fold, seed,
        };
        verb.Does((parse, session) =>
        {
            Experiment experiment = ExperimentFile.Read(parse.GetRequiredValue(file), Zoo.Names);
            return Run(session, With(experiment, parse.GetValue(fold), parse.GetValue(seed)));
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment)
    {
        (RunFolder run, RunInfo info, TrainingResult result) = Start(session, experiment);
        if (session.Output.Json)
            session.Output.Document(TrainingText.Document(run, info, result));
        return 0;
    }

    /// <summary>Loads the data, begins a run and trains it, telling all of it.</summary>
    public static (RunFolder Run, RunInfo Info, TrainingResult Result) Start(Session session, Experiment experiment)
    {
        using RunData data = session.During(progress => RunData.Load(experiment, session.Cache, progress, session.Cancel));
        TrainingText.Data(session.Output, experiment, data);
        RunFolder run = TrainingSession.Begin(experiment, data, session.Runs, TimeProvider.System);
        return (run, run.ReadInfo(), Train(session, run, data));
    }

    /// <summary>Trains a run that has been begun.</summary>
    public static TrainingResult Train(Session session, RunFolder run, RunData data)
    {
        RunInfo info = run.ReadInfo();
        TrainingResult result = session.During(progress => TrainingSession.Train(run, data, TimeProvider.System, TrainingText.Events(session.Output, info, progress), session.Cancel));
        TrainingText.Result(session.Output, run, info, result);
        return result;
    }

    private static Experiment With(Experiment experiment, int? fold, long? seed)
    {
        if (fold is { } f)
        {
            SplitSpec split = experiment.Split ?? throw new GradusException("--fold has no meaning where the validation images are a source of their own", remedy: "Leave --fold out", fault: Fault.Request);
            if (f < 0 || f >= split.Folds)
                throw new GradusException($"--fold is 0 to {split.Folds - 1}", found: $"{f}", fault: Fault.Request);
            experiment = experiment with { Split = split with { Fold = f } };
        }
        return seed is { } s ? experiment with { Train = experiment.Train with { Seed = s } } : experiment;
    }
}
