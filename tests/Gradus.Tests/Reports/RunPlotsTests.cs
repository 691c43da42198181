using System.Buffers.Binary;
using Gradus.Grading;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Tests.Runs;
using SkiaSharp;

namespace Gradus.Tests.Reports;

public sealed class RunPlotsTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Ledger_7_every_metric_is_recorded_for_both_splits_at_default_and_tuned_thresholds_and_no_plot_mixes_them()
    {
        IReadOnlyList<EpochRecord> records = SampleRun.Records(4);
        foreach (EpochRecord r in records)
        {
            // Both splits are really graded at the same, tuned thresholds, and these are not the default ones.
            Assert.NotEqual(r.Validation.Default.Confusion.SelectMany(c => c), r.Validation.Tuned.Confusion.SelectMany(c => c));
            Assert.NotEqual(r.Train.Default.Confusion.SelectMany(c => c), r.Train.Tuned.Confusion.SelectMany(c => c));
        }
        CurvePanel usual = CurveChart.Qwk(records, "default", split => split.Default);
        CurvePanel tuned = CurveChart.Qwk(records, "tuned", split => split.Tuned);
        Assert.Equal("QWK at default thresholds", usual.Title);
        Assert.Equal("QWK at tuned thresholds", tuned.Title);
        Assert.Equal(["training", "validation"], usual.Curves.Select(c => c.Label));
        Assert.Equal(records.Select(r => r.Train.Default.Qwk!.Value), usual.Curves[0].Points.Select(p => p.Y));
        Assert.Equal(records.Select(r => r.Validation.Default.Qwk!.Value), usual.Curves[1].Points.Select(p => p.Y));
        Assert.Equal(records.Select(r => r.Train.Tuned.Qwk!.Value), tuned.Curves[0].Points.Select(p => p.Y));
        Assert.Equal(records.Select(r => r.Validation.Tuned.Qwk!.Value), tuned.Curves[1].Points.Select(p => p.Y));
        Assert.Equal(records.Select(r => r.Validation.Tuned.QwkLow!.Value), tuned.Curves[1].Band.Select(b => b.Low));
        Assert.Empty(tuned.Curves[0].Band);
    }

    [Fact]
    public void The_pictures_of_a_run_are_PNGs_of_1200_by_700_with_something_on_them()
    {
        string[] names = Write(SampleRun.Retinopathy, SampleRun.Records(6));
        Assert.Equal(["classes", "confusion", "learning_rate", "loss", "qwk"], names);
    }

    [Fact]
    public void Two_grades_have_a_picture_of_the_AUC() => Assert.Contains("auc", Write(SampleRun.Histology, SampleRun.Records(2, SampleRun.Histology)));

    [Fact]
    public void One_epoch_can_be_drawn() => Assert.Equal(5, Write(SampleRun.Retinopathy, SampleRun.Records(1)).Length);

    [Fact]
    public void Epochs_without_a_finite_loss_and_frozen_backbones_can_be_drawn()
    {
        IReadOnlyList<EpochRecord> records = [.. SampleRun.Records(2).Select(r => r with
        {
            LearningRates = new GroupRates(1e-3, 0),
            Train = new SplitRecord(double.NaN, r.Train.Default, r.Train.Tuned),
            Validation = new SplitRecord(double.PositiveInfinity, r.Validation.Default, r.Validation.Tuned),
        })];
        Assert.Equal(5, Write(SampleRun.Retinopathy, records).Length);
    }

    [Fact]
    public void Without_epochs_nothing_is_drawn() => Assert.Empty(Write(SampleRun.Retinopathy, []));

    [Fact]
    public void A_picture_that_cannot_be_written_is_an_error()
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        run.WriteInfo(SampleRun.Info("run"));
        Directory.Delete(run.PlotsFolder);
        AtomicFile.WriteText(run.PlotsFolder, "a file where the folder was");
        Assert.Throws<GradusException>(() => RunPlots.Write(run, SampleRun.Records(1), SampleRun.Retinopathy));
    }

    private string[] Write(GradeScale scale, IReadOnlyList<EpochRecord> records)
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        run.WriteInfo(SampleRun.Info("run", SampleRun.Experiment(scale)));
        RunPlots.Write(run, records, scale);
        string[] files = Directory.GetFiles(run.PlotsFolder);
        foreach (string file in files)
        {
            byte[] png = File.ReadAllBytes(file);
            Assert.Equal((1200, 700), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
            using SKBitmap picture = SKBitmap.Decode(png);
            Assert.True(picture.Pixels.Count(p => p != SKColors.White) > 5000, $"{file} is empty");
        }
        return [.. files.Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];
    }
}
