#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// Draws the world on which `gradus shift` is measured: one distribution of grades for training and validation, another for two test
// sets. `shifted` differs in nothing else (pure label shift); `drifted` has the same grades again under a darker, bluish, blurred camera.
//   dotnet run -c Release bench/ShiftWorld.cs -- FOLDER [TRAIN] [VALIDATION] [TEST] [SEED]
using System.Runtime.InteropServices;
using System.Text;
using Gradus;
using Gradus.Imaging;
using Gradus.Synthetic;
using SkiaSharp;

if (args.Length == 0)
{
    Console.Error.WriteLine("ShiftWorld: a folder is needed: dotnet run -c Release bench/ShiftWorld.cs -- FOLDER [TRAIN] [VALIDATION] [TEST] [SEED]");
    return 2;
}
string root = Path.GetFullPath(args[0]);
int train = Size(1, 1200), validation = Size(2, 1500), test = Size(3, 1500), seed = Size(4, 1);
double[] before = [0.45, 0.15, 0.24, 0.08, 0.08], after = [0.22, 0.12, 0.32, 0.18, 0.16];
FundusCamera[] usual = [.. FundusCamera.Current];
FundusCamera[] drifted = [.. usual.Select(c => c with { Cast = (0.62f * c.Cast.R, 0.64f * c.Cast.G, 0.9f * c.Cast.B), Blur = c.Blur + 1.2f })];

Draw("train", train, before, usual);
Draw("validation", validation, before, usual);
Draw("shifted", test, after, usual);
Draw("drifted", test, after, drifted);
foreach (string set in (string[])["shifted", "drifted"])
    AtomicFile.WriteText(Path.Combine(root, $"{set}.yaml"), Experiment(set));
return 0;

int Size(int at, int usually) => args.Length > at ? int.Parse(args[at]) : usually;

void Draw(string set, int images, double[] shares, FundusCamera[] cameras)
{
    int[] grades = Grades(images, shares);
    RandomStream.Create(seed, $"shift world {set}").Shuffle(grades);
    Directory.CreateDirectory(Path.Combine(root, set));
    // The camera of an image is drawn with its grade's, so that it tells nothing about the grade.
    Parallel.For(0, images, i =>
    {
        Random random = RandomStream.Create(seed, $"shift world {set}", i);
        FundusCamera camera = cameras[random.Next(cameras.Length)];
        RgbImage image = SyntheticFundus.Draw(grades[i], camera, random).Image;
        AtomicFile.Write(Path.Combine(root, set, $"{set}-{i:00000}.jpg"), stream => stream.Write(Jpeg(image, camera.Quality)));
    });
    var csv = new StringBuilder("id_code,diagnosis\n");
    for (int i = 0; i < images; i++)
        csv.Append($"{set}-{i:00000},{grades[i]}\n");
    AtomicFile.WriteText(Path.Combine(root, $"{set}.csv"), csv.ToString());
    Console.WriteLine($"{set}: {images} images, [{string.Join(", ", Enumerable.Range(0, shares.Length).Select(k => grades.Count(g => g == k)))}]");
}

static int[] Grades(int images, double[] shares)
{
    int[] ends = [.. Enumerable.Range(1, shares.Length).Select(k => (int)Math.Round(images * shares.Take(k).Sum()))];
    return [.. Enumerable.Range(0, images).Select(i => Array.FindIndex(ends, end => i < end))];
}

static byte[] Jpeg(RgbImage image, int quality)
{
    using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
    Span<uint> target = MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
    for (int i = 0; i < target.Length; i++)
        target[i] = 0xff000000u | (uint)image.Pixels[3 * i + 2] << 16 | (uint)image.Pixels[3 * i + 1] << 8 | image.Pixels[3 * i];
    using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
    return data.ToArray();
}

static string Experiment(string test) => $$"""
    scale: [none, mild, moderate, severe, proliferative]
    sources:
      - { name: train, labels: train.csv, id: id_code, grade: diagnosis, images: train, extension: .jpg }
      - { name: validation, role: validation, labels: validation.csv, id: id_code, grade: diagnosis, images: validation, extension: .jpg }
    test: { name: {{test}}, labels: {{test}}.csv, id: id_code, grade: diagnosis, images: {{test}}, extension: .jpg }
    recipe: [crop_retina, resize: { size: 96 }]
    augment: [flip, transpose]
    model: { backbone: resnet18, pool: avg }
    target: ordinal
    train: { epochs: 14, batch: 16, optimizer: { adamw: { weight_decay: 0.01 } }, top_lr: 0.001, base_lr_ratio: 1, schedule: { one_cycle: { peak_at: 0.3 } }, seed: 42 }
    select: { by: last, keep: 1 }

    """;
