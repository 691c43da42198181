using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Exports;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Torch.Exports;

namespace Gradus.Cli.Commands;

internal static class ExportCommand
{
    public static Verb Create()
    {
        Argument<string[]> runs = new("RUN") { Description = "Only these runs: their folders, or their names in the folder of runs.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> tensorboard = new("--tensorboard") { Description = "Write event files, a folder a run, with settings for the page HPARAMS.", HelpName = "DIR" };
        Option<string?> mlflow = new("--mlflow") { Description = "Write a file store of MLflow: settings as params, figures as metrics, remarks as notes.", HelpName = "DIR" };
        var verb = new Verb(
            "export",
            "Writes runs for TensorBoard or MLflow. Writing a run again replaces what was written of it.",
            "gradus export --tensorboard tb",
            "gradus export 24-11_mobilenet_v2_f0 --mlflow mlruns")
        {
            runs, tensorboard, mlflow,
        };
        verb.Does((parse, session) =>
        {
            (string[] named, string? events, string? store) =
                (parse.GetValue(runs) ?? [], parse.GetValue(tensorboard), parse.GetValue(mlflow));
            return () => Run(session, named, events, store);
        });
        return verb;
    }

    private static int Run(Session session, string[] runs, string? tensorboard, string? mlflow)
    {
        if (tensorboard is null && mlflow is null)
            throw new GradusException("nothing to write", remedy: "Give --tensorboard or --mlflow with a folder", fault: Fault.Request);
        foreach (string folder in new[] { tensorboard, mlflow }.OfType<string>())
        {
            if (File.Exists(folder))
                throw new GradusException("is a file, and an export is a folder", folder, remedy: "Name a folder", fault: Fault.Request);
            if (Path.GetFullPath(folder) == Path.GetFullPath(session.Runs))
                throw new GradusException("is the folder of the runs themselves", folder, remedy: "Name another folder", fault: Fault.Request);
        }
        RunHistory history = RunHistory.Read(session.Runs, [.. runs.Select(r => session.Run(r))]);
        var written = new List<object>();
        session.During(progress =>
        {
            foreach (LoggedRun run in history.Chosen)
            {
                session.Cancel.ThrowIfCancellationRequested();
                written.Add(new { run = run.Name, tensorboard = tensorboard is null ? null : TensorboardLog.Write(tensorboard, run), mlflow = mlflow is null ? null : MlflowStore.Write(mlflow, run) });
                progress.Report(new WorkProgress("export", written.Count, history.Chosen.Length, "runs"));
            }
            return true;
        });
        foreach (string problem in history.Problems)
            session.Output.Note(Harmless.Of($"left out: {problem}"));
        string[] damaged = RunsText.Damage(session.Output, history.Chosen);
        session.Output.Line($"{history.Chosen.Length} run{(history.Chosen.Length == 1 ? "" : "s")} written.");
        if (tensorboard is not null)
            session.Output.Line($"Look at them with: tensorboard --logdir {tensorboard}");
        if (mlflow is not null)
            session.Output.Line($"Look at them with: mlflow ui --backend-store-uri {MlflowStore.FileUri(mlflow)}");
        if (session.Output.Json)
            session.Output.Document(new { runs = written, leftOut = history.Problems, damaged });
        return 0;
    }
}
