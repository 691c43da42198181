using System.CommandLine;
using Gradus.Runs;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class AverageCommand
{
    public static Verb Create()
    {
        Argument<string[]> what = new("CHECKPOINT") { Description = "Checkpoints of one experiment and fold; or one run, its folder or its name in the folder of runs.", Arity = ArgumentArity.OneOrMore };
        Option<int?> last = new("--last") { Description = "Of a run: its last checkpoints on disk, so many; 3 where nothing is said.", HelpName = "K" };
        Option<string> file = new("--out") { Description = "Where to write the new checkpoint (.safetensors).", HelpName = "FILE", Required = true };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "average",
            "Averages the weights of checkpoints into one, estimates its batch norm anew on the training images and tunes its thresholds on the validation images.",
            "gradus average 24-11_resnet18_f0 --last 3 --out average.safetensors",
            "gradus average runs/24-11_resnet18_f0/checkpoints/epoch-0*.safetensors --out average.safetensors")
        {
            what, last, file, device,
        };
        verb.Does((parse, session) =>
        {
            (string output, string[] named) = (parse.GetRequiredValue(file), parse.GetRequiredValue(what));
            (int? latest, string? where) = (parse.GetValue(last), parse.GetValue(device));
            return () => Run(session, named, latest, output, where);
        });
        return verb;
    }

    private static int Run(Session session, string[] named, int? last, string output, string? device)
    {
        string[] checkpoints = Checkpoints(session, named, last);
        if (!Path.GetExtension(output).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new GradusException("--out is a checkpoint", output, remedy: $"Name it {Path.GetFileNameWithoutExtension(output)}.safetensors", fault: Fault.Request);
        SharedOptions.KeepInputs(output, checkpoints);
        if (File.Exists(output))
            throw new GradusException("is there already", output, remedy: "Choose another name, or remove the file", fault: Fault.Request);
        TorchSharp.torch.Device on = session.Device(device);
        AverageResult result = session.During(progress => CheckpointAverage.Make(checkpoints, output, session.Cache, on, progress, session.Cancel));
        Print(session, result, output);
        return 0;
    }

    private static string[] Checkpoints(Session session, string[] named, int? last)
    {
        if (named.Length > 1 || File.Exists(named[0]))
            return last is null ? named : throw new GradusException("--last counts the checkpoints of one run", found: $"{named.Length} files", remedy: "Name a run, or leave --last out", fault: Fault.Request);
        if (last is < 2)
            throw new GradusException("--last is at least 2", found: $"{last}", fault: Fault.Request);
        RunFolder run = session.Run(named[0]);
        IReadOnlyList<int> epochs = run.Checkpoints();
        int asked = last ?? 3;
        if (epochs.Count < asked)
            throw new GradusException($"the run has {epochs.Count} checkpoints on disk, and --last asks for {asked}", run.Root, $"epochs {string.Join(", ", epochs)}", "Ask for fewer, or train with a larger select: keep", Fault.Request);
        return [.. epochs.TakeLast(asked).Select(run.Checkpoint)];
    }

    private static void Print(Session session, AverageResult result, string output)
    {
        session.Output.Heading($"The mean of {string.Join(", ", result.Info.AverageOf.Select(a => $"{a.Run} epoch {a.Epoch}"))}");
        session.Output.Table(["validation", "at default thresholds", "at tuned thresholds"],
        [
            ["QWK", MetricsText.Interval(result.Default), MetricsText.Interval(result.Tuned)],
            ["accuracy", $"{result.Default.Accuracy:0.000}", $"{result.Tuned.Accuracy:0.000}"],
            ["AUC", MetricsText.Number(result.Default.Auc), MetricsText.Number(result.Tuned.Auc)],
        ]);
        EffectText.Warn(session.Output, result.Info.ValidationEffect, result.Info.Scale.Names);
        session.Output.Line(result.EstimatedNorms == 0
            ? "Batch norm stood still in training, so its statistics are the checkpoints'."
            : $"The statistics of {result.EstimatedNorms} batch norms were estimated anew on the training images.");
        session.Output.Line($"Checkpoint  {output}");
        if (session.Output.Json)
            session.Output.Document(new { checkpoint = Path.GetFullPath(output), averageOf = result.Info.AverageOf, estimatedNorms = result.EstimatedNorms, loss = result.Loss, @default = result.Default, tuned = result.Tuned });
    }
}
