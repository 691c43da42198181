using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Runs.Comparison;

namespace Gradus.Tests.Runs;

public sealed class RunComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Only_settings_that_differ_are_told_and_the_figures_are_those_of_the_selected_epochs()
    {
        Experiment other = SampleRun.Experiment() with { Train = SampleRun.Experiment().Train with { TopLr = 1e-4, Device = "cuda:0" } };
        RunComparison comparison = RunComparison.Of([Made("a"), Made("b", other)]);
        ComparedSetting only = Assert.Single(comparison.Settings);
        Assert.Equal(("train.top_lr", "0.001", "0.0001"), (only.Setting, only.Values[0], only.Values[1]));
        Assert.All(comparison.Runs, r => Assert.Equal(Selection.Rank(r.Records, r.Info.Experiment.Select)[0], r.Best!.Epoch));
        Assert.Empty(comparison.Warnings);
    }

    [Fact]
    public void Runs_with_other_folds_images_or_thresholds_are_called_not_comparable()
    {
        Experiment e = SampleRun.Experiment();
        string[] Warn(RunFolder other) => [.. RunComparison.Of([Made("a"), other]).Warnings];
        Assert.Contains("other images; 0 of 2 and 1", Assert.Single(Warn(Made("fold", e with { Split = new SplitSpec(5, 1) }))), StringComparison.Ordinal);
        Assert.Contains(Warn(Made("plan", plan: "x,s,00,0,,0\n")), w => w.Contains("other fold plans", StringComparison.Ordinal));
        Assert.Contains("Thresholds are of other kinds", Assert.Single(Warn(Made("thresholds", e with { Thresholds = ThresholdTuning.PerOutput }))), StringComparison.Ordinal);
        Assert.Contains("cannot be told", Assert.Single(Warn(Made("unknown", plan: "")), w => w.StartsWith("Whether", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("running", Assert.Single(Warn(Made("running", status: RunStatus.Running))), StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_same_images_the_difference_is_paired_whatever_their_order()
    {
        RunFolder a = Scored("a", i => i % 5), b = Scored("b", i => i % 5, reversed: true), worse = Scored("worse", i => i % 3 == 0 ? 4 - i % 5 : i % 5), elsewhere = Scored("elsewhere", i => i % 5, prefix: "other");
        RunComparison comparison = RunComparison.Of([a, b, worse, elsewhere]);
        Assert.Equal((0.0, 0.0, 0.0), (comparison.Runs[1].Gain!.Value.Value!.Value, comparison.Runs[1].Gain!.Value.Low!.Value, comparison.Runs[1].Gain!.Value.High!.Value));
        Assert.True(comparison.Runs[2].Gain!.Value.High < 0);
        Assert.Null(comparison.Runs[3].Gain);
        Assert.Contains(comparison.Warnings, w => w.Contains("elsewhere and a were validated on other images", StringComparison.Ordinal));
    }

    [Fact]
    public void All_curves_are_in_one_picture_also_of_a_run_without_epochs()
    {
        RunComparison comparison = RunComparison.Of([Made("a"), Made("<b> \u001b", SampleRun.Experiment()), Made("none", epochs: 0)]);
        string file = Path.Combine(_folder.Path, "curves.png");
        Assert.True(ComparisonPlot.Write(file, comparison));
        Assert.True(new FileInfo(file).Length > 10_000);
        Assert.False(ComparisonPlot.Write(file + "2", RunComparison.Of([Made("x", epochs: 0), Made("y", epochs: 0)])));
        Assert.False(File.Exists(file + "2"));
    }

    [Fact]
    public void One_run_or_the_same_twice_is_no_comparison()
    {
        RunFolder a = Made("a");
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => RunComparison.Of([a])).Fault);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => RunComparison.Of([a, RunFolder.Open(a.Root)])).Fault);
    }

    private RunFolder Made(string name, Experiment? experiment = null, string plan = "a,s,11,0,,0\nb,s,22,1,,0\nc,s,33,1,,1\n", RunStatus status = RunStatus.Finished, int epochs = 3)
    {
        RunFolder run = RunFolder.Create(_folder.Path, name);
        run.WriteInfo(SampleRun.Info(run.Name, experiment) with { Status = status });
        foreach (EpochRecord record in SampleRun.Records(epochs))
            run.Metrics.Append(record);
        if (plan.Length > 0)
            AtomicFile.WriteText(run.SplitFile, "id,source,hash,grade,group,fold\n" + plan);
        return run;
    }

    // Confident outputs for the given grades of 100 images.
    private RunFolder Scored(string name, Func<int, int> predicted, bool reversed = false, string prefix = "i")
    {
        RunFolder run = Made(name, plan: "");
        int[] images = [.. Enumerable.Range(0, 100)];
        if (reversed)
            Array.Reverse(images);
        float[] outputs = [.. images.SelectMany(i => Enumerable.Range(0, 4).Select(k => predicted(i) > k ? 0.9f : 0.1f))];
        var scores = new GradedScores(100, 4, outputs, [.. images.Select(i => (double)predicted(i))], null);
        foreach (EpochRecord record in run.Metrics.Read())
            ScoreFile.Write(run.ValidationScores(record.Epoch), new ScoredImages([.. images.Select(i => new ImageId($"{prefix}{i}"))], [.. images.Select(i => new ContentHash(i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture)))], [.. images.Select(i => (int?)(i % 5))], scores));
        return run;
    }
}
