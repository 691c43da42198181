using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Splitting;
using Gradus.Torch;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

internal static class EvaluateCommand
{
    public static Verb Create()
    {
        Argument<string> checkpoint = new("CHECKPOINT") { Description = "A checkpoint of a run." };
        Argument<string> file = SharedOptions.Experiment();
        Option<EvaluationSet?> on = new("--on") { Description = "Which images: test where they have grades, else validation." };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "evaluate",
            "Measures a checkpoint on labelled images of an experiment, at default and at tuned thresholds.",
            "gradus evaluate runs/24-11_resnet18/checkpoints/epoch-020.safetensors experiments/retinamnist_resnet18.yaml --on test")
        {
            checkpoint, file, on, device,
        };
        verb.Does((parse, session) => Run(session, parse.GetRequiredValue(checkpoint), ExperimentFile.Read(parse.GetRequiredValue(file), Zoo.Names), parse.GetValue(on), parse.GetValue(device)));
        return verb;
    }

    private static int Run(Session session, string path, Experiment experiment, EvaluationSet? asked, string? device)
    {
        using Checkpoint checkpoint = Checkpoint.Load(path, Engine.DeviceOf(device ?? "auto"));
        CheckpointInfo info = checkpoint.Info;
        if (!info.Scale.Names.SequenceEqual(experiment.Scale.Names))
            throw new GradusException("the checkpoint has another scale than the experiment", path, $"[{string.Join(", ", info.Scale.Names)}]", "Evaluate on images graded on the same scale", Fault.Request);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        (EvaluationSet on, ImmutableArray<ImageRecord> records) = Records(experiment, asked, audit);
        PredictionSet predicted = session.During(progress => Predictor.Predict(checkpoint, [.. records.Select(r => (r.Id, r.Location))], progress, session.Cancel));
        Dictionary<ImageId, int> grades = records.ToDictionary(r => r.Id, r => r.Grade!.Value);
        if (predicted.Ids.IsEmpty)
            throw new GradusException($"none of the {records.Length} images can be read, so nothing was measured", found: predicted.Failed[0].Problem);
        int[] truth = [.. predicted.Ids.Select(id => grades[id])];
        MetricSet byDefault = Measure(info.DefaultRule), tuned = Measure(info.TunedRule);
        int seen = info.TrainedOn.Seen(predicted.Hashes);

        session.Output.Heading($"{info.Run}, epoch {info.Epoch}, on {predicted.Ids.Length} {on.ToString().ToLowerInvariant()} images");
        MetricsText.Print(session.Output, info.Scale, byDefault, tuned);
        if (seen > 0 && on != EvaluationSet.Train)
            session.Output.Note($"{seen} of these images {(seen == 1 ? "was" : "were")} among those that the checkpoint was trained on: the figures flatter it.");
        AuditText.LeftOut(session.Output, audit);
        foreach ((_, string problem) in predicted.Failed)
            session.Output.Note($"left out: {problem}");
        if (session.Output.Json)
            session.Output.Document(new { checkpoint = Path.GetFullPath(path), set = on, images = predicted.Ids.Length, seenInTraining = seen, @default = byDefault, tuned, failed = predicted.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }) });
        return predicted.Failed.Length == 0 ? 0 : 1;

        MetricSet Measure(DecodingRule rule) => MetricSet.Compute(truth, rule.Grades(predicted.Scores), predicted.Scores, info.Scale, experiment.Train.Seed);
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
