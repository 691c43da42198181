using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Synthetic;
using Gradus.Tests.Experiments;
using Gradus.Thresholds;
using MathNet.Numerics.Distributions;

namespace Gradus.Tests.Runs;

/// <summary>
/// A training whose truth is known: the network sees grades ever more sharply, its scale swings in early epochs and
/// settles. Every epoch is judged on few validation images, as a run does it, and on many that no rule sees.
/// </summary>
public sealed class LedgerRow31_a_lucky_early_epoch_was_taken
{
    private const int Epochs = 16, Validation = 78, Unseen = 4000, Trainings = 30;

    private static readonly GradeScale Scale = SampleRun.Retinopathy;
    private static readonly OrdinalTarget Target = new();
    private static readonly double[] Shares = [0.45, 0.12, 0.26, 0.08, 0.09];
    // The rate falls to nothing, so that the scale settles; or it stays as high as it was.
    private static readonly Lazy<Training[]> Falling = new(() => Simulate(falls: true));
    private static readonly Lazy<Training[]> Staying = new(() => Simulate(falls: false));
    private static readonly Func<Figures, double>[] All = [f => f.TunedQwk, f => f.DefaultQwk, f => f.Accuracy];

    [Fact]
    public void Tuned_QWK_takes_early_epochs_whose_thresholds_fitted_the_noise_and_the_default_rule_does_not()
    {
        int[] lucky = Chosen(Falling.Value, SelectBy.TunedQwk);
        int[] usual = Chosen(Falling.Value, SelectSpec.DefaultRule(new OneCycleSchedule()));

        Assert.True(lucky.Count(Early) >= Trainings / 5, $"tuned QWK chose epochs {string.Join(", ", lucky)}");
        Assert.False(usual.Any(Early), $"the default rule chose epochs {string.Join(", ", usual)}");
    }

    [Fact]
    public void On_images_that_no_rule_has_seen_the_default_rule_is_better_at_both_kinds_of_threshold() =>
        Assert.All(
            All, f => Better(Falling.Value, SelectSpec.DefaultRule(new OneCycleSchedule()), SelectBy.TunedQwk, f));

    [Fact]
    public void Under_a_rate_that_stays_high_the_default_rule_does_not_take_whatever_comes_last() =>
        Better(Staying.Value, SelectSpec.DefaultRule(new ConstantSchedule()), SelectBy.Last, f => f.DefaultQwk);

    [Fact]
    public void The_template_and_the_demo_take_the_default_rule_of_their_schedule()
    {
        using var scratch = new ScratchFolder();
        string world = scratch.Folder("world");
        SyntheticWorld.Write(world, new WorldSpec(60, 20, 0), ct: TestContext.Current.CancellationToken);
        string labels = Path.Combine(world, "train.csv"), images = Path.Combine(world, "train");
        string template = scratch.Write("template.yaml", ExperimentTemplate.FromCsv(labels, images, scratch.Path).Text);

        foreach (string file in (string[])[template, Path.Combine(world, "experiment.yaml")])
        {
            Experiment experiment = ExperimentFile.Read(file);
            Assert.Equal(SelectSpec.DefaultRule(experiment.Train.Schedule), experiment.Select.By);
        }
    }

    private static Training[] Simulate(bool falls) =>
        [.. Enumerable.Range(1, Trainings).Select(seed => new Training(seed, falls))];

    private static bool Early(int epoch) => epoch <= Epochs * 3 / 4;

    private static void Better(Training[] trainings, SelectBy better, SelectBy worse, Func<Figures, double> figure)
    {
        (int[] good, int[] bad) = (Chosen(trainings, better), Chosen(trainings, worse));
        double[] gains = [.. trainings.Select((t, i) => figure(t.Judged[good[i] - 1]) - figure(t.Judged[bad[i] - 1]))];
        double mean = gains.Average();
        double error = Math.Sqrt(gains.Sum(g => (g - mean) * (g - mean)) / (gains.Length - 1) / gains.Length);
        Assert.True(mean - 2 * error > 0, $"{better} over {worse}: gain {mean:F4}, standard error {error:F4}");
    }

    private static int[] Chosen(Training[] trainings, SelectBy by) =>
        [.. trainings.Select(t => Selection.Rank(t.Records, new SelectSpec(by))[0])];

    private sealed record Figures(double TunedQwk, double DefaultQwk, double Accuracy);

    private sealed class Training
    {
        public Training(int seed, bool falls)
        {
            Random images = RandomStream.Create(seed, "images");
            (int[] Truth, double[] Look) few = Images(Validation, images), many = Images(Unseen, images);
            for (int epoch = 1; epoch <= Epochs; epoch++)
            {
                Random random = RandomStream.Create(seed, "epoch", epoch);
                double done = (epoch - 1.0) / (Epochs - 1), noise = 0.95 - 0.45 * Math.Sqrt(done);
                double swing = falls ? 0.5 * (1 - done) * (1 - done) : 0.3;
                double shift = Normal.Sample(random, 0, swing), stretch = 1 + Normal.Sample(random, 0, swing / 2);
                (double[] logits, double[] unseen) = (Logits(few, epoch, random), Logits(many, epoch, random));
                GradedScores scores = Linked(logits), others = Linked(unseen);
                DecodingRule byDefault = Target.DefaultRule(Scale);
                DecodingRule tuned = ThresholdTuner.Tune(Target, Scale, scores, few.Truth, new ThresholdSpec()).Rule;
                Records.Add(SampleRun.Record(1) with
                {
                    Epoch = epoch,
                    Validation = new SplitRecord(Loss(logits, few.Truth), Measure(byDefault), Measure(tuned)),
                });
                ConfusionMatrix atTuned = Matrix(tuned), atDefault = Matrix(byDefault);
                Judged.Add(new Figures(Kappa.Quadratic(atTuned), Kappa.Quadratic(atDefault), atTuned.Accuracy!.Value));

                double[] Logits((int[] Truth, double[] Look) set, int epoch, Random random) =>
                [
                    .. set.Truth.Select((grade, i) => stretch * grade + shift + 0.45 * set.Look[i])
                        .Select(clear => clear + Normal.Sample(random, 0, noise))
                        .SelectMany(seen => Enumerable.Range(0, Scale.Count - 1).Select(k => 3 * (seen - k - 0.5))),
                ];

                MetricSet Measure(DecodingRule rule) =>
                    MetricSet.Compute(few.Truth, rule.Grades(scores), scores, Scale);

                ConfusionMatrix Matrix(DecodingRule rule) =>
                    ConfusionMatrix.Of(many.Truth, rule.Grades(others), Scale.Count);
            }
        }

        public List<EpochRecord> Records { get; } = [];

        public List<Figures> Judged { get; } = [];

        // How an image looks beside its grade is the same in every epoch.
        private static (int[] Truth, double[] Look) Images(int count, Random random)
        {
            int[] truth = [.. Enumerable.Range(0, count).Select(_ => Draw(random.NextDouble()))];
            return (truth, [.. truth.Select(_ => Normal.Sample(random, 0, 1))]);
        }

        private static int Draw(double u) => Enumerable.Range(0, Shares.Length - 1)
            .FirstOrDefault(k => u < Shares.Take(k + 1).Sum(), Shares.Length - 1);

        private static GradedScores Linked(double[] logits) => Target.Link(
            new Logits(logits.Length / (Scale.Count - 1), Scale.Count - 1, [.. logits.Select(l => (float)l)]));

        // Binary cross-entropy of the cumulative outputs, as in training.
        private static double Loss(double[] logits, int[] truth) => logits
            .Select((logit, i) => truth[i / (Scale.Count - 1)] > i % (Scale.Count - 1) ? logit : -logit)
            .Average(right => Math.Log(1 + Math.Exp(-right)));
    }
}
