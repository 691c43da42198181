using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Thresholds;
using MathNet.Numerics.Distributions;

namespace Gradus.Tests.Runs;

/// <summary>A training that never took place, computed the way a real one is: logits of a head that learns and in the end overfits.</summary>
internal static class SampleRun
{
    public static readonly GradeScale Retinopathy = new(["none", "mild", "moderate", "severe", "proliferative"]);

    public static readonly GradeScale Histology = new(["normal", "tumour"]);

    // Several tests ask for the same epochs, which take a while; a record never changes.
    private static readonly ConcurrentDictionary<(int Epoch, bool Binary, long Seed), EpochRecord> Made = new();

    private static readonly double[] Shares = [0.49, 0.10, 0.27, 0.05, 0.09];

    public static Experiment Experiment(GradeScale? scale = null, string source = "idrid") => new()
    {
        Scale = scale ?? Retinopathy,
        Sources = [new CsvSource { Name = source, Labels = "/data/train.csv", Id = "id_code", Grade = "diagnosis", Images = "/data/train" }],
        Recipe = new Recipe([new CropRetina(), new Resize(224), new BenGraham()]),
        Split = new SplitSpec(),
        Sampling = new WeightedClasses([1, 1.5, 1, 1.5, 1.5]),
        Model = new ModelSpec { Backbone = "mobilenet_v2", Head = [new DropoutLayer(0.3)] },
        Target = (scale ?? Retinopathy).IsBinary ? new BinaryTarget() : new OrdinalTarget(),
        Train = new TrainSpec { Epochs = 15, Optimizer = new SgdSpec(0.95), TopLr = 1e-3, BaseLrSteps = ImmutableSortedDictionary<int, double>.Empty.Add(3, 5) },
        Select = new SelectSpec(SelectBy.TunedQwk),
    };

    public static RunInfo Info(string name, Experiment? experiment = null) => new()
    {
        Name = name,
        CreatedUtc = new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero),
        Status = RunStatus.Running,
        Experiment = experiment ?? Experiment(),
        CodeVersion = "0.1.0+abc1234",
        Counts = new RunCounts { Train = [1436, 296, 799, 154, 236], Validation = [369, 74, 200, 39, 59], Conflicting = 79 },
    };

    public static IReadOnlyList<EpochRecord> Records(int epochs, GradeScale? scale = null, long seed = 7) =>
        [.. Enumerable.Range(1, epochs).Select(e => Record(e, scale ?? Retinopathy, seed))];

    public static EpochRecord Record(int epoch, GradeScale? scale = null, long seed = 7) =>
        Made.GetOrAdd((epoch, (scale ?? Retinopathy).IsBinary, seed), _ => Make(epoch, scale ?? Retinopathy, seed));

    private static EpochRecord Make(int epoch, GradeScale grades, long seed)
    {
        Target target = grades.IsBinary ? new BinaryTarget() : new OrdinalTarget();
        double skill = 1 - Math.Exp(-epoch / 4.0);
        (int[] truth, GradedScores scores) = Predictions(grades, target, 733, 2.2 - 1.5 * skill, RandomStream.Create(seed, "validation", epoch));
        (int[] trainTruth, GradedScores trainScores) = Predictions(grades, target, 2929, 2.2 - 1.9 * skill, RandomStream.Create(seed, "training", epoch));
        DecodingRule tuned = ThresholdTuner.Tune(target, grades, scores, truth, ThresholdTuning.Shared).Rule;
        DecodingRule usual = target.DefaultRule(grades);
        MetricSet Of(int[] t, GradedScores s, DecodingRule rule, long? bootstrap) => MetricSet.Compute(t, rule.Grades(s), s, grades, bootstrap);
        return new EpochRecord
        {
            Epoch = epoch,
            Step = epoch * 92,
            LearningRates = new GroupRates(1e-3, epoch < 3 ? 1e-4 : 5e-4),
            Trainable = new GroupCounts(5124, epoch == 1 ? 0 : 2223872),
            Draw = new ClassDraw([.. Counts(grades, trainTruth).Select(n => n + 0.37)], [.. Counts(grades, trainTruth)]),
            Train = new SplitRecord(0.62 * Math.Exp(-epoch / 6.0) + 0.05, Of(trainTruth, trainScores, usual, null), Of(trainTruth, trainScores, tuned, null)),
            Validation = new SplitRecord(0.48 * Math.Exp(-epoch / 4.0) + 0.21 + 0.006 * epoch, Of(truth, scores, usual, 42), Of(truth, scores, tuned, 42)),
            Thresholds = tuned,
            NonMonotoneRate = tuned is LeadingOnes rule ? rule.NonMonotoneRate(scores) : null,
            Seconds = 61.5,
            ImagesPerSecond = 55.2,
            DataWaitFraction = 0.03,
        };
    }

    // A hidden severity a grade wide, seen with noise; the head leans low, so that tuning has something to do.
    private static (int[] Truth, GradedScores Scores) Predictions(GradeScale scale, Target target, int images, double noise, Random random)
    {
        int outputs = target.OutputCount(scale);
        var truth = new int[images];
        var logits = new float[images * outputs];
        for (int i = 0; i < images; i++)
        {
            truth[i] = scale.IsBinary ? (random.NextDouble() < 0.41 ? 1 : 0) : Draw(random.NextDouble());
            double seen = truth[i] + Normal.Sample(random, 0, noise * (scale.IsBinary ? 0.5 : 0.8));
            for (int k = 0; k < outputs; k++)
                logits[i * outputs + k] = (float)(3 * (seen - k - 0.5) - 0.8 + Normal.Sample(random, 0, 0.3));
        }
        return (truth, target.Link(new Logits(images, outputs, logits)));
    }

    private static int Draw(double u)
    {
        int k = 0;
        while (k < Shares.Length - 1 && (u -= Shares[k]) >= 0)
            k++;
        return k;
    }

    private static IEnumerable<int> Counts(GradeScale scale, int[] grades) => Enumerable.Range(0, scale.Count).Select(k => grades.Count(g => g == k));
}
