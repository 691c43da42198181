using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Tests.Imaging;

/// <summary>Half pictures that decoders fill up in silence are found, whole ones never are.</summary>
public sealed class CutPictureTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, string> Formats =>
        new()
        {
            { ".jpg", "[Q=90]" },
            { ".jpg", "[Q=90,interlace]" },
            { ".jpg", "[Q=90,optimize-coding]" },
            { ".jpg", "[Q=90,restart-interval=8]" },
            { ".jpg", "[Q=90,subsample-mode=off]" },
            { ".webp", "[Q=90]" },
            { ".webp", "[lossless]" },
            { ".png", "" },
            { ".gif", "" },
        };

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_picture_whose_second_half_was_never_written_is_found(string extension, string options)
    {
        byte[] whole = File.ReadAllBytes(_scratch.Put("whole" + extension, Noisy(400, 320), options).Path);
        Assert.Null(ImageDecoder.Probe(_scratch.Put("same" + extension, whole)).Problem);
        foreach (double share in new[] { 0.4, 0.6, 0.8 })
        {
            int kept = (int)(whole.Length * share);
            AssertFound("zeros" + extension, [.. whole[..kept], .. new byte[whole.Length - kept]]);
            AssertFound(
                "zeros-and-end" + extension,
                [.. whole[..kept], .. new byte[whole.Length - kept - 2], .. whole[^2..]]
            );
        }
    }

    [Theory]
    [InlineData("[Q=90]")]
    [InlineData("[Q=90,interlace]")]
    [InlineData("[Q=90,optimize-coding]")]
    [InlineData("[Q=90,restart-interval=8]")]
    public void A_jpeg_that_was_cut_and_closed_is_found_wherever_it_was_cut(string options)
    {
        byte[] whole = File.ReadAllBytes(_scratch.Put("whole.jpg", Noisy(400, 320), options).Path);
        foreach (double share in new[] { 0.2, 0.35, 0.5, 0.65, 0.8, 0.95 })
            AssertFound("closed.jpg", [.. whole[..(int)(whole.Length * share)], 0xFF, 0xD9]);
    }

    [Fact]
    public void A_progressive_jpeg_that_lacks_whole_scans_is_found()
    {
        byte[] whole = File.ReadAllBytes(_scratch.Put("whole.jpg", Noisy(400, 320), "[Q=90,interlace]").Path);
        int[] scans = [.. Enumerable.Range(2, whole.Length - 4).Where(i => whole[i] == 0xFF && whole[i + 1] == 0xDA)];
        Assert.True(scans.Length > 3);
        foreach (int scan in scans[1..])
            AssertFound("scans.jpg", [.. whole[..scan], 0xFF, 0xD9]);
    }

    [Theory]
    [InlineData(".jpg", "[Q=90]")]
    [InlineData(".jpg", "[Q=90,optimize-coding]")]
    [InlineData(".jpg", "[Q=90,interlace]")]
    [InlineData(".jpg", "[Q=20,optimize-coding,restart-interval=4]")]
    [InlineData(".webp", "[Q=90]")]
    [InlineData(".webp", "[Q=20]")]
    [InlineData(".webp", "[lossless]")]
    [InlineData(".gif", "")]
    [InlineData(".png", "")]
    public void A_flat_border_below_is_no_cut(string extension, string options)
    {
        RgbImage noisy = Noisy(700, 200);
        foreach (byte level in new byte[] { 0, 128, 255 })
        {
            byte[] pixels = new byte[700 * 1800 * 3];
            pixels.AsSpan().Fill(level);
            noisy.Pixels.CopyTo(pixels, 0);
            Assert.Null(
                ImageDecoder.Probe(_scratch.Put("border" + extension, new RgbImage(700, 1800, pixels), options)).Problem
            );
            pixels.AsSpan().Fill(level);
            Assert.Null(
                ImageDecoder.Probe(_scratch.Put("flat" + extension, new RgbImage(700, 1800, pixels), options)).Problem
            );
        }
    }

    [Theory]
    [InlineData("[Q=90]")]
    [InlineData("[Q=90,interlace]")]
    public void Bytes_beside_a_whole_picture_are_no_cut(string options)
    {
        byte[] whole = File.ReadAllBytes(_scratch.Put("whole.jpg", Noisy(200, 160), options).Path);
        byte[][] odd =
        [
            [.. whole[..2], 1, 2, 3, .. whole[2..]], // between the markers
            [.. whole[..^2], 0, 0, 0, 0, 0, 0xFF, 0xD9], // before the end
            [.. whole, .. new byte[5000]], // after it
            [.. whole, .. "a camera's own notes"u8],
        ];
        foreach (byte[] file in odd)
        {
            FileLocation location = _scratch.Put("odd.jpg", file);
            Assert.Null(ImageDecoder.Probe(location).Problem);
            ImageDecoder.Prepare(new Recipe([new Resize(100)]), location);
        }
    }

    [Fact]
    public void No_real_photograph_is_taken_for_a_cut_one()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        string[] files =
        [
            .. Directory
                .EnumerateFiles(Scratch.Data!, "*", SearchOption.AllDirectories)
                .Where(ImageFormats.LooksLikeImage),
        ];
        Assert.NotEmpty(files);
        string[] found =
        [
            .. files
                .AsParallel()
                .Select(f => $"{f}: {ImageDecoder.Probe(new FileLocation(f)).Problem}")
                .Where(p => p.Contains("cut", StringComparison.Ordinal)),
        ];
        Assert.Empty(found);
    }

    private void AssertFound(string name, byte[] bytes)
    {
        FileLocation location = _scratch.Put(name, bytes);
        Assert.NotNull(ImageDecoder.Probe(location).Problem);
        foreach (int size in new[] { 16, 64, 200 })
            Assert.Throws<GradusException>(() => ImageDecoder.Prepare(new Recipe([new Resize(size)]), location));
    }

    /// <summary>Something that no encoder can make small.</summary>
    private static RgbImage Noisy(int width, int height)
    {
        RgbImage picture = Scratch.Fundus(width, height, radius: 1);
        uint state = 1;
        for (int i = 0; i < picture.Pixels.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            picture.Pixels[i] = (byte)Math.Clamp(picture.Pixels[i] + (int)(state >> 27) - 16, 0, 255);
        }
        return picture;
    }
}
