using System.IO.Compression;
using System.Text;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Tests.Datasets;

/// <summary>A folder of small real images with a CSV, thrown away after the test.</summary>
public sealed class ImageWorld : IDisposable
{
    public ImageWorld() => Directory.CreateDirectory(Images);

    public static GradeScale Scale { get; } = new(["none", "mild", "moderate", "severe", "proliferative"]);

    public string Root { get; } = Directory.CreateTempSubdirectory("gradus-test-").FullName;

    public string Images => Path.Combine(Root, "images");

    /// <summary>A 16 x 16 picture; equal shades give equal bytes.</summary>
    public static byte[] Png(int shade, int side = 16)
    {
        using NetVips.Image image = NetVips.Image.Black(side, side, bands: 3).Linear([1, 1, 1], [shade % 256, shade / 256 % 256, 7]).Cast(NetVips.Enums.BandFormat.Uchar);
        return image.WriteToBuffer(".png");
    }

    public void Image(string name, int shade, int side = 16) => Bytes(Path.Combine("images", name), Png(shade, side));

    public string Bytes(string name, byte[] bytes)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, s => s.Write(bytes));
        return path;
    }

    public string Text(string name, string text) => Bytes(name, Encoding.UTF8.GetBytes(text));

    /// <summary>A source over <c>images/</c> and a CSV of this text.</summary>
    public CsvSource Csv(string text, string name = "main", SourceRole role = SourceRole.Main, string? group = null, string? grade = "grade", string? extension = ".png") => new()
    {
        Name = name,
        Role = role,
        Labels = Text(name + ".csv", text),
        Id = "id",
        Grade = grade,
        Group = group,
        Images = Images,
        Extension = extension,
    };

    /// <summary>An archive of images of 2 x 2 x 3 or more bytes and labels, as MedMNIST publishes them.</summary>
    public string Npz(string split, int side, byte[][] images, byte[] labels)
    {
        string path = Path.Combine(Root, split + ".npz");
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Entry(zip, $"{split}_images.npy", $"({images.Length}, {side}, {side}, 3)", [.. images.SelectMany(i => i)]);
            Entry(zip, $"{split}_labels.npy", $"({labels.Length}, 1)", labels);
        });
        return path;
    }

    public static Experiment Experiment(params SourceSpec[] sources) => new()
    {
        Scale = Scale,
        Sources = [.. sources.Where(s => s.Role != SourceRole.Test)],
        Test = sources.FirstOrDefault(s => s.Role == SourceRole.Test),
        Recipe = new Recipe([new Resize(16)]),
        Split = new SplitSpec(2),
        Model = new ModelSpec { Backbone = "densenet121" },
        Target = new OrdinalTarget(),
        Train = new TrainSpec { Epochs = 1, Optimizer = new SgdSpec(), TopLr = 0.1 },
    };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void Entry(ZipArchive zip, string name, string shape, byte[] data)
    {
        using Stream stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}";
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length & 255), (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. data]);
    }
}
