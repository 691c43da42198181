using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Predictions;
using Gradus.Torch;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

/// <summary>predict with an ensemble.json in place of a checkpoint.</summary>
internal static class EnsemblePrediction
{
    /// <summary>True for a path that is meant to be an ensemble.</summary>
    public static bool IsMeant(string path) => Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    public static int Run(Session session, string path, string[] images, string file, Thresholds thresholds, string? device)
    {
        IReadOnlyList<(ImageId, ImageLocation)> list = ImageList.Find(images);
        SharedOptions.KeepInputs(file, list.Select(i => i.Item2).OfType<FileLocation>().Select(l => l.Path).Append(path));
        SharedOptions.KeepOthers(file, PredictionFile.Header);
        Ensemble ensemble = EnsembleFile.Read(path);
        (PredictionSet predicted, int seen) = session.During(progress => EnsemblePredictor.Predict(ensemble, Engine.DeviceOf(device ?? "auto"), list, progress, session.Cancel));
        if (predicted.Ids.IsEmpty)
            throw new GradusException($"none of the {list.Count} images can be read, so nothing was predicted", found: predicted.Failed[0].Problem);
        PredictionFile.Write(file, predicted.Grade(thresholds == Thresholds.Tuned ? ensemble.TunedRule : ensemble.DefaultRule));

        var byDefault = predicted.Counts(ensemble.DefaultRule, ensemble.Scale);
        var tuned = predicted.Counts(ensemble.TunedRule, ensemble.Scale);
        int checkpoints = ensemble.Members.Sum(m => m.Checkpoints.Length);
        session.Output.Table(["grade", "at default thresholds", "at tuned thresholds"], ensemble.Scale.Names.Select((n, k) => (string[])[$"{k} {n}", $"{byDefault[k]}", $"{tuned[k]}"]), numbers: true);
        session.Output.Line($"{predicted.Ids.Length} images graded by {checkpoints} checkpoints at {(thresholds == Thresholds.Tuned ? "pooled out-of-fold" : "default")} thresholds: {file}");
        if (seen > 0)
            session.Output.Note($"{seen} of the images {(seen == 1 ? "was" : "were")} among those that a checkpoint was trained on.");
        const int Shown = 8;
        foreach ((ImageId id, string note) in predicted.Notes.Take(Shown))
            session.Output.Note($"look at {id}: {note}");
        if (predicted.Notes.Length > Shown)
            session.Output.Note($"and at {predicted.Notes.Length - Shown} more of which the same can be said");
        foreach ((_, string problem) in predicted.Failed)
            session.Output.Note($"left out: {problem}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                predictions = Path.GetFullPath(file),
                images = predicted.Ids.Length,
                checkpoints,
                notes = predicted.Notes.Select(n => new { id = n.Id.Value, note = n.Note }),
                failed = predicted.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }),
                thresholds,
                counts = new { @default = byDefault, tuned },
                seenInTraining = seen,
            });
        }
        return predicted.Failed.Length == 0 ? 0 : 1;
    }
}
