using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Previews;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Previews;

public sealed class PreviewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradus-preview-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ImageRecord Picture(string name, Func<int, int, byte> level, int width = 60, int height = 40)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = level(i / 3 % width, i / 3 / width);
        string path = Path.Combine(_folder, name);
        using (NetVips.Image image = NetVips.Image.NewFromMemory(pixels, width, height, 3, NetVips.Enums.BandFormat.Uchar))
            AtomicFile.Write(path, stream => stream.Write(image.WriteToBuffer(".png")));
        return new ImageRecord(new ImageId(name), 0, null, "main", new FileLocation(path));
    }

    private static RecipePreview Run(Recipe recipe, params ImageRecord[] records) => RecipePreview.Run(recipe, records, 100, null, TestContext.Current.CancellationToken);

    [Fact]
    public void The_last_picture_of_a_preview_is_what_the_network_is_given()
    {
        ImageRecord record = Picture("a.png", (x, y) => x is > 15 and < 50 ? (byte)(40 + 3 * x + y) : (byte)0);
        var recipe = new Recipe([new CropRetina(), new Resize(32), new BenGraham(), new Median(), new Clahe(4), new CircleMask()]);
        RecipePreview preview = Run(recipe, record);
        Assert.Equal(["decode", "crop_retina", "resize", "ben_graham", "median", "clahe", "circle_mask"], preview.Steps.Select(s => s.Name));
        Assert.Equal(ImageDecoder.Prepare(recipe, record.Location).Image.Pixels, preview.Images[0].Steps[^1].Image.Pixels);
        Assert.Equal(1, preview.Steps.Sum(s => s.ShareOfTime), 1e-9);
        Assert.All(preview.Steps, s => Assert.True(s.PerImage > TimeSpan.Zero));
        Assert.Equal("60 x 40", preview.Steps[0].Size);
        Assert.Equal("34 x 40", preview.Steps[1].Size);
        Assert.Equal(26.0 / 60, preview.Steps[1].ChangedPixels!.Value, 1e-9);
        Assert.Equal("32 x 32", preview.Steps[2].Size);
    }

    [Fact]
    public void A_step_that_changes_no_pixel_of_any_image_is_told()
    {
        ImageRecord flat = Picture("flat.png", (_, _) => 100), grey = Picture("grey.png", (x, _) => (byte)(4 * x));
        RecipePreview preview = Run(new Recipe([new CropRetina(), new Resize(32), new Gray(), new CircleMask()]), flat, grey);
        Assert.Equal([false, false, false, true, false], preview.Steps.Select(s => s.DidNothing));
        // What is needless for some images only is no mistake.
        Assert.True(Run(new Recipe([new CropRetina(), new Resize(32)]), flat).Steps[1].DidNothing);
    }

    [Fact]
    public void Changed_pixels_are_counted()
    {
        RecipePreview preview = Run(new Recipe([new Resize(64), new CircleMask()]), Picture("white.png", (_, _) => 255));
        Assert.Equal(1 - Math.PI / 4, preview.Steps[^1].ChangedPixels!.Value, 0.02);
    }

    [Fact]
    public void A_sample_has_so_many_of_each_grade_and_depends_on_the_seed_alone()
    {
        ImmutableArray<ImageRecord> records = SplitWorld.Singles(Enumerable.Range(0, 60).Select(i => i < 3 ? 4 : i % 3));
        ImmutableArray<ImageRecord> sample = PreviewSample.Choose(new TrainingSet(records), 4, 7);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4], sample.Select(r => r.Grade!.Value));
        Assert.Equal(sample, PreviewSample.Choose(new TrainingSet([.. records.Reverse()]), 4, 7));
        Assert.NotEqual(sample, PreviewSample.Choose(new TrainingSet(records), 4, 8));
    }

    [Fact]
    public void The_preview_of_sampling_is_what_training_would_draw()
    {
        var set = new TrainingSet(SplitWorld.Singles(((int[])[64, 16, 4, 0, 1]).SelectMany((n, g) => Enumerable.Repeat(g, n))));
        SamplingPreview preview = SamplingPreview.Run(set, ImageWorld.Scale, new CappedClasses([10, 10, 10, 10, 10]), 3, 7);
        Assert.Equal([64, 16, 4, 0, 1], preview.Available);
        Assert.All(preview.Epochs, e => Assert.Equal([10, 10, 4, 0, 1], e.Realised));
        Assert.All(preview.Epochs, e => Assert.Equal([10, 10, 4, 0, 1], e.Distinct));
        Assert.All(preview.Epochs, e => Assert.Equal([1, 1, 1, 0, 1], e.MostRepeated));
        Assert.Equal([64, 16, 4, 0, 1], preview.SeenAtAll);

        SamplingPreview balanced = SamplingPreview.Run(set, ImageWorld.Scale, new BalancedClasses(ClassBalance.Balanced), 3, 2);
        Assert.All(balanced.Epochs, e => Assert.Equal(e.Realised[4], e.MostRepeated[4]));
        Assert.Equal(85, balanced.Epochs[0].Realised.Sum());
    }
}
