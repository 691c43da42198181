using System.CommandLine;
using Gradus.Datasets;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

internal static class PredictCommand
{
    private const string SingleFile = "predictions.csv";

    public static Verb Create()
    {
        Argument<string> first = new("CHECKPOINT") { Description = "A checkpoint of a run (.safetensors) or an ensemble (.json), more checkpoints after it if you like; each brings its own preparation, normalisation and thresholds. With --all a run: its folder or name." };
        Argument<string[]> images = new("IMAGES") { Description = "Image files, folders (not the folders in them), or FILE.npz#SPLIT. An image's id is its file name without extension. With --all, by default the test set of the run's experiment.", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "Sweep over all checkpoints that the run kept (select: { keep: all } keeps every epoch's)." };
        Option<string?> file = new("--out") { Description = $"Where to write id,grade,score[,p0…]; {SingleFile} by default. Of several checkpoints a folder; by default sweep in the run's folder.", HelpName = "FILE" };
        Option<Thresholds> thresholds = new("--thresholds") { Description = "Grade by the thresholds tuned on validation, or by the default ones; both are in the checkpoint.", DefaultValueFactory = _ => Thresholds.Tuned };
        Option<string> tta = new("--tta") { Description = "Test-time augmentation: none, flips (4 views), dihedral (8), scales (3), crops (5) or random:N. The spread of an image's views becomes a column.", HelpName = "VIEWS", DefaultValueFactory = _ => "none" };
        Option<ViewAverage> average = new("--tta-average") { Description = "What the views are averaged as: probabilities, logits, or ranks among all images.", DefaultValueFactory = _ => ViewAverage.Probabilities };
        Option<long> seed = new("--tta-seed") { Description = "Fixes the random views.", HelpName = "N", DefaultValueFactory = _ => 0 };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "predict",
            "Grades images with a checkpoint, which needs nothing else; with several, compares what they say.",
            "gradus predict runs/24-11_mobilenet_v2_f0/checkpoints/epoch-012.safetensors test/ --out predictions.csv",
            "gradus predict runs/24-11_mobilenet_v2_f0/checkpoints/epoch-012.safetensors test/ --tta dihedral",
            "gradus predict runs/24-11_mobilenet_v2_5-folds/ensemble.json test/ --out predictions.csv",
            "gradus predict 24-11_mobilenet_v2_f0 --all test/")
        {
            first, images, all, file, thresholds, tta, average, seed, device,
        };
        verb.Does((parse, session) =>
        {
            string views = parse.GetRequiredValue(tta);
            bool random = views.StartsWith("random", StringComparison.OrdinalIgnoreCase);
            if (!random)
                parse.Refuse("--tta random:N, whose views it fixes", seed);
            TestTimeAugmentation augmentation = TestTimeAugmentation.Parse(views, random ? parse.GetValue(seed) : 0);
            if (augmentation.Views > 1)
                augmentation = augmentation with { Average = parse.GetValue(average) };
            else
                parse.Refuse("several views, which --tta asks for", average);
            (string one, string[] others) = (parse.GetRequiredValue(first), parse.GetValue(images) ?? []);
            (bool whole, string? target) = (parse.GetValue(all), parse.GetValue(file));
            (Thresholds at, string? where) = (parse.GetValue(thresholds), parse.GetValue(device));
            string[] more = [.. others.TakeWhile(o => o.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))];
            if (whole || more.Length > 0)
                return () => Sweep(session, whole ? one : null, [one, .. more], others[more.Length..], target, at, where, augmentation);
            return () => Run(session, one, others, target ?? SingleFile, at, where, augmentation);
        });
        return verb;
    }

    private static int Run(Session session, string path, string[] images, string file, Thresholds thresholds, string? device, TestTimeAugmentation augmentation)
    {
        if (images.Length == 0)
            throw new GradusException("no images are named", path, remedy: "Name image files or a folder after the checkpoint; with --all and a run, its test set is the default", fault: Fault.Request);
        Answer answer = Predict(session, path, images, file, thresholds, device, augmentation);
        if (session.Output.Json)
            session.Output.Document(answer.Document(file, thresholds, augmentation));
        return answer.Predicted.Failed.Length == 0 ? 0 : 1;
    }

    private static int Sweep(Session session, string? runName, string[] checkpoints, string[] named, string? folder, Thresholds thresholds, string? device, TestTimeAugmentation augmentation)
    {
        RunFolder? run = runName is null ? null : session.Run(runName);
        if (run is not null && checkpoints.Length > 1)
            throw new GradusException("--all takes a run and no checkpoints", checkpoints[1], remedy: "Leave one of them out", fault: Fault.Request);
        if (run is null && named.Length == 0)
            throw new GradusException("no images are named", remedy: "Name image files or a folder after the checkpoints", fault: Fault.Request);
        string[] paths = run is null ? checkpoints : SweepRun.All(run);
        string into = folder ?? run?.SweepFolder ?? "sweep";
        IReadOnlyList<(ImageId, ImageLocation)> images;
        IReadOnlyDictionary<ImageId, int>? truth = null;
        if (named.Length > 0)
            images = ImageList.Find(named);
        else
            (images, truth) = SweepRun.TestSet(run!);
        SweepRun sweep = SweepRun.Create(session, paths, images, truth, into, thresholds, device, augmentation);
        sweep.Print(session, into);
        SharedOptions.NotePassedOver(session, ImageList.PassedOver(named));
        // The report shows what each rule of selection would have predicted.
        if (run is not null && folder is null)
            RunReport.Write(run);
        if (session.Output.Json)
            session.Output.Document(sweep.Document(into, ImageList.PassedOver(named)));
        return sweep.Swept.All(s => s.Predicted.Failed.IsEmpty) ? 0 : 1;
    }

    /// <summary>Predicts, writes the file and says what is in it; images that cannot be read are named and left out.</summary>
    public static Answer Predict(Session session, string path, string[] images, string file, Thresholds thresholds, string? device, TestTimeAugmentation augmentation)
    {
        IReadOnlyList<(ImageId, ImageLocation)> list = ImageList.Find(images);
        SharedOptions.KeepInputs(file, list.Select(i => i.Item2).OfType<FileLocation>().Select(l => l.Path).Append(path));
        SharedOptions.KeepOthers(file, PredictionFile.Header);
        Answer answer = Answer.Of(session, path, list, device, augmentation) with { PassedOver = ImageList.PassedOver(images) };
        if (answer.Predicted.Ids.IsEmpty)
            throw new GradusException(list.Count == 1 ? "the image cannot be read, so nothing was predicted" : $"none of the {list.Count} images can be read, so nothing was predicted", found: answer.Predicted.Failed[0].Problem);
        PredictionFile.Write(file, answer.Predicted.Grade(answer.Rule(thresholds)));
        answer.Print(session, file, thresholds, augmentation);
        return answer;
    }
}

/// <summary>Which of a checkpoint's thresholds make the grades.</summary>
internal enum Thresholds
{
    Tuned,
    Default,
}
