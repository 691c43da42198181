using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;
using Gradus.Torch.Tests.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Prediction;

public sealed class TestTimeAugmentationTests : IDisposable
{
    private readonly TinyWorld _world = new(6);
    private readonly string _folder;
    private readonly RunFolder _run;

    public TestTimeAugmentationTests()
    {
        _run = _world.Train(_world.Experiment with { Train = _world.Experiment.Train with { Epochs = 2 }, Select = new SelectSpec(Keep: null) });
        _folder = Path.Combine(_world.Root, "check");
        Picture("constant", (_, _) => 90);
        Picture("symmetric", (x, y) => (byte)(8 * Math.Max(Math.Abs(2 * x - 31), Math.Abs(2 * y - 31)) % 251));
        Picture("lopsided", (x, y) => (byte)(5 * x + 2 * y));
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_constant_image_has_no_spread_and_a_symmetric_one_none_over_the_dihedral_views()
    {
        foreach (string views in new[] { "flips", "dihedral", "scales", "crops", "random:5" })
        {
            PredictionSet predicted = Predict(views);
            Assert.Equal(0, Spread(predicted, "constant"));
            Assert.True(Spread(predicted, "lopsided") > 0, views);
            if (views is "flips" or "dihedral")
                Assert.Equal(0, Spread(predicted, "symmetric"));
        }
        PredictionSet plain = Predict("none"), turned = Predict("dihedral");
        Assert.Empty(plain.Spread);
        Assert.Equal(plain.Scores.Score[Index(plain, "symmetric")], turned.Scores.Score[Index(turned, "symmetric")]);
    }

    [Fact]
    public void Random_views_are_those_of_their_seed_whatever_stands_beside_the_image()
    {
        double alone = Predict("random:3", seed: 4, "lopsided").Scores.Score[0], beside = Score(Predict("random:3", seed: 4));
        Assert.Equal(alone, beside, 1e-5);
        Assert.NotEqual(beside, Score(Predict("random:3", seed: 5)), 9);

        static double Score(PredictionSet p) => p.Scores.Score[Index(p, "lopsided")];
    }

    [Theory]
    [InlineData(ViewAverage.Probabilities)]
    [InlineData(ViewAverage.Logits)]
    [InlineData(ViewAverage.Ranks)]
    public void Every_average_of_one_image_seen_alike_is_what_that_image_gets(ViewAverage average)
    {
        using Checkpoint checkpoint = Checkpoint.Load(_run.Checkpoint(2), CPU);
        PredictionSet plain = Predict("none", 0, "constant"), averaged = Predictor.Predict(checkpoint, Images("constant"), null, CancellationToken.None, new DihedralViews { Average = average });
        Assert.Equal(plain.Scores.Score[0], averaged.Scores.Score[0], 1e-9);
        Assert.Equal(plain.Scores.Outputs, averaged.Scores.Outputs);
    }

    [Fact]
    public void A_sweep_says_what_each_checkpoint_says_alone()
    {
        string[] paths = [_run.Checkpoint(1), _run.Checkpoint(2)];
        foreach (SweptCheckpoint swept in Predictor.Sweep(paths, CPU, Images(), null, CancellationToken.None))
        {
            using Checkpoint checkpoint = Checkpoint.Load(swept.Path, CPU);
            Assert.Equal(Predictor.Predict(checkpoint, Images(), null, CancellationToken.None).Scores.Outputs, swept.Predicted.Scores.Outputs);
        }
    }

    [Fact]
    public void Every_epoch_leaves_the_scores_that_its_metrics_were_computed_from()
    {
        Assert.Equal([1, 2], _run.Checkpoints());
        foreach (EpochRecord record in _run.Metrics.Read())
        {
            Predictions.ScoredImages scores = Predictions.ScoreFile.Read(_run.ValidationScores(record.Epoch));
            Assert.Equal(record.Validation.Default.PerClass.Select(c => c.Support), Enumerable.Range(0, 3).Select(g => scores.Truth!.Count(t => t == g)));
            Assert.Equal(record.Validation.Tuned.PredictedCounts, scores.Counts(record.Thresholds, 3));
        }
        Assert.NotNull(_run.Metrics.Read()[0].CrossFittedQwk);
    }

    [Theory]
    [InlineData("dihedrall", "dihedral")]
    [InlineData("random:0", "1 to 1000")]
    [InlineData("random:99999999999", "1 to 1000")]
    [InlineData("random", "random:")]
    public void Another_word_is_refused(string text, string words) =>
        Assert.Contains(words, Assert.Throws<GradusException>(() => TestTimeAugmentation.Parse(text)).Message, StringComparison.Ordinal);

    private PredictionSet Predict(string views, long seed = 0, params string[] names)
    {
        using Checkpoint checkpoint = Checkpoint.Load(_run.Checkpoint(2), CPU);
        return Predictor.Predict(checkpoint, Images(names), null, CancellationToken.None, TestTimeAugmentation.Parse(views, seed));
    }

    private (ImageId, ImageLocation)[] Images(params string[] names) =>
        [.. (names.Length > 0 ? names : ["constant", "symmetric", "lopsided"]).Select(n => (new ImageId(n), (ImageLocation)new FileLocation(Path.Combine(_folder, $"{n}.png"))))];

    private static int Index(PredictionSet predicted, string id) => predicted.Ids.IndexOf(new ImageId(id));

    private static double Spread(PredictionSet predicted, string id) => predicted.Spread[Index(predicted, id)];

    private void Picture(string name, Func<int, int, byte> level)
    {
        using var bitmap = new SKBitmap(32, 32);
        for (int y = 0; y < 32; y++)
        {
            for (int x = 0; x < 32; x++)
                bitmap.SetPixel(x, y, new SKColor(level(x, y), level(x, y), 40));
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(Path.Combine(_folder, $"{name}.png"), data.SaveTo);
    }
}
