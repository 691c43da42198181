using System.Buffers.Binary;
using Gradus.Datasets;
using Gradus.Imaging;
using NetVips;

namespace Gradus.Tests.Imaging;

/// <summary>
/// Numbers that are not of eight bits: read by a range that is stated, or refused with the reason, and never black or
/// white in silence.
/// </summary>
public sealed class PixelLevelsTests : IDisposable
{
    private const ushort MinSample = 280,
        MaxSample = 281,
        LowSample = 340,
        HighSample = 341;

    private static readonly RgbImage Picture = Scratch.Fundus(64, 48);
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(Enums.BandFormat.Float, 1 / 255.0, "floating-point numbers of 32 bits")]
    [InlineData(Enums.BandFormat.Float, 1, "floating-point numbers of 32 bits")]
    [InlineData(Enums.BandFormat.Double, 1, "numbers of 64 bits")]
    [InlineData(Enums.BandFormat.Short, 100, "signed numbers of 16 bits")]
    [InlineData(Enums.BandFormat.Int, 1, "signed numbers of 32 bits")]
    [InlineData(Enums.BandFormat.Uint, 1000, "whole numbers of 32 bits")]
    [InlineData(Enums.BandFormat.Ushort, 16, "nearly black")]
    [InlineData(Enums.BandFormat.Ushort, 1, "nearly black")]
    public void Numbers_whose_range_is_not_stated_are_refused_with_the_reason(
        Enums.BandFormat format,
        double scale,
        string reason
    )
    {
        FileLocation location = Tiff(format, scale);
        string? problem = ImageDecoder.Probe(location).Problem;
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        foreach (int size in new[] { 8, 32, 48 })
            Assert.Equal(
                problem,
                Assert
                    .Throws<GradusException>(() => ImageDecoder.Prepare(new Recipe([new Resize(size)]), location))
                    .Problem
            );
    }

    [Theory]
    [InlineData(Enums.BandFormat.Ushort, 16, 4095)]
    [InlineData(Enums.BandFormat.Ushort, 16, 3900)]
    [InlineData(Enums.BandFormat.Ushort, 257, null)]
    [InlineData(Enums.BandFormat.Uint, 16843009, uint.MaxValue)]
    public void Whole_numbers_are_read_by_the_bits_that_their_file_states(
        Enums.BandFormat format,
        double scale,
        object? white
    )
    {
        FileLocation location = Tiff(
            format,
            scale,
            white is null
                ? []
                :
                [
                    (
                        format == Enums.BandFormat.Uint ? HighSample : MaxSample,
                        4,
                        BitConverter.GetBytes(Convert.ToUInt32(white, null))
                    ),
                ]
        );
        RgbImage decoded = ImageDecoder.Decode(location);
        Assert.InRange(Scratch.MeanDifference(decoded.Pixels, Grey()), 0, 1);
    }

    [Fact]
    public void Floats_and_signed_numbers_are_read_by_the_range_that_their_file_states()
    {
        FileLocation floats = Tiff(
            Enums.BandFormat.Float,
            1 / 255.0,
            [(LowSample, 11, BitConverter.GetBytes(0f)), (HighSample, 11, BitConverter.GetBytes(1f))]
        );
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Decode(floats).Pixels, Grey()), 0, 1);
        FileLocation signed = Tiff(
            Enums.BandFormat.Short,
            100,
            [(LowSample, 8, [0, 0, 0, 0]), (HighSample, 8, [.. BitConverter.GetBytes((short)25500), 0, 0])]
        );
        Assert.InRange(Scratch.MeanDifference(ImageDecoder.Decode(signed).Pixels, Grey()), 0, 1);
    }

    [Fact]
    public void A_range_that_the_pixels_leave_is_a_problem()
    {
        FileLocation location = Tiff(
            Enums.BandFormat.Ushort,
            257,
            [(MinSample, 3, [0, 0, 0, 0]), (MaxSample, 3, [.. BitConverter.GetBytes((ushort)4095), 0, 0])]
        );
        Assert.Contains(
            "states values from 0 to 4095 and holds some from",
            ImageDecoder.Probe(location).Problem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_image_of_sixteen_bits_that_is_all_black_stays_black()
    {
        FileLocation location = Tiff(Enums.BandFormat.Ushort, 0);
        Assert.Null(ImageDecoder.Probe(location).Problem);
        Assert.All(ImageDecoder.Decode(location).Pixels, p => Assert.Equal(0, p));
    }

    [Fact]
    public void Twelve_bits_in_sixteen_are_found_in_other_formats_too()
    {
        using Image grey = Scratch.Vips(Picture)[1];
        using Image twelve = (grey * 16)
            .Cast(Enums.BandFormat.Ushort)
            .Copy(interpretation: Enums.Interpretation.Grey16);
        Assert.Contains(
            "nearly black",
            ImageDecoder.Probe(_scratch.Put("twelve.png", twelve.WriteToBuffer(".png"))).Problem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_later_page_that_is_larger_than_the_first_is_remarked_on_and_the_first_is_used()
    {
        byte[] small = Written(Enums.BandFormat.Uchar, 1, Picture, []),
            large = Written(Enums.BandFormat.Uchar, 1, Scratch.Fundus(128, 96), []);
        FileLocation location = _scratch.Put("pages.tif", Joined(small, large));
        ImageProbe probe = ImageDecoder.Probe(location);
        Assert.Equal((64, 48, null), (probe.Width, probe.Height, probe.Problem));
        Assert.Equal("page 2 of 2 is larger (128 x 96) than the first (64 x 48), which is used", probe.Remark);
        Assert.Contains(probe.Remark, ImageDecoder.Prepare(new Recipe([new Resize(16)]), location).Notes);
        Assert.Null(ImageDecoder.Probe(_scratch.Put("thumb.tif", Joined(large, small))).Remark);
    }

    [Fact]
    public void Strips_without_data_are_a_cut()
    {
        byte[] file = Written(Enums.BandFormat.Uchar, 1, Picture, [], strips: 4, empty: 2);
        Assert.Equal(
            "cut: 2 of its 4 strips or tiles have no data",
            ImageDecoder.Probe(_scratch.Put("sparse.tif", file)).Problem
        );
        Assert.Null(
            ImageDecoder
                .Probe(_scratch.Put("whole.tif", Written(Enums.BandFormat.Uchar, 1, Picture, [], strips: 4)))
                .Problem
        );
    }

    private static byte[] Grey() => [.. Picture.Pixels.Chunk(3).SelectMany(p => new[] { p[1], p[1], p[1] })];

    private FileLocation Tiff(
        Enums.BandFormat format,
        double scale,
        params (ushort Tag, ushort Type, byte[] Value)[] stated
    ) => _scratch.Put("levels.tif", Written(format, scale, Picture, stated));

    /// <summary>The green channel as an uncompressed grey TIFF of one page, written out tag by tag.</summary>
    private static byte[] Written(
        Enums.BandFormat format,
        double scale,
        RgbImage picture,
        (ushort Tag, ushort Type, byte[] Value)[] stated,
        int strips = 1,
        int empty = 0
    )
    {
        (int bytes, ushort kind) = format switch
        {
            Enums.BandFormat.Uchar => (1, (ushort)1),
            Enums.BandFormat.Ushort => (2, (ushort)1),
            Enums.BandFormat.Short => (2, (ushort)2),
            Enums.BandFormat.Uint => (4, (ushort)1),
            Enums.BandFormat.Int => (4, (ushort)2),
            Enums.BandFormat.Float => (4, (ushort)3),
            _ => (8, (ushort)3),
        };
        byte[] data = new byte[picture.Width * picture.Height * bytes];
        for (int i = 0; i < picture.Width * picture.Height; i++)
        {
            double value = picture.Pixels[i * 3 + 1] * scale;
            Span<byte> place = data.AsSpan(i * bytes);
            switch (format)
            {
                case Enums.BandFormat.Float:
                    BinaryPrimitives.WriteSingleLittleEndian(place, (float)value);
                    break;
                case Enums.BandFormat.Double:
                    BinaryPrimitives.WriteDoubleLittleEndian(place, value);
                    break;
                case Enums.BandFormat.Uchar:
                    place[0] = (byte)value;
                    break;
                case Enums.BandFormat.Short or Enums.BandFormat.Ushort:
                    BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)value);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)value);
                    break;
            }
        }
        int part = data.Length / strips;
        byte[] offsets =
        [
            .. Enumerable
                .Range(0, strips)
                .SelectMany(i => BitConverter.GetBytes(i >= strips - empty ? 0 : 8 + i * part)),
        ];
        byte[] counts =
        [
            .. Enumerable.Range(0, strips).SelectMany(i => BitConverter.GetBytes(i >= strips - empty ? 0 : part)),
        ];
        int after = 8 + data.Length;
        (ushort Tag, ushort Type, int Count, byte[] Value)[] tags =
        [
            (256, 4, 1, BitConverter.GetBytes(picture.Width)),
            (257, 4, 1, BitConverter.GetBytes(picture.Height)),
            (258, 3, 1, [(byte)(bytes * 8), 0, 0, 0]),
            (259, 3, 1, [1, 0, 0, 0]),
            (262, 3, 1, [1, 0, 0, 0]),
            (273, 4, strips, strips == 1 ? offsets : BitConverter.GetBytes(after)),
            (277, 3, 1, [1, 0, 0, 0]),
            (278, 4, 1, BitConverter.GetBytes(picture.Height / strips)),
            (279, 4, strips, strips == 1 ? counts : BitConverter.GetBytes(after + offsets.Length)),
            (339, 3, 1, [(byte)kind, 0, 0, 0]),
            .. stated.Select(s => (s.Tag, s.Type, 1, s.Value)),
        ];
        int directory = after + (strips == 1 ? 0 : offsets.Length * 2);
        using var file = new MemoryStream();
        file.Write("II*\0"u8);
        file.Write(BitConverter.GetBytes(directory));
        file.Write(data);
        if (strips > 1)
            file.Write([.. offsets, .. counts]);
        file.Write(BitConverter.GetBytes((ushort)tags.Length));
        foreach ((ushort tag, ushort type, int count, byte[] value) in tags.OrderBy(t => t.Tag))
            file.Write([
                .. BitConverter.GetBytes(tag),
                .. BitConverter.GetBytes(type),
                .. BitConverter.GetBytes(count),
                .. value,
            ]);
        file.Write(new byte[4]);
        return file.ToArray();
    }

    /// <summary>Two files of one page and one strip as one of two pages.</summary>
    private static byte[] Joined(byte[] first, byte[] second)
    {
        byte[] joined = [.. first, .. second];
        int directory = first.Length + BitConverter.ToInt32(second, 4);
        BitConverter.GetBytes(directory).CopyTo(joined, first.Length - 4);
        for (int at = directory + 2; at < joined.Length - 4; at += 12)
        {
            if (BitConverter.ToUInt16(joined, at) == 273)
                BitConverter.GetBytes(BitConverter.ToInt32(joined, at + 8) + first.Length).CopyTo(joined, at + 8);
        }
        return joined;
    }
}
