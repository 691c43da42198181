using System.CommandLine;
using Gradus.Runs;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class ResumeCommand
{
    public static Verb Create()
    {
        Argument<string> name = new("RUN") { Description = "The run's folder, or its name in the folder of runs." };
        var verb = new Verb(
            "resume",
            "Goes on with a run that was interrupted; it ends with the weights that it would have had without the interruption.",
            "gradus resume 24-11_mobilenet_v2_f0")
        {
            name,
        };
        verb.Does((parse, session) =>
        {
            string named = parse.GetRequiredValue(name);
            return () => Run(session, named);
        });
        return verb;
    }

    private static int Run(Session session, string named)
    {
        RunFolder run = session.Run(named);
        RunInfo info = run.ReadInfo();
        RunsText.Deaths(session.Output, run);
        TrainingSession.RequireUnedited(run, info.Experiment);
        if (info.Status == RunStatus.Finished)
            session.Output.Note($"{info.Name} is finished: all its {info.Experiment.Train.Epochs} epochs are done. This shows its result again.");
        _ = session.Device(info.Experiment.Train.Device, info.Experiment.Train.Precision);
        using RunData data = session.During(progress => RunData.Load(info.Experiment, session.Cache, progress, session.Cancel));
        TrainingText.Data(session.Output, info.Experiment, data.Audit, data.Partition);
        TrainingResult result = TrainCommand.Train(session, run, data);
        if (session.Output.Json)
            session.Output.Document(TrainingText.Document(run, info, result));
        return 0;
    }
}
