using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Splitting;
using Gradus.Synthetic;

namespace Gradus.Dashboard.Tests;

/// <summary>A run over real small photographs with planted faults that nobody trained: its scores are made up, all else is as a training leaves it.</summary>
internal sealed class JudgedRun
{
    private const string Yaml = """
        scale: [none, mild, moderate, severe, proliferative]
        sources:
          - { name: synthetic, labels: train.csv, id: id_code, grade: diagnosis, images: train }
          - { name: older, role: external, labels: external.csv, id: id_code, grade: diagnosis, images: external }
        test: { name: test, labels: test.csv, id: id_code, images: test }
        recipe: [crop_retina, resize: { size: 32 }]
        split: { folds: 4, fold: 0 }
        model: { backbone: resnet18 }
        target: ordinal
        train: { epochs: 4, batch: 16, top_lr: 0.001, base_lr_ratio: 1, seed: 3, optimizer: { adamw: { weight_decay: 0.01 } } }
        """;

    private JudgedRun(string world, PlantedWorld planted, RunFolder folder, ImmutableArray<ImageRecord> validation) => (World, Planted, Folder, Validation) = (world, planted, folder, validation);

    /// <summary>The folder of the photographs and the experiment.</summary>
    public string World { get; }

    public PlantedWorld Planted { get; }

    public RunFolder Folder { get; }

    public ImmutableArray<ImageRecord> Validation { get; }

    /// <summary>The epoch that the run selects.</summary>
    public int Epoch => Selection.Rank(Folder.Metrics.Read(), Folder.ReadInfo().Experiment.Select)[0];

    /// <summary>Makes the run of a history such a one.</summary>
    /// <param name="history">Whose first run.</param>
    /// <param name="rename">Gives a training image another id, also in the CSV and on the disk.</param>
    /// <param name="copies">How many times every training image is there, under ids of their own.</param>
    public static JudgedRun In(History history, string? rename = null, int copies = 1)
    {
        string world = history.Outside("world"), file = Path.Combine(world, "experiment.yaml");
        PlantedWorld planted = SyntheticWorld.Write(world, new WorldSpec(Train: 60, Test: 20, External: 20), ct: TestContext.Current.CancellationToken);
        AtomicFile.WriteText(file, Yaml);
        if (rename is not null)
        {
            string id = planted.Conflicts[0].Ids[0].Value, labels = Path.Combine(world, "train.csv");
            string old = Directory.GetFiles(Path.Combine(world, "train"), id + ".*").Single();
            File.Move(old, Path.Combine(world, "train", rename + Path.GetExtension(old)));
            AtomicFile.WriteText(labels, File.ReadAllText(labels).Replace($"{id},", $"\"{rename.Replace("\"", "\"\"", StringComparison.Ordinal)}\",", StringComparison.Ordinal));
        }
        ImmutableArray<string> rows = [.. File.ReadAllLines(Path.Combine(world, "train.csv"))];
        if (copies > 1)
            Multiply(world, rows, copies);
        Experiment experiment = ExperimentFile.Read(file);
        ImmutableArray<ImageRecord> validation = DataPartition.Create(experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken)).Validation.Records;
        RunFolder folder = history.Run(history.Names[0]);
        folder.WriteInfo(folder.ReadInfo() with { Experiment = experiment });
        foreach (EpochRecord record in folder.Metrics.Read())
            ScoreFile.Write(folder.ValidationScores(record.Epoch), Scores(validation, experiment, record.Epoch));
        return new JudgedRun(world, planted, folder, validation);
    }

    /// <summary>Lets the run have judged every image many times, under ids that no source has.</summary>
    public void Repeat(int times)
    {
        ScoredImages once = ScoreFile.Read(Folder.ValidationScores(Epoch));
        int[] rows = [.. Enumerable.Range(0, times).SelectMany(_ => Enumerable.Range(0, once.Ids.Length))];
        ScoreFile.Write(Folder.ValidationScores(Epoch), new ScoredImages(
            [.. rows.Select((r, i) => new ImageId($"{once.Ids[r]}-{i}"))], [.. rows.Select(r => once.Hashes[r])], [.. rows.Select(r => once.Grades[r])], once.Scores.At(rows)));
    }

    /// <summary>Draws a heat map for some of the images, as <c>gradus explain RUN --mistakes</c> does.</summary>
    public void Explain(params ReadOnlySpan<ImageId> ids)
    {
        string folder = Path.Combine(Folder.Root, ExplainedImages.FolderName);
        var images = ImmutableArray.CreateBuilder<ExplainedImage>();
        foreach (ImageId id in ids)
        {
            ImageRecord image = Validation.First(r => r.Id == id);
            RecipeGeometry geometry = ImageDecoder.Prepare(new Recipe([new CropRetina(), new Resize(32)]), image.Location).Geometry;
            HeatOverlay.Write(Path.Combine(folder, $"{images.Count + 1:000}.map.png"), new ImageExplanation(id, image.Location, 0, 0, [], new HeatMap(2, 2, [0, 1, 0, 0.4f]), geometry));
            images.Add(new ExplainedImage(id, image.Source, $"{images.Count + 1:000}.map.png"));
        }
        new ExplainedImages("gradcam", "score", Epoch, images.ToImmutable()).Write(folder);
    }

    // With a byte of its own at the end each copy has another content, and is decoded for itself.
    private static void Multiply(string world, ImmutableArray<string> rows, int copies)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(world, "train")))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int copy = 1; copy < copies; copy++)
                AtomicFile.Write(Path.Combine(world, "train", $"{Path.GetFileNameWithoutExtension(file)}-{copy}{Path.GetExtension(file)}"), stream => { stream.Write(bytes); stream.WriteByte((byte)copy); });
        }
        AtomicFile.WriteText(Path.Combine(world, "train.csv"), string.Join('\n', [.. rows, .. rows.Skip(1).SelectMany(r => Enumerable.Range(1, copies - 1).Select(c => r.Replace(",", $"-{c},", StringComparison.Ordinal)))]) + "\n");
    }

    // Every image is a little further off than the one before it, by turns above and below.
    private static ScoredImages Scores(ImmutableArray<ImageRecord> images, Experiment experiment, int epoch)
    {
        int steps = experiment.Scale.Count - 1;
        var logits = new float[images.Length * steps];
        foreach ((int i, ImageRecord image) in images.Index())
        {
            double centre = image.Grade!.Value + (i % 2 == 0 ? 1 : -1) * 2.0 * i / images.Length + 0.01 * epoch;
            for (int k = 0; k < steps; k++)
                logits[i * steps + k] = (float)(4 * (centre - k - 0.5));
        }
        GradedScores scores = experiment.Target.Link(new Logits(images.Length, steps, logits));
        return new ScoredImages([.. images.Select(r => r.Id)], [.. images.Select(r => r.Hash!.Value)], [.. images.Select(r => r.Grade)], scores);
    }
}
