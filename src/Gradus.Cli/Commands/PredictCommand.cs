using System.CommandLine;
using Gradus.Datasets;
using Gradus.Predictions;
using Gradus.Torch;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

internal static class PredictCommand
{
    public static Verb Create()
    {
        Argument<string> checkpoint = new("CHECKPOINT") { Description = "A checkpoint of a run (.safetensors) or an ensemble (.json); it brings its own preparation, normalisation and thresholds." };
        Argument<string[]> images = new("IMAGES") { Description = "Image files, folders (not the folders in them), or FILE.npz#SPLIT. An image's id is its file name without extension.", Arity = ArgumentArity.OneOrMore };
        Option<string> file = new("--out") { Description = "Where to write id,grade,score[,p0…].", HelpName = "FILE", DefaultValueFactory = _ => "predictions.csv" };
        Option<Thresholds> thresholds = new("--thresholds") { Description = "Grade by the thresholds tuned on validation, or by the default ones; both are in the checkpoint.", DefaultValueFactory = _ => Thresholds.Tuned };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "predict",
            "Grades images with a checkpoint, which needs nothing else.",
            "gradus predict runs/24-11_mobilenet_v2_f0/checkpoints/epoch-012.safetensors test/ --out predictions.csv",
            "gradus predict runs/24-11_mobilenet_v2_5-folds/ensemble.json test/ --out predictions.csv")
        {
            checkpoint, images, file, thresholds, device,
        };
        verb.Does((parse, session) => Run(session, parse.GetRequiredValue(checkpoint), parse.GetRequiredValue(images), parse.GetRequiredValue(file), parse.GetValue(thresholds), parse.GetValue(device)));
        return verb;
    }

    private static int Run(Session session, string path, string[] images, string file, Thresholds thresholds, string? device)
    {
        if (EnsemblePrediction.IsMeant(path))
            return EnsemblePrediction.Run(session, path, images, file, thresholds, device);
        (CheckpointInfo info, PredictionSet predicted) = Predict(session, path, images, file, thresholds, device);
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                predictions = Path.GetFullPath(file),
                images = predicted.Ids.Length,
                notes = predicted.Notes.Select(n => new { id = n.Id.Value, note = n.Note }),
                failed = predicted.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }),
                thresholds,
                counts = new { @default = predicted.Counts(info.DefaultRule, info.Scale), tuned = predicted.Counts(info.TunedRule, info.Scale) },
                seenInTraining = info.TrainedOn.Seen(predicted.Hashes),
            });
        }
        return predicted.Failed.Length == 0 ? 0 : 1;
    }

    /// <summary>Predicts, writes the file and says what is in it; images that cannot be read are named and left out.</summary>
    public static (CheckpointInfo Info, PredictionSet Predicted) Predict(Session session, string path, string[] images, string file, Thresholds thresholds, string? device = null)
    {
        IReadOnlyList<(ImageId, ImageLocation)> list = ImageList.Find(images);
        SharedOptions.KeepInputs(file, list.Select(i => i.Item2).OfType<FileLocation>().Select(l => l.Path).Append(path));
        SharedOptions.KeepOthers(file, PredictionFile.Header);
        using Checkpoint checkpoint = Checkpoint.Load(path, Engine.DeviceOf(device ?? "auto"));
        CheckpointInfo info = checkpoint.Info;
        PredictionSet predicted = session.During(progress => Predictor.Predict(checkpoint, list, progress, session.Cancel));
        if (predicted.Ids.IsEmpty)
            throw new GradusException(list.Count == 1 ? "the image cannot be read, so nothing was predicted" : $"none of the {list.Count} images can be read, so nothing was predicted", found: predicted.Failed[0].Problem);
        PredictionFile.Write(file, predicted.Grade(thresholds == Thresholds.Tuned ? info.TunedRule : info.DefaultRule));

        var byDefault = predicted.Counts(info.DefaultRule, info.Scale);
        var tuned = predicted.Counts(info.TunedRule, info.Scale);
        session.Output.Table(["grade", "at default thresholds", "at tuned thresholds"], info.Scale.Names.Select((n, k) => (string[])[$"{k} {n}", $"{byDefault[k]}", $"{tuned[k]}"]), numbers: true);
        session.Output.Line($"{predicted.Ids.Length} images graded at {thresholds.ToString().ToLowerInvariant()} thresholds of {info.Run}, epoch {info.Epoch}: {file}");
        int seen = info.TrainedOn.Seen(predicted.Hashes);
        if (seen > 0)
            session.Output.Note($"{seen} of the images {(seen == 1 ? "was" : "were")} among those that the checkpoint was trained on.");
        const int Shown = 8;
        foreach ((ImageId id, string note) in predicted.Notes.Take(Shown))
            session.Output.Note($"look at {id}: {note}");
        if (predicted.Notes.Length > Shown)
            session.Output.Note($"and at {predicted.Notes.Length - Shown} more of which the same can be said");
        foreach ((_, string problem) in predicted.Failed)
            session.Output.Note($"left out: {problem}");
        return (info, predicted);
    }
}

/// <summary>Which of a checkpoint's thresholds make the grades.</summary>
internal enum Thresholds
{
    Tuned,
    Default,
}
