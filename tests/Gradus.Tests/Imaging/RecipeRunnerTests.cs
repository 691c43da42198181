using CsCheck;
using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Tests.Imaging;

public sealed class RecipeRunnerTests : IDisposable
{
    private static readonly Gen<(int Width, int Height)> Sizes = Gen.Select(Gen.Int[8, 90], Gen.Int[8, 90]);
    private readonly Scratch _scratch = new();
    private readonly List<string> _notes = [];

    [Theory]
    [InlineData("gray", "retina_224_gray.png", 0)]
    [InlineData("colour", "retina_224_ben_graham_color_sigma10.png", 0.1)]
    [InlineData("grey", "retina_224_ben_graham_gray_sigma10.png", 0.1)]
    public void Colour_steps_are_what_OpenCV_computes(string step, string golden, double tolerance)
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        RgbImage retina = Golden("retina_224.png");
        RecipeStep applied = step == "gray" ? new Gray() : new BenGraham(Colour: step == "colour", Sigma: 10);
        Assert.InRange(Scratch.MeanDifference(RecipeRunner.Apply(applied, retina, _notes).Pixels, Golden(golden).Pixels), 0, tolerance);
        // Sigma follows the size: at 224 pixels it is ten.
        if (applied is BenGraham ben)
            Assert.Equal(RecipeRunner.Apply(ben, retina, _notes).Pixels, RecipeRunner.Apply(ben with { Sigma = null }, retina, _notes).Pixels);
    }

    [Fact]
    public void Reduction_is_what_OpenCV_computes_and_nearly_so_when_decoded_at_an_eighth()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        var photograph = new FileLocation(Path.Combine(Scratch.Data!, "fundus", "retina.jpg"));
        RgbImage golden = Golden("retina_224.png");
        Assert.Equal(0, Scratch.MeanDifference(RecipeRunner.Apply(new Resize(224), ImageDecoder.Decode(photograph), _notes).Pixels, golden.Pixels), 2);
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Prepare(new Recipe([new Resize(224)]), photograph).Image.Pixels, golden.Pixels), 0, 1.5);
    }

    [Fact]
    public void A_flat_image_stays_flat_at_every_size() =>
        Gen.Select(Sizes, Gen.Int[8, 120], Gen.Byte).Sample((from, size, level) =>
        {
            RgbImage resized = RecipeRunner.Apply(new Resize(size), Scratch.Flat(from.Width, from.Height, level), _notes);
            Assert.Equal((size, size), (resized.Width, resized.Height));
            Assert.All(resized.Pixels, p => Assert.Equal(level, p));
        }, iter: 200);

    [Fact]
    public void A_resize_keeps_the_mean_and_mirrors_with_the_image() =>
        Gen.Select(Sizes, Gen.Int[8, 40], Gen.Int[0, 1000]).Sample((from, size, seed) =>
        {
            RgbImage image = Scratch.Fundus(from.Width, from.Height, seed);
            byte[] resized = RecipeRunner.Apply(new Resize(size), image, _notes).Pixels;
            Assert.InRange(Math.Abs(image.Pixels.Average(p => p) - resized.Average(p => p)), 0, 3);
            Assert.InRange(Scratch.MeanDifference(Mirrored(resized, size), RecipeRunner.Apply(new Resize(size), new RgbImage(from.Width, from.Height, Mirrored(image.Pixels, from.Width)), _notes).Pixels), 0, 0.1);
        }, iter: 100);

    [Fact]
    public void The_same_size_is_the_same_image()
    {
        RgbImage image = Scratch.Fundus(40, 40);
        Assert.Equal(image.Pixels, RecipeRunner.Apply(new Resize(40), image, _notes).Pixels);
    }

    [Fact]
    public void Padding_keeps_the_aspect_and_centres_on_black()
    {
        RgbImage padded = RecipeRunner.Apply(new Resize(60, ResizeFit.Pad), Scratch.Flat(120, 40, 200), _notes);
        for (int y = 0; y < 60; y++)
            Assert.Equal(y is >= 20 and < 40 ? 200 : 0, padded.Pixels[(y * 60 + 30) * 3]);
    }

    [Fact]
    public void The_disc_is_cut_out_and_hot_pixels_are_not_part_of_it()
    {
        RgbImage image = Scratch.Fundus(400, 300, radius: 0.3);
        foreach (int at in new[] { 0, 399, 400 * 150, 400 * 299 + 7 })
            image.Pixels[at * 3 + 1] = 255;
        RgbImage cropped = RecipeRunner.Apply(new CropRetina(), image, _notes);
        Assert.InRange(cropped.Width, 178, 182);
        Assert.InRange(cropped.Height, 178, 182);
        Assert.Empty(_notes);
    }

    [Fact]
    public void An_image_without_a_ground_is_kept_whole_without_a_word()
    {
        RgbImage image = Scratch.Flat(50, 40, 90);
        Assert.Equal(image.Pixels, RecipeRunner.Apply(new CropRetina(), image, _notes).Pixels);
        Assert.Empty(_notes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 0)]
    [InlineData(0, 6)]
    public void A_dark_image_or_a_mere_speck_is_kept_whole_with_a_note(byte ground, int speck)
    {
        RgbImage image = Scratch.Flat(200, 150, ground);
        for (int i = 0; i < speck * speck; i++)
            image.Pixels.AsSpan(((70 + i / speck) * 200 + 70 + i % speck) * 3, 3).Fill(255);
        RgbImage cropped = RecipeRunner.Apply(new CropRetina(), image, _notes);
        Assert.Equal((200, 150), (cropped.Width, cropped.Height));
        Assert.Contains("crop_retina found no disc", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_photograph_of_a_small_disc_is_decoded_finely_enough()
    {
        // At an eighth the disc would be 30 pixels across; the result has 64.
        FileLocation location = _scratch.Put("small.jpg", Scratch.Fundus(1200, 900, radius: 0.1333), "[Q=98]");
        PreparedImage prepared = ImageDecoder.Prepare(new Recipe([new CropRetina(), new Resize(64)]), location);
        RgbImage atFullSize = RecipeRunner.Apply(new Resize(64), RecipeRunner.Apply(new CropRetina(), ImageDecoder.Decode(location), _notes), _notes);
        Assert.InRange(Scratch.MeanDifference(prepared.Image.Pixels, atFullSize.Pixels), 0, 2.5);
        Assert.Empty(prepared.Notes);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    public void Decoding_at_a_fraction_changes_next_to_nothing(string extension)
    {
        FileLocation location = _scratch.Put("large" + extension, Scratch.Fundus(1003, 805), extension == ".jpg" ? "[Q=95]" : "");
        foreach (int size in new[] { 20, 60, 100, 130, 300, 700 })
        {
            RgbImage whole = ImageDecoder.Decode(location), cropped = RecipeRunner.Apply(new CropRetina(), whole, _notes);
            Assert.InRange(Difference([new Resize(size)], RecipeRunner.Apply(new Resize(size), whole, _notes)), 0, 1.5);
            // The box is found to within a pixel of the fraction.
            Assert.InRange(Difference([new CropRetina(), new Resize(size)], RecipeRunner.Apply(new Resize(size), cropped, _notes)), 0, 3);
        }

        double Difference(RecipeStep[] steps, RgbImage expected) =>
            Scratch.MeanDifference(ImageDecoder.Prepare(new Recipe([.. steps]), location).Image.Pixels, expected.Pixels);
    }

    [Fact]
    public void Equalisation_leaves_flat_images_red_blue_and_black_alone()
    {
        foreach (byte level in new byte[] { 0, 1, 100, 255 })
            Assert.All(RecipeRunner.Apply(new Clahe(), Scratch.Flat(50, 37, level), _notes).Pixels, p => Assert.Equal(level, p));
        RgbImage image = Scratch.Fundus(64, 48), equalised = RecipeRunner.Apply(new Clahe(Tiles: 1), image, _notes);
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            Assert.Equal((image.Pixels[i], image.Pixels[i + 2]), (equalised.Pixels[i], equalised.Pixels[i + 2]));
            if (image.Pixels[i + 1] == 0)
                Assert.Equal(0, equalised.Pixels[i + 1]);
        }
    }

    [Fact]
    public void Equalisation_stretches_contrast_no_further_than_the_slope()
    {
        // One tile and two thirds of the levels unused: each step up may grow to the slope and no more.
        byte[] pixels = [.. Enumerable.Range(0, 80 * 80).SelectMany(i => new byte[] { 0, (byte)(60 + i % 80), 0 })];
        int[] green = [.. RecipeRunner.Apply(new Clahe(Tiles: 1, Slope: 2), new RgbImage(80, 80, pixels), _notes).Pixels.Chunk(3).Take(80).Select(p => (int)p[1])];
        Assert.InRange((green[^1] - green[0]) / 79.0, 1.5, 2.8);
        Assert.All(green.Zip(green.Skip(1)), p => Assert.InRange(p.Second - p.First, 1, 3));
    }

    [Fact]
    public void The_local_mean_of_a_flat_image_leaves_mid_grey_and_the_mask_as_well()
    {
        Assert.All(RecipeRunner.Apply(new BenGraham(), Scratch.Flat(40, 40, 77), _notes).Pixels, p => Assert.Equal(128, p));
        RgbImage masked = RecipeRunner.Apply(new BenGraham(Mask: true), Scratch.Fundus(100, 100, radius: 0.5), _notes);
        for (int y = 0; y < 100; y++)
        {
            for (int x = 0; x < 100; x++)
            {
                if (Math.Sqrt(Math.Pow(x - 49.5, 2) + Math.Pow(y - 49.5, 2)) > 47.5)
                    Assert.Equal(128, masked.Pixels[(y * 100 + x) * 3]);
            }
        }
    }

    [Fact]
    public void A_window_larger_than_the_image_is_no_trouble() =>
        Assert.Equal(16 * 16 * 3, RecipeRunner.Apply(new BenGraham(Sigma: 100), Scratch.Fundus(16, 16), _notes).Pixels.Length);

    [Fact]
    public void The_circle_is_kept_and_its_corners_are_black()
    {
        RgbImage masked = RecipeRunner.Apply(new CircleMask(), Scratch.Flat(51, 51, 200), _notes);
        for (int y = 0; y < 51; y++)
        {
            for (int x = 0; x < 51; x++)
                Assert.Equal(Math.Pow(x - 25, 2) + Math.Pow(y - 25, 2) <= 25.5 * 25.5 ? 200 : 0, masked.Pixels[(y * 51 + x) * 3 + 2]);
        }
    }

    [Fact]
    public void The_median_takes_away_a_hot_pixel()
    {
        RgbImage image = Scratch.Flat(20, 20, 50);
        image.Pixels[(5 * 20 + 5) * 3] = 255;
        Assert.All(RecipeRunner.Apply(new Median(3), image, _notes).Pixels, p => Assert.Equal(50, p));
    }

    [Fact]
    public void No_step_changes_the_image_it_is_given()
    {
        RgbImage image = Scratch.Fundus(60, 50);
        byte[] before = [.. image.Pixels];
        foreach (RecipeStep step in new RecipeStep[] { new CropRetina(), new Resize(32), new Gray(), new BenGraham(Mask: true), new Median(), new Clahe(), new CircleMask() })
            RecipeRunner.Apply(step, image, _notes);
        Assert.Equal(before, image.Pixels);
    }

    public void Dispose() => _scratch.Dispose();

    private static RgbImage Golden(string name) => ImageDecoder.Decode(new FileLocation(Path.Combine(Scratch.Data!, "..", "goldens", name)));

    private static byte[] Mirrored(byte[] pixels, int width) =>
        [.. pixels.Chunk(width * 3).SelectMany(row => row.Chunk(3).Reverse().SelectMany(p => p))];
}
