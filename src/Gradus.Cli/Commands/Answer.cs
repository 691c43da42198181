using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Grading;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

/// <summary>What a checkpoint or an ensemble says of images, and how it makes grades of it.</summary>
/// <param name="Predicted">Scores.</param>
/// <param name="Scale">The grades.</param>
/// <param name="DefaultRule">Decoding before tuning.</param>
/// <param name="TunedRule">Decoding at tuned thresholds.</param>
/// <param name="By">Who graded, for people.</param>
/// <param name="Checkpoints">How many checkpoints answered.</param>
/// <param name="Seen">Images that one of them was trained on.</param>
/// <param name="Effect">What the tuned thresholds do on the images that they were tuned on; null where that is not known.</param>
internal sealed record Answer(PredictionSet Predicted, GradeScale Scale, DecodingRule DefaultRule, DecodingRule TunedRule, string By, int Checkpoints, int Seen, ThresholdEffect? Effect)
{
    /// <summary>Files of the named folders that were passed over, since their names are no images'.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>True for a path that is meant to be an ensemble and no checkpoint.</summary>
    public static bool IsEnsemble(string path) => Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Asks a checkpoint, or an ensemble.</summary>
    public static Answer Of(Session session, string path, IReadOnlyList<(ImageId, ImageLocation)> images, string? device, TestTimeAugmentation augmentation)
    {
        if (!IsEnsemble(path))
        {
            using Checkpoint checkpoint = Checkpoint.Load(path, session.Device(device));
            CheckpointInfo info = checkpoint.Info;
            PredictionSet alone = session.During(progress => Predictor.Predict(checkpoint, images, progress, session.Cancel, augmentation));
            return new Answer(alone, info.Scale, info.DefaultRule, info.TunedRule, $"{info.Run}, epoch {info.Epoch}", 1, info.TrainedOn.Seen(alone.Hashes), info.ValidationEffect);
        }
        Ensemble ensemble = EnsembleFile.Read(path);
        TorchSharp.torch.Device on = session.Device(device);
        (PredictionSet together, int seen) = session.During(progress => EnsemblePredictor.Predict(ensemble, on, images, progress, session.Cancel, augmentation));
        int checkpoints = ensemble.Members.Sum(m => m.Checkpoints.Length);
        return new Answer(together, ensemble.Scale, ensemble.DefaultRule, ensemble.TunedRule, $"an ensemble of {checkpoints} checkpoints", checkpoints, seen, ensemble.Effect);
    }

    /// <summary>The rule that the asked thresholds make.</summary>
    public DecodingRule Rule(Thresholds thresholds) => thresholds == Thresholds.Tuned ? TunedRule : DefaultRule;

    /// <summary>Counts, and what a person should know about the images.</summary>
    public void Print(Session session, string file, Thresholds thresholds, TestTimeAugmentation augmentation)
    {
        const int Shown = 8;
        int[] byDefault = [.. Predicted.Counts(DefaultRule, Scale)], tuned = [.. Predicted.Counts(TunedRule, Scale)];
        session.Output.Table(["grade", "at default thresholds", "at tuned thresholds"], Scale.Names.Select((n, k) => (string[])[$"{k} {n}", $"{byDefault[k]}", $"{tuned[k]}"]), numbers: true);
        session.Output.Line($"{Predicted.Ids.Length} image{(Predicted.Ids.Length == 1 ? "" : "s")} graded at {thresholds.ToString().ToLowerInvariant()} thresholds of {By}: {file}");
        if (thresholds == Thresholds.Tuned)
            EffectText.Warn(session.Output, Effect, Scale.Names);
        if (!Predicted.Spread.IsEmpty)
        {
            int widest = Predicted.Spread.IndexOf(Predicted.Spread.Max());
            session.Output.Line($"The scores of an image's {augmentation.Views} views spread by {Predicted.Spread.Average():0.000} on average, most in {Predicted.Ids[widest]} ({Predicted.Spread[widest]:0.000}).");
        }
        if (Seen > 0)
            session.Output.Note($"{Seen} of the images {(Seen == 1 ? "was" : "were")} among those that {(Checkpoints == 1 ? "the checkpoint" : "a checkpoint")} was trained on.");
        foreach ((ImageId id, string note) in Predicted.Notes.Take(Shown))
            session.Output.Note($"look at {id}: {note}");
        if (Predicted.Notes.Length > Shown)
            session.Output.Note($"and at {Predicted.Notes.Length - Shown} more of which the same can be said");
        foreach ((_, string problem) in Predicted.Failed)
            session.Output.Note($"left out: {problem}");
        SharedOptions.NotePassedOver(session, PassedOver);
    }

    /// <summary>What --json prints.</summary>
    public object Document(string file, Thresholds thresholds, TestTimeAugmentation augmentation) => new
    {
        predictions = Path.GetFullPath(file),
        images = Predicted.Ids.Length,
        checkpoints = Checkpoints,
        notes = Predicted.Notes.Select(n => new { id = n.Id.Value, note = n.Note }),
        passedOver = PassedOver,
        failed = Predicted.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }),
        thresholds,
        views = augmentation.Views,
        meanSpread = Predicted.Spread.IsEmpty ? (double?)null : Predicted.Spread.Average(),
        counts = new { @default = Predicted.Counts(DefaultRule, Scale), tuned = Predicted.Counts(TunedRule, Scale) },
        seenInTraining = Seen,
        warning = thresholds == Thresholds.Tuned ? Effect?.Warning(Scale.Names) : null,
    };
}
