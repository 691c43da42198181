using System.IO.Compression;
using System.Text;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Imaging;

public sealed class ImageFormatsTests : IDisposable
{
    private static readonly RgbImage Picture = Scratch.Fundus(40, 32);
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(".jpg", "jpg,jpeg,JPE,jfif,jif,jfi,pjpeg,pjp,mpo")]
    [InlineData(".tif", "tif,tiff,TIF,btf")]
    [InlineData(".png", "png,apng")]
    [InlineData(".gif", "gif")]
    [InlineData(".webp", "webp")]
    public void Every_extension_of_a_format_that_decodes_is_known_everywhere(string format, string extensions)
    {
        byte[] bytes = File.ReadAllBytes(_scratch.Put("x" + format, Picture).Path);
        foreach (string extension in extensions.Split(','))
        {
            string folder = Directory.CreateDirectory(Path.Combine(_scratch.Folder, extension, "0")).FullName;
            _scratch.Put(Path.Combine(folder, $"photo.{extension}"), bytes);
            string root = Path.GetDirectoryName(folder)!;
            Dataset set = DatasetReader.Read(new FolderSource { Name = "f", Folder = root }, ImageWorld.Scale);
            Assert.Null(ImageDecoder.Probe(Assert.Single(set.Records).Location).Problem);
            Assert.Single(ImageList.Find([folder]));

            string labels = Path.Combine(root, "labels.csv");
            _scratch.Put(labels, [.. "id,grade\nphoto,0\n"u8]);
            foreach (string? stated in new[] { null, $".{extension}" })
            {
                var csv = new CsvSource
                {
                    Name = "c",
                    Labels = labels,
                    Id = "id",
                    Grade = "grade",
                    Images = folder,
                    Extension = stated,
                };
                Assert.Single(DatasetReader.Read(csv, ImageWorld.Scale).Records);
            }
        }
    }

    [Theory]
    [InlineData("P6\n2 1 255\n")]
    [InlineData("P5 # a comment\n8 8\n255\n")]
    public void A_netpbm_file_without_its_pixels_is_truncated_or_too_small(string header) =>
        Assert.Matches(
            "truncated|too small",
            ImageDecoder.Probe(_scratch.Put("p.ppm", Encoding.ASCII.GetBytes(header))).Problem
        );

    [Fact]
    public void Netpbm_is_read_by_the_white_that_it_states()
    {
        byte[] grey = [.. Picture.Pixels.Chunk(3).Select(p => p[1])],
            spread = [.. grey.SelectMany(g => new[] { g, g, g })];
        Assert.Equal(Picture.Pixels, Read([.. "P6\n# made by hand\n40 32\n255\n"u8, .. Picture.Pixels]));
        Assert.Equal(
            Picture.Pixels,
            Read(Encoding.ASCII.GetBytes($"P3\n40 32\n255\n{string.Join(' ', Picture.Pixels)}\n"))
        );
        Assert.Equal(spread, Read([.. "P5 40 32 255\n"u8, .. grey]));
        Assert.Equal(
            spread,
            Read([.. "P5 40 32 4080\n"u8, .. grey.SelectMany(g => new[] { (byte)(g * 16 >> 8), (byte)(g * 16) })])
        );
        byte[] bits = [.. Enumerable.Repeat((byte)0b1010_0000, 5 * 32)];
        Assert.Equal([0, 0, 0, 255, 255, 255, 0], Read([.. "P4\n40 32\n"u8, .. bits])[..7]);
        Assert.Equal(
            [0, 0, 0, 255, 255, 255, 0],
            Read(Encoding.ASCII.GetBytes($"P1\n40 32\n{string.Concat(Enumerable.Repeat("10", 20 * 32))}"))[..7]
        );

        byte[] Read(byte[] file) => ImageDecoder.Decode(_scratch.Put("picture.ppm", file)).Pixels;
    }

    [Theory]
    [InlineData("00000018667479706865696300000000686569636D696631", "HEIC (HEVC) image")]
    [InlineData("0000000C6A5020200D0A870A00000014667479706A703220", "JPEG 2000 image")]
    [InlineData("FF4FFF51002F000000000000000000000000", "JPEG 2000 image")]
    [InlineData("FF0A000000000000000000000000000000", "JPEG XL image")]
    public void A_format_that_is_not_decoded_says_what_it_is_and_what_to_do(string hex, string name)
    {
        FileLocation location = _scratch.Put("photo.heic", Convert.FromHexString(hex));
        Assert.Equal(
            $"a {name}, a format that is not decoded here: convert it to PNG or JPEG",
            ImageDecoder.Probe(location).Problem
        );
    }

    [Fact]
    public void Files_of_a_folder_that_are_passed_over_are_counted_and_named()
    {
        _scratch.Put("a.png", Picture);
        _scratch.Put("notes.docx", [1, 2, 3]);
        _scratch.Put("Thumbs.db", [1]);
        Assert.Equal(["Thumbs.db", "notes.docx"], ImageList.PassedOver([_scratch.Folder]));
        Assert.Single(ImageList.Find([_scratch.Folder]));
        File.Delete(_scratch["a.png"]);
        Assert.Contains(
            "2 other files: 'Thumbs.db', 'notes.docx'",
            Assert.Throws<GradusException>(() => ImageList.Find([_scratch.Folder])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_audit_says_which_images_are_cut_and_which_files_are_passed_over()
    {
        string folder = Directory.CreateDirectory(_scratch["0"]).FullName;
        byte[] whole = File.ReadAllBytes(_scratch.Put("whole.jpg", Scratch.Fundus(200, 160)).Path);
        _scratch.Put(Path.Combine(folder, "cut.jpg"), [.. whole[..(whole.Length * 2 / 3)], 0xFF, 0xD9]);
        _scratch.Put(Path.Combine(folder, "good.jfif"), whole);
        _scratch.Put(Path.Combine(folder, "list.txt"), [65]);
        AuditReport report = Auditor.Run(
            ImageWorld.Experiment(new FolderSource { Name = "f", Folder = _scratch.Folder }),
            ct: TestContext.Current.CancellationToken
        );
        Assert.Contains(report.Findings, f =>
            f.Kind == FindingKind.UnreadableImage && f.Message.Contains("cut", StringComparison.Ordinal)
        );
        Assert.Contains(report.Findings, f =>
            f.Kind == FindingKind.Ignored && f.Message.Contains("list.txt", StringComparison.Ordinal)
        );
        Assert.Equal("0/good", Assert.Single(report.Main).Id.Value);
    }

    [Theory]
    [InlineData("(2, 8, 24)")]
    [InlineData("(2, 8, 24, 1)")]
    [InlineData("(2, 1, 8, 24)")]
    public void Grey_arrays_of_every_layout_are_the_same_images(string shape)
    {
        byte[] grey = [.. Enumerable.Range(0, 2 * 8 * 24).Select(i => (byte)i)];
        string path = Npz("|u1", shape, grey);
        Dataset set = DatasetReader.Read(
            new NpzSource
            {
                Name = "n",
                Npz = path,
                Split = "train",
            },
            ImageWorld.Scale
        );
        RgbImage decoded = ImageDecoder.Decode(set.Records[1].Location);
        Assert.Equal((24, 8), (decoded.Width, decoded.Height));
        Assert.Equal([.. grey[192..].SelectMany(g => new[] { g, g, g })], decoded.Pixels);
        Assert.Equal(
            ImageDecoder.Probe(new ArraySlot(Npz("|u1", "(2, 8, 24)", grey, "plain.npz"), "train_images", 1)).Hash,
            ImageDecoder.Probe(set.Records[1].Location).Hash
        );
        Assert.Equal(2, ImageList.Find([$"{path}#train"]).Count);
        Assert.Contains("npz: ", ExperimentTemplate.FromNpz(path, _scratch.Folder).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Colour_arrays_with_their_channels_first_are_the_same_images()
    {
        byte[] last = [.. Enumerable.Range(0, 2 * 8 * 10 * 3).Select(i => (byte)(i * 7))],
            first = new byte[last.Length];
        for (int n = 0; n < 2; n++)
        for (int i = 0; i < 80; i++)
        for (int c = 0; c < 3; c++)
            first[n * 240 + c * 80 + i] = last[n * 240 + i * 3 + c];
        ImageLocation a = new ArraySlot(Npz("|u1", "(2, 8, 10, 3)", last), "train_images", 1),
            b = new ArraySlot(Npz("|u1", "(2, 3, 8, 10)", first, "first.npz"), "train_images", 1);
        Assert.Equal(ImageDecoder.Decode(a).Pixels, ImageDecoder.Decode(b).Pixels);
        Assert.Equal(ImageDecoder.Probe(a).Hash, ImageDecoder.Probe(b).Hash);
    }

    [Theory]
    [InlineData("<f4", "(2, 8, 8)", 512, "(2, 8, 8) of <f4")]
    [InlineData("<i4", "(2, 8, 8)", 512, "(2, 8, 8) of <i4")]
    [InlineData("<u2", "(2, 8, 8)", 256, "(2, 8, 8) of <u2")]
    [InlineData("|u1", "(2, 8, 8, 4)", 512, "(2, 8, 8, 4) of |u1")]
    [InlineData("|u1", "(2, 3, 8, 3)", 144, "(2, 3, 8, 3) of |u1")]
    [InlineData("|u1", "(2, 64)", 128, "(2, 64) of |u1")]
    [InlineData("|O", "(2,)", 16, "'|O'")]
    public void Arrays_that_are_not_read_are_refused_by_init_with_shape_and_type(
        string dtype,
        string shape,
        int bytes,
        string found
    )
    {
        string path = Npz(dtype, shape, new byte[bytes]);
        foreach (
            Action read in new Action[]
            {
                () => ExperimentTemplate.FromNpz(path, _scratch.Folder),
                () =>
                    DatasetReader.Read(
                        new NpzSource
                        {
                            Name = "n",
                            Npz = path,
                            Split = "train",
                        },
                        ImageWorld.Scale
                    ),
                () => ImageList.Find([$"{path}#train"]),
            }
        )
            Assert.Contains(found, Assert.Throws<GradusException>(read).Message, StringComparison.Ordinal);
    }

    private string Npz(string dtype, string shape, byte[] data, string name = "a.npz") =>
        _scratch
            .Put(
                name,
                NpzArchiveTests.Zip(
                    ("train_images.npy", NpzArchiveTests.Npy(dtype, shape, data), CompressionLevel.Optimal),
                    ("train_labels.npy", NpzArchiveTests.Npy("|u1", "(2, 1)", [0, 1]), CompressionLevel.Optimal)
                )
            )
            .Path;
}
