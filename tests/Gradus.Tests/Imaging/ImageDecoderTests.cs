using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Gradus.Datasets;
using Gradus.Imaging;
using NetVips;

namespace Gradus.Tests.Imaging;

public sealed class ImageDecoderTests : IDisposable
{
    private static readonly RgbImage Picture = Scratch.Fundus(97, 61);
    private readonly Scratch _scratch = new();

    [Theory]
    [InlineData(".png", "", 0)]
    [InlineData(".png", "[palette,Q=100]", 6)]
    [InlineData(".png", "[interlace]", 0)]
    [InlineData(".tif", "", 0)]
    [InlineData(".tif", "[compression=lzw,predictor=horizontal]", 0)]
    [InlineData(".tif", "[tile,tile-width=32,tile-height=32]", 0)]
    [InlineData(".webp", "[lossless]", 0)]
    [InlineData(".gif", "", 8)]
    [InlineData(".jpg", "[Q=98]", 3)]
    [InlineData(".jpg", "[Q=98,interlace]", 3)]
    [InlineData(".jpg", "[Q=98,subsample-mode=off]", 2)]
    public void Every_format_becomes_the_same_pixels(string extension, string options, double tolerance)
    {
        RgbImage decoded = ImageDecoder.Decode(_scratch.Put("picture" + extension, Picture, options));
        Assert.Equal((97, 61), (decoded.Width, decoded.Height));
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, Picture.Pixels), 0, tolerance);
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    public void Sixteen_bits_become_eight(string extension)
    {
        using Image eight = Scratch.Vips(Picture);
        using Image sixteen = (eight * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16);
        FileLocation location = _scratch.Put("sixteen" + extension, sixteen.WriteToBuffer(extension));
        Assert.Equal(Picture.Pixels, ImageDecoder.Decode(location).Pixels);
    }

    [Theory]
    [InlineData(".png", false)]
    [InlineData(".jpg", false)]
    [InlineData(".png", true)]
    [InlineData(".tif", true)]
    public void Grey_becomes_three_equal_channels(string extension, bool sixteen)
    {
        using Image grey = Scratch.Vips(Picture)[1].Copy(interpretation: Enums.Interpretation.Bw);
        using Image stored = sixteen ? (grey * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Grey16) : grey.Copy();
        RgbImage decoded = ImageDecoder.Decode(_scratch.Put("grey" + extension, stored.WriteToBuffer(extension)));
        byte[] expected = [.. Picture.Pixels.Chunk(3).SelectMany(p => new[] { p[1], p[1], p[1] })];
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, expected), 0, extension == ".jpg" ? 4 : 0);
        Assert.All(decoded.Pixels.Chunk(3), p => Assert.True(p[0] == p[1] && p[1] == p[2]));
    }

    [Fact]
    public void Transparency_lies_on_black()
    {
        using Image alpha = Image.Black(97, 61).Linear(new double[] { 1 }, new double[] { 128 }).Cast(Enums.BandFormat.Uchar);
        using Image stored = Scratch.Vips(Picture).Bandjoin(alpha);
        RgbImage decoded = ImageDecoder.Decode(_scratch.Put("alpha.png", stored.WriteToBuffer(".png")));
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, [.. Picture.Pixels.Select(p => (byte)(p * 128 / 255))]), 0, 1);
    }

    [Fact]
    public void Cmyk_becomes_the_colours_that_it_prints()
    {
        using Image cmyk = Scratch.Vips(Picture).Colourspace(Enums.Interpretation.Cmyk);
        Assert.Equal(4, cmyk.Bands);
        RgbImage decoded = ImageDecoder.Decode(_scratch.Put("cmyk.jpg", cmyk.JpegsaveBuffer(q: 98)));
        using Image printed = cmyk.Colourspace(Enums.Interpretation.Srgb);
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, printed.WriteToMemory<byte>()), 0, 4);
        // Ink does not reach every colour, but taken for their opposites they would be much further off.
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, Picture.Pixels), 0, 30);
    }

    [Fact]
    public void An_embedded_profile_is_applied()
    {
        using Image wide = Scratch.Vips(Picture).IccTransform("p3", inputProfile: "srgb");
        FileLocation location = _scratch.Put("p3.png", wide.WriteToBuffer(".png"));
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Decode(location).Pixels, Picture.Pixels), 0, 1.5);
        FileLocation jpeg = _scratch.Put("p3.jpg", wide.JpegsaveBuffer(q: 98));
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Decode(jpeg).Pixels, Picture.Pixels), 0, 3.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_orientation_of_the_camera_is_undone(int orientation)
    {
        // What a camera held in this way stores, so that upright it is the picture again.
        using Image upright = Scratch.Vips(Scratch.Fundus(640, 400, radius: 0.3));
        using Image stored = orientation switch
        {
            2 => upright.FlipHor(),
            3 => upright.Rot180(),
            4 => upright.FlipVer(),
            5 => upright.Rot90().FlipHor(),
            6 => upright.Rot270(),
            7 => upright.Rot90().FlipVer(),
            8 => upright.Rot90(),
            _ => upright.Copy(),
        };
        using Image tagged = stored.Mutate(m => m.Set(GValue.GIntType, "orientation", orientation));
        FileLocation location = _scratch.Put("turned.jpg", tagged.JpegsaveBuffer(q: 95));
        RgbImage decoded = ImageDecoder.Decode(location);
        Assert.Equal((640, 400), (decoded.Width, decoded.Height));
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, upright.WriteToMemory<byte>()), 0, 3);

        ImageProbe probe = ImageDecoder.Probe(location);
        Assert.Equal((640, 400, null), (probe.Width, probe.Height, probe.Problem));
        var recipe = new Recipe([new Resize(24)]);
        RgbImage expected = RecipeRunner.Apply(new Resize(24), decoded, []);
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Prepare(recipe, location).Image.Pixels, expected.Pixels), 0, 1.5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bitmap_is_read(bool topDown)
    {
        RgbImage decoded = ImageDecoder.Decode(_scratch.Put("picture.bmp", Bitmap(Picture, topDown)));
        Assert.Equal(Picture.Pixels, decoded.Pixels);
    }

    [Fact]
    public void A_slot_of_an_array_is_an_image_whose_shape_is_part_of_its_hash()
    {
        byte[] grey = [.. Enumerable.Range(0, 2 * 8 * 24).Select(i => (byte)i)];
        string path = _scratch.Put("a.npz", NpzArchiveTests.Zip(
            ("grey.npy", NpzArchiveTests.Npy("|u1", "(2, 8, 24)", grey), CompressionLevel.Optimal),
            ("colour.npy", NpzArchiveTests.Npy("|u1", "(2, 8, 8, 3)", grey), CompressionLevel.Optimal),
            ("labels.npy", NpzArchiveTests.Npy("<i8", "(1, 1)", new byte[8]), CompressionLevel.Optimal))).Path;

        RgbImage decoded = ImageDecoder.Decode(new ArraySlot(path, "grey", 1));
        Assert.Equal((24, 8, 192), (decoded.Width, decoded.Height, decoded.Pixels[0]));
        Assert.Equal(grey[192..], ImageDecoder.Decode(new ArraySlot(path, "colour", 1)).Pixels);

        ImageProbe greyProbe = ImageDecoder.Probe(new ArraySlot(path, "grey", 1)), colourProbe = ImageDecoder.Probe(new ArraySlot(path, "colour", 1));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. "(8, 8, 3)"u8, .. grey[192..]])), colourProbe.Hash?.Hex);
        Assert.NotEqual(greyProbe.Hash, colourProbe.Hash);
        Assert.Contains("missing", ImageDecoder.Probe(new ArraySlot(path, "grey", 2)).Problem, StringComparison.Ordinal);
        Assert.Contains("not images", ImageDecoder.Probe(new ArraySlot(path, "labels", 0)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_is_that_of_the_files_bytes()
    {
        FileLocation location = _scratch.Put("picture.png", Picture);
        Assert.Equal(ContentHash.Of(File.ReadAllBytes(location.Path)), ImageDecoder.Probe(location).Hash);
        Assert.Equal(ContentHash.Of(File.ReadAllBytes(location.Path)), ImageDecoder.Prepare(new Recipe([new Resize(32)]), location).Hash);
    }

    [Fact]
    public void What_is_no_usable_image_is_named_for_what_it_is()
    {
        Assert.Equal("missing", ProblemOf(new FileLocation(_scratch["nowhere.jpg"])));
        Assert.Equal("missing", ProblemOf(new FileLocation(Path.Combine(_scratch.Folder, "no", "folder.jpg"))));
        Assert.StartsWith("unreadable", ProblemOf(new FileLocation(_scratch.Folder)), StringComparison.Ordinal);
        Assert.Equal("empty (0 bytes)", ProblemOf(_scratch.Put("empty.jpg", [])));
        Assert.Equal("not an image that libvips reads", ProblemOf(_scratch.Put("text.jpg", Encoding.UTF8.GetBytes("id_code,diagnosis\n"))));
        Assert.Contains("SVG", ProblemOf(_scratch.Put("drawing.png", Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'/>"))), StringComparison.Ordinal);
        Assert.Equal("too small (1 x 1)", ProblemOf(_scratch.Put("dot.png", Scratch.Flat(1, 1, 9))));
        Assert.Equal("too small (40 x 7)", ProblemOf(_scratch.Put("strip.jpg", Scratch.Flat(40, 7, 9))));
        Assert.Equal("30000 x 30000 pixels, more than the limit of 268 megapixels", ProblemOf(_scratch.Put("vast.png", PngOfSize(30_000, 30_000))));
    }

    [Theory]
    [InlineData(".jpg", "")]
    [InlineData(".jpg", "[interlace]")]
    [InlineData(".jpg", "[restart-interval=4]")]
    [InlineData(".png", "")]
    [InlineData(".webp", "")]
    [InlineData(".tif", "")]
    [InlineData(".bmp", "")]
    public void A_file_cut_short_is_truncated_wherever_it_was_cut(string extension, string options)
    {
        byte[] whole = extension == ".bmp" ? Bitmap(Picture, false) : File.ReadAllBytes(_scratch.Put("whole" + extension, Picture, options).Path);
        Assert.Null(ImageDecoder.Probe(_scratch.Put("same" + extension, whole)).Problem);
        foreach (double share in new[] { 0.3, 0.6, 0.9, 0.99 })
        {
            FileLocation cut = _scratch.Put("cut" + extension, whole[..(int)(whole.Length * share)]);
            Assert.StartsWith("truncated", ProblemOf(cut), StringComparison.Ordinal);
            Assert.NotNull(ImageDecoder.Probe(cut).Hash);
        }
    }

    [Fact]
    public void A_truncated_photograph_is_found_on_the_fast_path_too()
    {
        byte[] whole = File.ReadAllBytes(_scratch.Put("large.jpg", Scratch.Fundus(800, 600)).Path);
        var recipe = new Recipe([new CropRetina(), new Resize(32)]);
        for (int missing = 2; missing < whole.Length - 1000; missing = missing * 3 / 2 + 1)
        {
            FileLocation cut = _scratch.Put("cut.jpg", whole[..^missing]);
            Assert.StartsWith("truncated", Assert.Throws<GradusException>(() => ImageDecoder.Prepare(recipe, cut)).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damaged_bytes_never_do_worse_than_a_named_problem()
    {
        byte[][] files =
        [
            File.ReadAllBytes(_scratch.Put("a.jpg", Picture).Path), File.ReadAllBytes(_scratch.Put("b.png", Picture).Path), File.ReadAllBytes(_scratch.Put("c.tif", Picture, "[compression=lzw]").Path),
            File.ReadAllBytes(_scratch.Put("d.webp", Picture).Path), Bitmap(Picture, false), File.ReadAllBytes(_scratch.Put("e.gif", Picture).Path),
        ];
        var recipe = new Recipe([new CropRetina(), new Resize(16)]);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Select(Gen.Double.Unit, Gen.Byte).Array[1, 8]).Sample((file, changes) =>
        {
            byte[] damaged = [.. files[file]];
            foreach ((double place, byte value) in changes)
                damaged[(int)(place * damaged.Length)] = value;
            FileLocation location = _scratch.Put($"{Guid.NewGuid()}.img", damaged);
            ImageProbe probe = ImageDecoder.Probe(location);
            Assert.NotNull(probe.Hash);
            try
            {
                Assert.Equal(16 * 16 * 3, ImageDecoder.Prepare(recipe, location).Image.Pixels.Length);
            }
            catch (GradusException e)
            {
                Assert.Equal(location.Path, e.Where);
            }
            File.Delete(location.Path);
        }, iter: 400);
    }

    [Fact]
    public void The_same_bytes_always_become_the_same_pixels()
    {
        FileLocation location = _scratch.Put("large.jpg", Scratch.Fundus(801, 603)), copy = _scratch.Put("renamed.png", File.ReadAllBytes(location.Path));
        var recipe = new Recipe([new CropRetina(), new Resize(48), new BenGraham(), new Clahe(), new Median()]);
        byte[] once = ImageDecoder.Prepare(recipe, location).Image.Pixels;
        Parallel.For(0, 8, _ => Assert.Equal(once, ImageDecoder.Prepare(recipe, copy).Image.Pixels));
    }

    [Fact]
    public void Real_samples_are_read()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        foreach (string path in Directory.GetFiles(Path.Combine(Scratch.Data!, "imagenet_samples")))
            Assert.Null(ImageDecoder.Probe(new FileLocation(path)).Problem);
    }

    public void Dispose() => _scratch.Dispose();

    private static string ProblemOf(ImageLocation location)
    {
        ImageProbe probe = ImageDecoder.Probe(location);
        GradusException error = Assert.Throws<GradusException>(() => ImageDecoder.Prepare(new Recipe([new Resize(8)]), location));
        Assert.Equal(location.ToString(), error.Where);
        Assert.Equal(probe.Problem, error.Problem);
        return probe.Problem!;
    }

    private static byte[] Bitmap(RgbImage image, bool topDown)
    {
        int stride = (image.Width * 3 + 3) / 4 * 4;
        byte[] file = new byte[54 + stride * image.Height];
        "BM"u8.CopyTo(file);
        foreach ((int at, int value) in new[] { (2, file.Length), (10, 54), (14, 40), (18, image.Width), (22, topDown ? -image.Height : image.Height), (26, 1 | (24 << 16)), (34, stride * image.Height) })
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width * 3; x++)
                file[54 + (topDown ? y : image.Height - 1 - y) * stride + x] = image.Pixels[y * image.Width * 3 + x / 3 * 3 + 2 - x % 3];
        }
        return file;
    }

    /// <summary>A small PNG whose header claims another size.</summary>
    private byte[] PngOfSize(int width, int height)
    {
        byte[] png = File.ReadAllBytes(_scratch.Put("small.png", Scratch.Flat(8, 8, 1)).Path);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return png;
    }
}
