using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Shift;
using Gradus.Splitting;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

internal static class ShiftCommand
{
    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<string?> checkpoint = new("--checkpoint") { Description = "A checkpoint of a run: estimates the test set's grades, and shows what thresholds corrected for them would predict. Nothing is written into it.", HelpName = "FILE" };
        Option<string?> page = new("--html") { Description = "Also write a page with plots and the most telling images.", HelpName = "FILE" };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "shift",
            "Says how the test set differs from the training set: in its images, and with a checkpoint in its grades, which nobody needs to know for it; and when that cannot be told.",
            "gradus shift experiment.yaml",
            "gradus shift experiment.yaml --checkpoint runs/24-11_resnet18_f0/checkpoints/epoch-012.safetensors --html shift.html")
        {
            file, checkpoint, page, device,
        };
        verb.Does((parse, session) =>
        {
            (string experiment, string? model, string? html) =
                (parse.GetRequiredValue(file), parse.GetValue(checkpoint), parse.GetValue(page));
            if (model is null && parse.IsGiven(device))
            {
                throw new GradusException(
                    "--device says where a checkpoint computes, and there is none",
                    remedy: "Leave it out, or name a checkpoint with --checkpoint",
                    fault: Fault.Request);
            }
            string? where = model is null ? null : parse.GetValue(device);
            return () => Run(session, experiment, model, html, where);
        });
        return verb;
    }

    private static int Run(Session session, string file, string? checkpoint, string? page, string? device)
    {
        if (page is not null)
            SharedOptions.KeepOthers(page, "<!doctype html>");
        if (Directory.Exists(checkpoint))
            throw new GradusException("--checkpoint is a file", checkpoint, "a folder", "Name one of RUN/checkpoints/epoch-NNN.safetensors", Fault.Request);
        Experiment experiment = ExperimentFile.Read(file, Zoo.Names);
        if (experiment.Test is null)
            throw new GradusException("shift compares with the test set, and the experiment has none", file, remedy: "Write for example test: { labels: test.csv, id: id_code, images: test }", fault: Fault.Request);
        using Checkpoint? loaded = checkpoint is null ? null : Checkpoint.Load(checkpoint, session.Device(device));
        if (loaded is not null && !loaded.Info.Scale.Names.SequenceEqual(experiment.Scale.Names))
            throw new GradusException("the checkpoint has another scale than the experiment", checkpoint, $"[{string.Join(", ", loaded.Info.Scale.Names)}]", "Compare images graded on the same scale", Fault.Request);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        if (page is not null)
            SharedOptions.KeepInputs(page, audit.Readable.Select(r => r.Location).OfType<FileLocation>().Select(l => l.Path).Append(file), "--html");
        (CheckpointScores Scores, ImageFeatures Labelled, ImageFeatures Test)? seen = loaded is null ? null : Look(session, experiment, audit, loaded);
        ShiftReport report = session.During(progress => ShiftReport.Create(experiment, audit, seen?.Scores, seen is { } s ? (s.Labelled, s.Test) : null, progress, session.Cancel));
        if (page is not null)
            ShiftPage.Write(page, Path.GetFileNameWithoutExtension(file), report);
        if (session.Output.Json)
            session.Output.Document(ShiftJson.Of(report));
        else
            ShiftText.Print(session.Output, report);
        if (page is not null)
            session.Output.Line($"Page: {page}");
        return 0;
    }

    // Validation stands for the labelled images: of those that it has learnt, a network is surer than of any it has not.
    private static (CheckpointScores, ImageFeatures, ImageFeatures) Look(Session session, Experiment experiment, AuditReport audit, Checkpoint checkpoint)
    {
        CheckpointInfo info = checkpoint.Info;
        ImmutableArray<ImageRecord> validation = DataPartition.Create(experiment, audit).Validation.Records;
        if (info.TrainedOn.Seen(audit.Main.Concat(audit.External).Concat(audit.Pseudo).Select(r => r.Hash!.Value)) == 0)
            session.Output.Note($"Warning: the checkpoint was trained on none of the experiment's images{(info.Recipe.Fingerprint == experiment.Recipe.Fingerprint ? "" : ", and prepares images otherwise")}: how it grades the validation images may say little about how it grades the test set.");
        int learnt = info.TrainedOn.Seen(validation.Select(r => r.Hash!.Value));
        if (learnt > 0)
        {
            validation = [.. validation.Where(r => info.TrainedOn.Seen([r.Hash!.Value]) == 0)];
            session.Output.Note($"{learnt} validation images are left out: the checkpoint was trained on them.");
        }
        if (validation.IsEmpty || audit.Test.IsEmpty)
            throw new GradusException($"there are no {(validation.IsEmpty ? "validation images that the checkpoint has not learnt" : "usable test images")}", remedy: validation.IsEmpty ? "Give the experiment, with the fold, that the checkpoint was trained with" : "gradus audit says why", fault: Fault.Request);
        PredictionSet known = session.During(progress => Predictor.Predict(checkpoint, [.. validation.Select(r => (r.Id, r.Location))], progress, session.Cancel));
        PredictionSet unknown = session.During(progress => Predictor.Predict(checkpoint, [.. audit.Test.Select(r => (r.Id, r.Location))], progress, session.Cancel));
        foreach ((_, string problem) in known.Failed.Concat(unknown.Failed))
            session.Output.Note($"left out: {problem}");
        if (known.Ids.IsEmpty || unknown.Ids.IsEmpty)
            throw new GradusException("none of the images can be read any more", found: known.Failed.Concat(unknown.Failed).First().Problem);
        // Failed images are missing in the scores; the others keep their order.
        HashSet<ImageId> failed = [.. known.Failed.Select(f => f.Id)];
        var scores = new CheckpointScores
        {
            Name = $"{info.Run}, epoch {info.Epoch}",
            Target = info.Target,
            DefaultRule = info.DefaultRule,
            TunedRule = info.TunedRule,
            ValidationImages = [.. validation.Where(r => !failed.Contains(r.Id))],
            Validation = known.Scores,
            Test = unknown.Scores,
        };
        long seed = experiment.Train.Seed;
        return (scores,
            session.During(progress => Embedder.Embed(checkpoint, ShiftReport.Sample(scores.ValidationImages, seed), progress, session.Cancel)),
            session.During(progress => Embedder.Embed(checkpoint, ShiftReport.Sample(audit.Test, seed), progress, session.Cancel)));
    }
}
