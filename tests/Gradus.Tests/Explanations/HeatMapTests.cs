using CsCheck;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Tests.Explanations;

public sealed class HeatMapTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gradus-heat-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_centre_of_mass_is_where_the_mass_is()
    {
        Assert.Equal((0.75, 0.25), new HeatMap(2, 2, [0, 3, 0, 0]).Centre);
        Assert.Equal((0.5, 0.5), new HeatMap(3, 2, [1, 1, 1, 1, 1, 1]).Centre);
        Assert.Null(new HeatMap(2, 1, [0, 0]).Centre);
        Assert.Throws<ArgumentException>(() => new HeatMap(2, 1, [0, float.NaN]));
    }

    [Fact]
    public void Rank_correlation_is_one_under_any_rising_change_and_minus_one_in_reverse()
    {
        Gen.Int[0, 100].Array[12].Sample(drawn =>
        {
            if (drawn.Distinct().Count() < 2)
                return;
            float[] values = [.. drawn.Select(v => (float)v)];
            HeatMap map = Map(values), risen = Map([.. values.Select(v => v * v + 1)]), reversed = Map([.. values.Select(v => 100 - v)]);
            Assert.Equal(1, map.RankCorrelation(risen), 1e-9);
            Assert.Equal(-1, map.RankCorrelation(reversed), 1e-9);
        });
        Assert.Equal(0, Map([1, 1, 1]).RankCorrelation(Map([1, 2, 3])));
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / sqrt(4.5 x 5).
        Assert.Equal(0.9486833, Map([1, 2, 2, 3]).RankCorrelation(Map([1, 2, 3, 4])), 1e-6);
    }

    [Theory]
    [InlineData(ResizeFit.Stretch, 300, 200)]
    [InlineData(ResizeFit.Pad, 300, 200)]
    [InlineData(ResizeFit.Stretch, 2000, 1500)] // decoded at a fraction of its size
    [InlineData(ResizeFit.Pad, 1500, 2000)]
    public void A_place_on_the_square_is_found_again_on_the_photograph(ResizeFit fit, int width, int height)
    {
        // A disc off the centre, and a white spot within it.
        float radius = Math.Min(width, height) * 0.3f, x = width * 0.4f, y = height * 0.45f, spotX = x + radius * 0.5f, spotY = y - radius * 0.4f;
        PreparedImage prepared = Prepare(new Recipe([new CropRetina(), new Resize(96, fit)]), width, height, canvas =>
        {
            using var paint = new SKPaint { Color = new SKColor(120, 40, 20), IsAntialias = true };
            canvas.DrawCircle(x, y, radius, paint);
            paint.Color = SKColors.White;
            canvas.DrawCircle(spotX, spotY, radius * 0.12f, paint);
        });
        HeatMap bright = new(96, 96, [.. Enumerable.Range(0, 96 * 96).Select(i => (float)Math.Max(0, prepared.Image.Pixels[3 * i + 2] - 128))]);
        (double X, double Y) centre = bright.Centre!.Value;
        (double foundX, double foundY) = prepared.Geometry.ToPhotograph(centre.X * 96, centre.Y * 96);
        Assert.Equal(spotX, foundX, radius * 0.03);
        Assert.Equal(spotY, foundY, radius * 0.03);
        (double backX, double backY) = prepared.Geometry.ToSquare(foundX, foundY)!.Value;
        Assert.Equal(centre.X * 96, backX, 1e-9);
        Assert.Equal(centre.Y * 96, backY, 1e-9);
        Assert.Null(prepared.Geometry.ToSquare(1, 1));

        (double X, double Y) spread = bright.OnPhotograph(prepared.Geometry, width / 5, height / 5).Centre!.Value;
        Assert.Equal(spotX, spread.X * width, radius * 0.05);
        Assert.Equal(spotY, spread.Y * height, radius * 0.05);
    }

    private static HeatMap Map(float[] values) => new(values.Length, 1, [.. values]);

    private PreparedImage Prepare(Recipe recipe, int width, int height, Action<SKCanvas> draw)
    {
        using var bitmap = new SKBitmap(width, height);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.Black);
            draw(canvas);
        }
        string path = Path.Combine(_root, "a.jpg");
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        AtomicFile.Write(path, data.SaveTo);
        return ImageDecoder.Prepare(recipe, new FileLocation(path));
    }
}
