using System.Globalization;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Synthetic;

/// <summary>A long history of runs that never took place, to measure what works over a folder of runs. The same seed writes the same bytes.</summary>
public static class SyntheticRuns
{
    private const int Images = 733;

    private static readonly string[] Backbones = ["densenet121", "resnet50", "mobilenet_v2", "se_resnext50_32x4d", "efficientnet_b0"];
    private static readonly GradeScale Scale = new(["none", "mild", "moderate", "severe", "proliferative"]);
    private static readonly DateTimeOffset Start = new(2019, 7, 10, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Writes run.json and metrics.jsonl of every run; of every five, four go on from the one before them.</summary>
    /// <param name="folder">The folder of runs; absent or empty.</param>
    /// <param name="count">Runs, at least 1.</param>
    /// <param name="epochs">Epochs a run, at least 1.</param>
    /// <param name="seed">Fixes everything.</param>
    /// <param name="progress">Counts runs.</param>
    /// <param name="stop">Stops between two runs.</param>
    /// <exception cref="GradusException">There is something in the folder, or it cannot be written.</exception>
    public static void Write(string folder, int count, int epochs, long seed, IProgress<WorkProgress>? progress = null, CancellationToken stop = default)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new GradusException("the folder is not empty", folder, remedy: "Name another; a history is never mixed with real runs", fault: Fault.Request);
        Directory.CreateDirectory(folder);
        // Names depend on those before them, so that all are made before the folders.
        RunInfo[] runs = Infos(Path.GetFullPath(folder), count, epochs, seed);
        int done = 0;
        Parallel.ForEach(runs.Index(), new ParallelOptions { CancellationToken = stop }, run =>
        {
            RunFolder made = RunFolder.Create(folder, run.Item.Name);
            IReadOnlyList<EpochRecord> records = Records(run.Item, RandomStream.Create(seed, "run history epochs", run.Index));
            IReadOnlyList<int> kept = Selection.Kept(records, run.Item.Experiment.Select);
            AtomicFile.Write(made.Metrics.FilePath, stream =>
            {
                foreach (EpochRecord record in records)
                {
                    JsonSerializer.Serialize(stream, record, GradusJson.Compact);
                    stream.WriteByte((byte)'\n');
                }
            });
            made.WriteInfo(run.Item with { Selection = [.. kept], BestCheckpoint = RunFolder.RelativeCheckpoint(kept[0]) });
            int n = Interlocked.Increment(ref done);
            if (n % 50 == 0 || n == runs.Length)
                progress?.Report(new WorkProgress("generate", n, runs.Length, "runs"));
        });
    }

    private static RunInfo[] Infos(string folder, int count, int epochs, long seed)
    {
        var runs = new RunInfo[count];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            Random random = RandomStream.Create(seed, "run history", i);
            RunInfo? parent = i % 5 == 0 ? null : runs[i - 1];
            Experiment experiment = parent is null ? Fresh(random, epochs) : Changed(parent.Experiment, random);
            DateTimeOffset created = Start.AddHours(5 * i).AddSeconds(random.Next(3600));
            string name = RunName.Derive(DateOnly.FromDateTime(created.UtcDateTime), experiment, parent?.Experiment), free = name;
            for (int n = 2; !taken.Add(free); n++)
                free = string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
            runs[i] = new RunInfo
            {
                Name = free,
                CreatedUtc = created,
                EndedUtc = created.AddMinutes(55 + 20 * random.NextDouble()),
                Status = random.Next(40) switch { 0 => RunStatus.Failed, 1 => RunStatus.Stopped, _ => RunStatus.Finished },
                Experiment = experiment,
                Parent = parent is null ? null : new RunParent(parent.Name, epochs, Path.Combine(folder, parent.Name, RunFolder.RelativeCheckpoint(epochs)), experiment.Train.TopLr, null, 0),
                CodeVersion = "generated",
                Counts = new RunCounts { Train = [1436, 296, 799, 154, 236], Validation = [369, 74, 200, 39, 51], Conflicting = 79 },
            };
        }
        return runs;
    }

    private static Experiment Fresh(Random random, int epochs) => new()
    {
        Scale = Scale,
        Sources = [new CsvSource { Name = "generated", Labels = "/data/train.csv", Id = "id_code", Grade = "diagnosis", Images = "/data/train" }],
        Recipe = new Recipe([new CropRetina(), new Resize(224), new BenGraham()]),
        Split = new SplitSpec(5, random.Next(5)),
        Model = new ModelSpec { Backbone = Backbones[random.Next(Backbones.Length)], Head = [new DropoutLayer(0.3)] },
        Target = new OrdinalTarget(),
        Train = new TrainSpec { Epochs = epochs, Optimizer = new SgdSpec(0.95), TopLr = 1e-3, Seed = random.Next(1000) },
        Select = new SelectSpec(SelectBy.TunedQwk),
    };

    private static Experiment Changed(Experiment parent, Random random) => random.Next(4) switch
    {
        0 => parent with { Recipe = new Recipe([new CropRetina(), new Resize(random.Next(2) == 0 ? 320 : 448), new BenGraham()]) },
        1 => parent with { Sampling = new WeightedClasses([1, 1.5, 1, 1.5, 1.5]) },
        2 => parent with { Train = parent.Train with { TopLr = parent.Train.TopLr / 10 } },
        _ => parent with { Train = parent.Train with { Seed = random.Next(1000) } },
    };

    private static List<EpochRecord> Records(RunInfo run, Random random)
    {
        double ceiling = 0.55 + 0.3 * random.NextDouble(), pace = 3 + 6 * random.NextDouble();
        var records = new List<EpochRecord>();
        for (int epoch = 1; epoch <= run.Experiment.Train.Epochs; epoch++)
        {
            double skill = ceiling * (1 - Math.Exp(-epoch / pace));
            records.Add(new EpochRecord
            {
                Epoch = epoch,
                Step = epoch * 92,
                LearningRates = new GroupRates(run.Experiment.Train.TopLr, run.Experiment.Train.TopLr / 10),
                Trainable = new GroupCounts(5124, 2223872),
                Draw = new ClassDraw([1436, 296, 799, 154, 236], [1436, 296, 799, 154, 236]),
                Train = new SplitRecord(0.6 * Math.Exp(-epoch / pace) + 0.05, Metrics(Math.Min(0.99, skill * 1.1), random), Metrics(Math.Min(0.99, skill * 1.12), random)),
                Validation = new SplitRecord(0.4 * Math.Exp(-epoch / pace) + 0.25 + 0.003 * epoch + 0.01 * random.NextDouble(), Metrics(skill, random), Metrics(Math.Min(0.99, skill * 1.03), random)),
                Thresholds = new LeadingOnes([.. Enumerable.Repeat(0.4 + 0.2 * random.NextDouble(), Scale.Count - 1)]),
                NonMonotoneRate = 0.02 * random.NextDouble(),
                Seconds = 60 + 5 * random.NextDouble(),
                ImagesPerSecond = 50 + 10 * random.NextDouble(),
                DataWaitFraction = 0.05 * random.NextDouble(),
            });
        }
        return records;
    }

    // Grades that are right with the chance of the skill and else one off.
    private static MetricSet Metrics(double skill, Random random)
    {
        double[] shares = [0.5, 0.1, 0.27, 0.05, 0.08];
        var counts = new int[Scale.Count * Scale.Count];
        for (int k = 0; k < Scale.Count; k++)
        {
            int support = (int)(Images * shares[k]), right = (int)(support * Math.Min(1, skill * (0.95 + 0.1 * random.NextDouble())));
            int below = k == 0 ? 0 : k == Scale.Count - 1 ? support - right : (support - right) / 2;
            counts[k * Scale.Count + k] = right;
            if (k > 0)
                counts[k * Scale.Count + k - 1] = below;
            if (k < Scale.Count - 1)
                counts[k * Scale.Count + k + 1] = support - right - below;
        }
        var matrix = new ConfusionMatrix(Scale.Count, counts);
        double qwk = Kappa.Quadratic(matrix);
        return new MetricSet
        {
            Qwk = qwk,
            QwkLow = qwk - 0.03,
            QwkHigh = Math.Min(1, qwk + 0.03),
            Accuracy = matrix.Accuracy!.Value,
            Mae = matrix.MeanAbsoluteError!.Value,
            Auc = 0.5 + skill / 2,
            PerClass = [.. Enumerable.Range(0, Scale.Count).Select(matrix.Class)],
            Confusion = matrix.ToRows(),
            PredictedCounts = [.. matrix.Predicted],
        };
    }
}
