using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Reports;
using Gradus.Splitting;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

/// <summary>What evaluate does with a checkpoint and an experiment.</summary>
internal static class EvaluateCheckpoint
{
    public static int Run(Session session, string path, Experiment experiment, EvaluationSet? asked, string? device, string? plots)
    {
        using Checkpoint checkpoint = Checkpoint.Load(path, session.Device(device));
        CheckpointInfo info = checkpoint.Info;
        if (!info.Scale.Names.SequenceEqual(experiment.Scale.Names))
            throw new GradusException("the checkpoint has another scale than the experiment", path, $"[{string.Join(", ", info.Scale.Names)}]", "Evaluate on images graded on the same scale", Fault.Request);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        (EvaluationSet on, ImmutableArray<ImageRecord> records) = Records(experiment, asked, audit);
        PredictionSet predicted = session.During(progress => Predictor.Predict(checkpoint, [.. records.Select(r => (r.Id, r.Location))], progress, session.Cancel));
        Dictionary<ImageId, int> grades = records.ToDictionary(r => r.Id, r => r.Grade!.Value);
        Dictionary<ImageId, string?> patients = records.ToDictionary(r => r.Id, r => r.Group);
        if (predicted.Ids.IsEmpty)
            throw new GradusException($"none of the {records.Length} images can be read, so nothing was measured", found: predicted.Failed[0].Problem);
        int[] truth = [.. predicted.Ids.Select(id => grades[id])];
        int[]? groups = GradedImages.Numbered([.. predicted.Ids.Select(id => patients[id])]);
        MetricSet byDefault = Measure(info.DefaultRule), tuned = Measure(info.TunedRule);
        Evaluation atDefault = Evaluate(info.DefaultRule), atTuned = Evaluate(info.TunedRule);
        int seen = info.TrainedOn.Seen(predicted.Hashes);

        session.Output.Heading($"{info.Run}, epoch {info.Epoch}, on {predicted.Ids.Length} {on.ToString().ToLowerInvariant()} images");
        EvaluationText.Metrics(session.Output, info.Scale.IsBinary, ("at default thresholds", atDefault), ("at tuned thresholds", atTuned));
        if (groups is not null)
            session.Output.Line($"95 % intervals by resampling {groups.Max() + 1} groups, each with all its images, not {truth.Length} images.");
        string[] names = [.. info.Scale.Names.Select((name, k) => $"{k} {name}")];
        session.Output.Line("At default thresholds:");
        EvaluationText.Classes(session.Output, names, atDefault);
        session.Output.Line("At tuned thresholds:");
        EvaluationText.Classes(session.Output, names, atTuned);
        EvaluationText.Temperature(session.Output, atDefault.Calibration);
        if (seen > 0 && on != EvaluationSet.Train)
            session.Output.Note($"{seen} of these images {(seen == 1 ? "was" : "were")} among those that the checkpoint was trained on: the figures flatter it.");
        AuditText.LeftOut(session.Output, audit);
        foreach ((_, string problem) in predicted.Failed)
            session.Output.Note($"left out: {problem}");
        foreach (string file in plots is null ? [] : (string[])[.. EvaluationPlots.Write(Path.Combine(plots, "default"), atDefault, info.Scale), .. EvaluationPlots.Write(Path.Combine(plots, "tuned"), atTuned, info.Scale)])
            session.Output.Line($"Plot: {file}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                checkpoint = Path.GetFullPath(path),
                set = on,
                images = predicted.Ids.Length,
                seenInTraining = seen,
                resampled = new { by = groups is null ? "image" : "group", units = groups is null ? truth.Length : groups.Max() + 1 },
                @default = byDefault,
                tuned,
                metrics = new { @default = atDefault, tuned = atTuned },
                failed = predicted.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }),
            });
        }
        return predicted.Failed.Length == 0 ? 0 : 1;

        MetricSet Measure(DecodingRule rule) => MetricSet.Compute(truth, rule.Grades(predicted.Scores), predicted.Scores, info.Scale, experiment.Train.Seed, groups);

        Evaluation Evaluate(DecodingRule rule) => Evaluation.Compute(new GradedImages(info.Scale.Count, truth, rule.Grades(predicted.Scores), predicted.Scores.Score, predicted.Scores.Probabilities, groups), experiment.Train.Seed);
    }

    private static (EvaluationSet On, ImmutableArray<ImageRecord> Records) Records(Experiment experiment, EvaluationSet? asked, AuditReport audit)
    {
        ImmutableArray<ImageRecord> graded = [.. audit.Test.Where(r => r.Grade is not null)];
        EvaluationSet on = asked ?? (graded.Length > 0 ? EvaluationSet.Test : EvaluationSet.Validation);
        if (on == EvaluationSet.Test)
            return graded.Length > 0 ? (on, graded) : throw new GradusException("the experiment's test images have no grades", remedy: "Name their column under test: grade, or evaluate --on validation", fault: Fault.Request);
        DataPartition partition = DataPartition.Create(experiment, audit);
        return (on, on == EvaluationSet.Validation ? partition.Validation.Records : partition.Training.Records);
    }
}

/// <summary>The images of an experiment that a checkpoint is measured on.</summary>
internal enum EvaluationSet
{
    Test,
    Validation,
    Train,
}
