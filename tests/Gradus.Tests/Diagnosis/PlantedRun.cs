using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Diagnosis;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Tests.Runs;
using Gradus.Thresholds;
using MathNet.Numerics.Distributions;

namespace Gradus.Tests.Diagnosis;

/// <summary>
/// A run folder as training writes it, from simulated scores: every image has a hidden severity that the network sees with an error of
/// its own, and a little differently each epoch. Faults can be planted.
/// </summary>
internal sealed class PlantedRun : IDisposable
{
    private const int Images = 600;
    private readonly TemporaryFolder _root = new();

    public PlantedRun(int epochs = 12, double wobble = 0.05, Func<int, double>? threshold = null, double trainError = 0.5, double validationError = 0.55, Func<int, double>? validationLoss = null)
    {
        Experiment experiment = SampleRun.Experiment();
        Run = RunFolder.Create(_root.Path, "planted");
        Run.WriteInfo(SampleRun.Info(Run.Name, experiment));
        (ImmutableArray<int> truth, double[] seen) = Severity("validation", validationError);
        (ImmutableArray<int> trainTruth, double[] trainSeen) = Severity("training", trainError);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            GradedScores scores = Scores(seen, wobble, "validation", epoch), train = Scores(trainSeen, wobble, "training", epoch);
            DecodingRule usual = experiment.Target.DefaultRule(experiment.Scale);
            DecodingRule tuned = threshold is null
                ? ThresholdTuner.Tune(experiment.Target, experiment.Scale, scores, [.. truth], ThresholdTuning.Shared).Rule
                : new LeadingOnes([.. Enumerable.Repeat(threshold(epoch), 4)]);
            Run.Metrics.Append(SampleRun.Record(1) with
            {
                Epoch = epoch,
                Train = new SplitRecord(0.4 - 0.01 * epoch, Of(trainTruth, train, usual, null), Of(trainTruth, train, tuned, null)),
                Validation = new SplitRecord(validationLoss?.Invoke(epoch) ?? 0.42 - 0.008 * epoch, Of(truth, scores, usual, 1), Of(truth, scores, tuned, 1)),
                Thresholds = tuned,
            });
            ScoreFile.Write(Run.ValidationScores(epoch), new ScoredImages([.. truth.Select((_, i) => new ImageId($"v{i}"))], [.. truth.Select((_, i) => Hash(i))], [.. truth.Select(t => (int?)t)], scores));
        }

        MetricSet Of(ImmutableArray<int> t, GradedScores s, DecodingRule rule, long? seed) => MetricSet.Compute([.. t], rule.Grades(s), s, experiment.Scale, seed);
    }

    public RunFolder Run { get; }

    public static ContentHash Hash(int image) => ContentHash.Of(BitConverter.GetBytes(image));

    public RunDiagnosis Diagnose(Func<ContentHash, bool>? trainedOn = null) => RunDiagnosis.Of(DiagnosisInput.Load(Run, Run.SweepFolder, trainedOn ?? (_ => false)));

    public void Dispose() => _root.Dispose();

    private static (ImmutableArray<int> Truth, double[] Seen) Severity(string name, double error)
    {
        Random random = RandomStream.Create(3, name);
        int[] truth = [.. Enumerable.Range(0, Images).Select(i => (i % 10) switch { < 5 => 0, 5 => 1, < 8 => 2, 8 => 3, _ => 4 })];
        return ([.. truth], [.. truth.Select(t => t + Normal.Sample(random, 0, error))]);
    }

    private static GradedScores Scores(double[] seen, double wobble, string name, int epoch)
    {
        Random random = RandomStream.Create(4, name, epoch);
        var logits = new float[seen.Length * 4];
        for (int i = 0; i < seen.Length; i++)
        {
            double now = seen[i] + Normal.Sample(random, 0, wobble);
            for (int k = 0; k < 4; k++)
                logits[i * 4 + k] = (float)(3 * (now - k - 0.5));
        }
        return new OrdinalTarget().Link(new Logits(seen.Length, 4, logits));
    }
}
