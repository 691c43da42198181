#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// Audit, split and sampling of many tiny images: 40 % main, 60 % external and sampled to the main source's distribution.
//   dotnet run -c Release bench/ManyRecords.cs -- [IMAGES] [SIDE] [noise|blobs|flat|copies]
// noise: every pixel random; blobs: five soft spots each; flat: one colour each; copies: each twenty times with other noise.
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Gradus;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Splitting;

int count = args.Length > 0 ? int.Parse(args[0]) : 100_000, side = args.Length > 1 ? int.Parse(args[1]) : 8;
string kind = args.Length > 2 ? args[2] : "noise";
string folder = Directory.CreateTempSubdirectory("gradus-bench-").FullName, npz = Path.Combine(folder, "many.npz");
int main = count * 2 / 5;
using (ZipArchive zip = ZipFile.Open(npz, ZipArchiveMode.Create))
{
    Write(zip, "train", main, [0.493, 0.101, 0.273, 0.053, 0.081]);
    Write(zip, "val", count - main, [0.735, 0.070, 0.151, 0.025, 0.020]);
}
var experiment = new Experiment
{
    Scale = new GradeScale(["none", "mild", "moderate", "severe", "proliferative"]),
    Sources = [new NpzSource { Name = "main", Npz = npz, Split = "train" }, new NpzSource { Name = "old", Role = SourceRole.External, Npz = npz, Split = "val", Match = new ClassMatch(), Take = count / 5 }],
    Recipe = new Recipe([new Resize(Math.Max(8, side))]),
    Split = new SplitSpec(),
    Model = new ModelSpec { Backbone = "resnet18" },
    Target = new OrdinalTarget(),
    Train = new TrainSpec { Epochs = 1, Optimizer = new SgdSpec(), TopLr = 0.1 },
};
long started = Stopwatch.GetTimestamp();
AuditReport report = Auditor.Run(experiment);
TimeSpan audit = Stopwatch.GetElapsedTime(started);
started = Stopwatch.GetTimestamp();
DataPartition partition = DataPartition.Create(experiment, report);
TimeSpan split = Stopwatch.GetElapsedTime(started);
using var process = Process.GetCurrentProcess();
Console.WriteLine($"{count} images of {side} x {side}, {kind}, {Environment.ProcessorCount} threads: audit {audit.TotalSeconds:F1} s ({report.NearDuplicates.Length} near duplicates, {report.ExactDuplicates.Length} groups of identical images), " +
    $"split and sampling {split.TotalSeconds:F1} s ({string.Join(", ", partition.Samples.Select(s => $"{s.Taken} of '{s.Source}' as {string.Join('/', s.Counts.Taken)}"))}), peak memory {process.PeakWorkingSet64 / 1e6:F0} MB");
Directory.Delete(folder, recursive: true);

void Write(ZipArchive zip, string name, int images, double[] shares)
{
    Random random = RandomStream.Create(1, name);
    byte[] labels = new byte[images];
    for (int i = 0; i < images; i++)
    {
        double at = random.NextDouble();
        while (labels[i] < shares.Length - 1 && (at -= shares[labels[i]]) > 0)
            labels[i]++;
    }
    Entry(zip, $"{name}_labels.npy", $"({images}, 1)", s => s.Write(labels));
    Entry(zip, $"{name}_images.npy", $"({images}, {side}, {side}, 3)", s =>
    {
        for (int i = 0; i < images; i++)
            s.Write(Picture(random, kind == "copies" ? i / 20 : i));
    });
}

byte[] Picture(Random random, int number)
{
    var pixels = new byte[side * side * 3];
    if (kind == "noise")
        random.NextBytes(pixels);
    else if (kind == "flat")
        Array.Fill(pixels, (byte)random.Next(256));
    if (kind is "noise" or "flat")
        return pixels;
    Random shape = RandomStream.Create(number, "picture");
    var spots = Enumerable.Range(0, 5).Select(_ => (X: shape.NextDouble() * side, Y: shape.NextDouble() * side, Size: (0.05 + 0.2 * shape.NextDouble()) * side, Level: 60 + 120 * shape.NextDouble())).ToArray();
    for (int p = 0; p < side * side; p++)
    {
        double level = 40;
        foreach (var (x, y, size, height) in spots)
            level += height * Math.Exp(-((p % side - x) * (p % side - x) + (p / side - y) * (p / side - y)) / (2 * size * size));
        for (int c = 0; c < 3; c++)
            pixels[p * 3 + c] = (byte)Math.Clamp(level + random.Next(5), 0, 255);
    }
    return pixels;
}

static void Entry(ZipArchive zip, string name, string shape, Action<Stream> write)
{
    using Stream stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
    string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}";
    header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
    stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length & 255), (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header)]);
    write(stream);
}
