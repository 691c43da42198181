using CsCheck;
using Gradus.Imaging;
using NetVips;

namespace Gradus.Tests.Imaging;

public sealed class JpegBlockMeansTests
{
    private readonly Image _picture;

    public JpegBlockMeansTests()
    {
        LibVips.Ready();
        _picture = Scratch.Vips(Scratch.Fundus(616, 392));
    }

    [Theory]
    [InlineData(Enums.ForeignSubsample.On, false, 0)]
    [InlineData(Enums.ForeignSubsample.Off, false, 0)]
    [InlineData(Enums.ForeignSubsample.On, true, 0)]
    [InlineData(Enums.ForeignSubsample.On, false, 1)]
    [InlineData(Enums.ForeignSubsample.Off, true, 7)]
    public void They_are_what_libjpeg_makes_of_an_eighth(Enums.ForeignSubsample subsampling, bool optimised, int restart)
    {
        foreach (int quality in new[] { 20, 75, 98 })
            AgreesWithLibjpeg(_picture.JpegsaveBuffer(q: quality, optimizeCoding: optimised, subsampleMode: subsampling, restartInterval: restart));
    }

    [Fact]
    public void Grey_photographs_too()
    {
        using Image grey = _picture[0].Copy(interpretation: Enums.Interpretation.Bw);
        AgreesWithLibjpeg(grey.JpegsaveBuffer(q: 90));
    }

    [Fact]
    public void Noise_with_its_long_codes_too()
    {
        // Three bands of their own, since noise is where coefficients are large and codes long.
        using Image noise = Image.Gaussnoise(616, 392, sigma: 60, mean: 128, seed: 7).Bandjoin(Image.Gaussnoise(616, 392, sigma: 60, mean: 128, seed: 8), Image.Gaussnoise(616, 392, sigma: 60, mean: 128, seed: 9));
        using Image stored = noise.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        foreach (int quality in new[] { 5, 60, 100 })
        {
            AgreesWithLibjpeg(stored.JpegsaveBuffer(q: quality, optimizeCoding: quality == 60, subsampleMode: Enums.ForeignSubsample.Off), 0.05);
            // Of halved chroma the higher coefficients are left out, which only noise has.
            AgreesWithLibjpeg(stored.JpegsaveBuffer(q: quality, optimizeCoding: quality == 60, subsampleMode: Enums.ForeignSubsample.On), 3);
        }
    }

    [Fact]
    public void A_size_that_is_no_multiple_keeps_its_extent()
    {
        using Image odd = _picture.Crop(0, 0, 601, 389);
        byte[] file = odd.JpegsaveBuffer(q: 95);
        using DecodedImage means = JpegBlockMeans.TryDecode(JpegHeader.Read(file)!, file)!;
        Assert.Equal((76, 49), (means.Width, means.Height));
        Assert.Equal(new Gradus.Imaging.Region(0, 0, 601 / 8.0, 389 / 8.0), means.Extent);
    }

    [Fact]
    public void What_is_not_plain_is_left_to_libvips()
    {
        using Image cmyk = _picture.Colourspace(Enums.Interpretation.Cmyk);
        Assert.Null(JpegHeader.Read(_picture.JpegsaveBuffer(interlace: true)));
        Assert.Null(JpegHeader.Read(cmyk.JpegsaveBuffer()));
        Assert.Null(JpegHeader.Read(_picture.PngsaveBuffer()));
        Assert.Null(JpegHeader.Read([]));
        using Image wide = _picture.IccTransform("p3", inputProfile: "srgb");
        Assert.Null(JpegHeader.Read(wide.JpegsaveBuffer()));
    }

    [Fact]
    public void Damage_is_either_noticed_or_at_worst_other_pixels()
    {
        byte[] file = _picture.JpegsaveBuffer(q: 80, restartInterval: 9);
        Gen.Select(Gen.Select(Gen.Int[2, file.Length - 1], Gen.Byte).Array[1, 6], Gen.Int[0, 3 * file.Length]).Sample((changes, length) =>
        {
            byte[] damaged = [.. file.AsSpan(0, Math.Min(length, file.Length))];
            foreach ((int at, byte value) in changes.Where(c => c.Item1 < damaged.Length))
                damaged[at] = value;
            if (JpegHeader.Read(damaged) is not { } header || (long)header.Width * header.Height > SourceImage.MostPixels)
                return;
            using DecodedImage? means = JpegBlockMeans.TryDecode(header, damaged);
            Assert.True(means is null || means.Pixels.Length == means.Width * means.Height * 3);
        }, iter: 3000);
    }

    [Fact]
    public void A_missing_end_is_always_noticed()
    {
        byte[] file = _picture.JpegsaveBuffer(q: 80);
        JpegHeader header = JpegHeader.Read(file)!;
        for (int length = header.ScanStart; length < file.Length; length += 7)
            Assert.Null(JpegBlockMeans.TryDecode(header, file.AsSpan(0, length)));
    }

    [Fact]
    public void Real_photographs_agree_with_libjpeg()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        foreach (string path in Directory.GetFiles(Path.Combine(Scratch.Data!, "idrid_full")).Order(StringComparer.Ordinal).Take(3))
            AgreesWithLibjpeg(File.ReadAllBytes(path), 0.01);
    }

    private static void AgreesWithLibjpeg(byte[] file, double tolerance = 0.6)
    {
        JpegHeader header = Assert.IsType<JpegHeader>(JpegHeader.Read(file));
        using DecodedImage means = JpegBlockMeans.TryDecode(header, file)!;
        Assert.NotNull(means);
        using Image expected = Image.NewFromBuffer(file, kwargs: new VOption { { "shrink", 8 } }).Colourspace(Enums.Interpretation.Srgb);
        Assert.Equal((expected.Width, expected.Height), (means.Width, means.Height));
        Assert.InRange(Scratch.MeanDifference(means.Pixels, expected.WriteToMemory<byte>()), 0, tolerance);
    }
}
