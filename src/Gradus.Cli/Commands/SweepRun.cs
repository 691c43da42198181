using Gradus.Datasets;
using Gradus.Diagnosis;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

/// <summary>Several checkpoints on the same images: what predict does with more than one, and diagnose with --images.</summary>
/// <param name="Swept">What each checkpoint says.</param>
/// <param name="Table">Counts and agreement.</param>
/// <param name="Files">A file of predictions a checkpoint.</param>
internal sealed record SweepRun(IReadOnlyList<SweptCheckpoint> Swept, SweepTable Table, IReadOnlyList<string> Files)
{
    /// <summary>Scores the images and writes the folder: predictions and scores a checkpoint, and sweep.png.</summary>
    public static SweepRun Create(
        Session session, IReadOnlyList<string> checkpoints, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IReadOnlyDictionary<ImageId, int>? truth, string folder, Thresholds thresholds, string? device, TestTimeAugmentation augmentation)
    {
        if (File.Exists(folder))
            throw new GradusException("is a file, and several checkpoints write a folder", folder, remedy: "Name a folder with --out", fault: Fault.Request);
        string[] names = Names(checkpoints);
        string[] files = [.. names.Select(n => Path.Combine(folder, $"{n}.csv"))], scores = [.. names.Select(n => Path.Combine(folder, "scores", $"{n}.csv"))];
        foreach (string file in files)
        {
            SharedOptions.KeepInputs(file, images.Select(i => i.Location).OfType<FileLocation>().Select(l => l.Path));
            SharedOptions.KeepOthers(file, PredictionFile.Header);
        }
        foreach (string file in scores)
            SharedOptions.KeepOthers(file, ScoreFile.Header);
        TorchSharp.torch.Device on = session.Device(device);
        IReadOnlyList<SweptCheckpoint> swept = session.During(progress => Predictor.Sweep(checkpoints, on, images, progress, session.Cancel, augmentation));
        if (swept.FirstOrDefault(s => s.Predicted.Ids.IsEmpty) is { } none)
            throw new GradusException($"none of the {images.Count} images can be read, so nothing was predicted", found: none.Predicted.Failed[0].Problem);
        var items = new List<SweepItem>();
        for (int i = 0; i < swept.Count; i++)
        {
            CheckpointInfo info = swept[i].Info;
            ScoredImages scored = swept[i].Predicted.Scored(truth);
            items.Add(new SweepItem(names[i], info.Epoch, scored, info.DefaultRule, info.TunedRule, Stabilised(swept[i])));
            PredictionFile.Write(files[i], swept[i].Predicted.Grade(thresholds == Thresholds.Tuned ? info.TunedRule : info.DefaultRule));
            ScoreFile.Write(scores[i], scored);
        }
        SweepTable table = SweepTable.Of(swept[0].Info.Scale, items);
        SweepChart.Write(Path.Combine(folder, "sweep.png"), table);
        return new SweepRun(swept, table, files);
    }

    /// <summary>The table, a line a checkpoint.</summary>
    public void Print(Session session, string folder)
    {
        foreach ((string title, Func<AtThresholds<int[]>, int[]?> counts, Func<AtThresholds<double?>, double?> agreement) in
            new (string, Func<AtThresholds<int[]>, int[]?>, Func<AtThresholds<double?>, double?>)[]
            {
                ("At default thresholds", c => c.Default, a => a.Default), ("At tuned thresholds", c => c.Tuned, a => a.Tuned), ("At stabilised thresholds", c => c.Stabilised, a => a.Stabilised),
            })
        {
            if (Table.Rows.All(r => counts(r.Counts) is null))
            {
                session.Output.Note($"{title}: nothing, since the checkpoints' run kept no validation scores.");
                continue;
            }
            session.Output.Heading(title);
            session.Output.Table(
                ["checkpoint", .. Table.Scale.Names.Select((n, k) => $"{k} {n}"), "QWK with the one before"],
                Table.Rows.Select(r => (string[])[r.Name, .. Table.Scale.Names.Select((_, k) => counts(r.Counts) is { } own ? $"{own[k]}" : "–"), MetricsText.Number(agreement(r.Agreement))]),
                numbers: true);
        }
        session.Output.Line($"{Swept[0].Predicted.Ids.Length} images, {Swept.Count} checkpoints: {folder} (predictions of each, sweep.png)");
        foreach ((ImageId id, string problem) in Swept.SelectMany(s => s.Predicted.Failed).DistinctBy(f => f.Id))
            session.Output.Note($"left out: {(problem.Contains(id.Value, StringComparison.Ordinal) ? problem : $"{id}: {problem}")}");
    }

    /// <summary>What --json prints of it.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="passedOver">Files of the named folders that are no images.</param>
    public object Document(string folder, IReadOnlyList<string>? passedOver = null) => new
    {
        directory = Path.GetFullPath(folder),
        plot = Path.GetFullPath(Path.Combine(folder, "sweep.png")),
        images = Swept[0].Predicted.Ids.Length,
        passedOver = passedOver ?? [],
        failed = Swept.SelectMany(s => s.Predicted.Failed).DistinctBy(f => f.Id).Select(f => new { id = f.Id.Value, problem = f.Problem }),
        checkpoints = Table.Rows.Select((row, i) => new
        {
            checkpoint = Path.GetFullPath(Swept[i].Path),
            run = Swept[i].Info.Run,
            epoch = row.Epoch,
            predictions = Path.GetFullPath(Files[i]),
            counts = row.Counts,
            agreement = row.Agreement.Tuned,
            agreementAt = row.Agreement,
            meanSpread = Swept[i].Predicted.Spread is { IsEmpty: false } spread ? spread.Average() : (double?)null,
        }),
    };

    /// <summary>The graded test set of a run's experiment, for those who name no images.</summary>
    public static (IReadOnlyList<(ImageId Id, ImageLocation Location)> Images, IReadOnlyDictionary<ImageId, int> Truth) TestSet(RunFolder run)
    {
        Experiment experiment = run.ReadInfo().Experiment;
        if (experiment.Test is not { } source)
            throw new GradusException("the run's experiment has no test set", run.Root, remedy: "Name the images, or a folder of them", fault: Fault.Request);
        Dataset test = DatasetReader.Read(source, experiment.Scale);
        if (test.Records.IsEmpty)
            throw new GradusException("the run's test set has no images", run.Root, remedy: "Name the images, or a folder of them", fault: Fault.Request);
        return ([.. test.Records.Select(r => (r.Id, r.Location))], test.Records.Where(r => r.Grade is not null).ToDictionary(r => r.Id, r => r.Grade!.Value));
    }

    /// <summary>The checkpoints of a run that are on disk, rising.</summary>
    public static string[] All(RunFolder run) =>
        run.Checkpoints() is { Count: > 0 } epochs ? [.. epochs.Select(run.Checkpoint)] : throw new GradusException("the run has no checkpoints", run.Root, remedy: "Train it first", fault: Fault.Request);

    // Checkpoints of one run go by their epochs; of several runs, also by their run.
    private static string[] Names(IReadOnlyList<string> checkpoints)
    {
        string[] names = [.. checkpoints.Select(c => Path.GetFileNameWithoutExtension(c))];
        string[] runs = [.. checkpoints.Select(c => Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(c)))) ?? "")];
        if (runs.Distinct().Count() > 1)
            names = [.. runs.Zip(names, (run, name) => $"{run}_{name}")];
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("a checkpoint is named twice, or two have one name", checkpoints[Array.IndexOf(names, twice.Key)], remedy: "Name each once, or predict with one after the other", fault: Fault.Request);
        return names;
    }

    // The validation scores of the checkpoint's run, where it still lies in its folder.
    private static DecodingRule? Stabilised(SweptCheckpoint swept)
    {
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(swept.Path)));
        if (root is null || !File.Exists(Path.Combine(root, "run.json")))
            return null;
        RunFolder run = RunFolder.Open(root);
        string file = run.ValidationScores(swept.Info.Epoch);
        if (run.Name != swept.Info.Run || !File.Exists(file))
            return null;
        ScoredImages validation = ScoreFile.Read(file);
        Experiment experiment = run.ReadInfo().Experiment;
        return validation.Truth is { } truth ? ThresholdStability.Stabilise(swept.Info.Target, swept.Info.Scale, validation.Scores, truth, experiment.Thresholds, experiment.Train.Seed) : null;
    }
}
