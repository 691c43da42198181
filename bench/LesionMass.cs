#:project ../src/Gradus.Torch/Gradus.Torch.csproj
#:property RestorePackagesWithLockFile=false
#:property JsonSerializerIsReflectionEnabledByDefault=true
// How much of a heat map's mass lies on lesions, in a synthetic world whose lesions are known to the pixel: the share of the mass inside the
// (slightly widened) lesion masks over the share of the disc that they cover. 1 is chance. The control is the same network with its weights in disorder.
//   gradus demo --out demo
//   dotnet run -c Release bench/LesionMass.cs -- CHECKPOINT demo/world [SIDE OF THE EVALUATION, 240]
using Gradus;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Synthetic;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Explanation;
using Gradus.Torch.Models;
using static TorchSharp.torch;

const int Widening = 3; // pixels of the evaluation, about the width of a vessel
string world = args[1];
int side = args.Length > 2 ? int.Parse(args[2]) : 240;
WorldSpec spec = PlantedWorld.Read(world).Spec;
using Checkpoint checkpoint = Checkpoint.Load(args[0], CPU);
Dictionary<ImageId, int> truth = File.ReadLines(Path.Combine(world, "test_truth.csv")).Skip(1).Select(l => l.Split(',')).ToDictionary(f => new ImageId(f[0]), f => int.Parse(f[1]));
(ImageId Id, ImageLocation Location)[] images = [.. ImageList.Find([Path.Combine(world, "test")]).Where(i => truth[i.Id] > 0)];
// An image that training has seen is no test.
images = [.. images.Where(i => checkpoint.Info.TrainedOn.Seen([Hash(i.Location)]) == 0)];
Dictionary<ImageId, FundusPicture> pictures = images.AsParallel().ToDictionary(i => i.Id, i => SyntheticWorld.Redraw(spec, i.Id));

Console.WriteLine($"{checkpoint.Info.Run}, epoch {checkpoint.Info.Epoch}, {checkpoint.Info.Model.Backbone} at {checkpoint.Info.Recipe.Size} px; {images.Length} test images of grades 1 to 4");
Console.WriteLine("| map | network | mass on lesions over their share of the disc [95 %] | images with a map | share above 1 |");
Console.WriteLine("|---|---|---|---|---|");
foreach (CamMethod method in Enum.GetValues<CamMethod>())
{
    foreach (CamScalar of in (CamScalar[])[new ScoreScalar(), new GradeScalar(null), new OutputScalar(0)])
        Report(method, of, "trained", checkpoint.Model);
    // In one disorder the evidence may be negative everywhere, which leaves no map; several are taken together.
    GradedClassifier[] disordered = [.. Enumerable.Range(1, 3).Select(seed => SanityCheck.Disordered(checkpoint, Disorder.Whole, seed))];
    Report(method, new ScoreScalar(), "in 3 disorders", disordered);
}

void Report(CamMethod method, CamScalar of, string name, params GradedClassifier[] models)
{
    double[] ratios = [.. models.SelectMany(model => Explainer.Explain(checkpoint, images, method, of, null, default, model).Images).AsParallel().AsOrdered().Select(Ratio).Where(double.IsFinite)];
    if (ratios.Length == 0)
    {
        Console.WriteLine($"| {method} of {of} | {name} | no map | 0 | |");
        return;
    }
    Random random = RandomStream.Create(1, "bootstrap of lesion mass");
    double[] means = [.. Enumerable.Range(0, 2000).Select(_ => Enumerable.Range(0, ratios.Length).Average(_ => ratios[random.Next(ratios.Length)])).Order()];
    Console.WriteLine($"| {method} of {of} | {name} | {ratios.Average():F2} [{means[50]:F2}, {means[1949]:F2}] | {ratios.Length} | {ratios.Count(r => r > 1) / (double)ratios.Length:P0} |");
}

double Ratio(ImageExplanation e)
{
    FundusPicture picture = pictures[e.Id];
    int width = picture.Image.Width, height = picture.Image.Height, across = side, down = Math.Max(1, side * height / width);
    HeatMap map = e.Map.OnPhotograph(e.Geometry, across, down);
    var lesion = new bool[across * down];
    var disc = new bool[across * down];
    for (int y = 0; y < height; y++)
    {
        for (int x = 0; x < width; x++)
        {
            int to = y * down / height * across + x * across / width, i = y * width + x;
            lesion[to] |= picture.Mask[i] != 0;
            disc[to] |= picture.Image.Pixels[3 * i] > 30;
        }
    }
    double inside = 0, mass = 0, covered = 0, area = 0;
    for (int i = 0; i < lesion.Length; i++)
    {
        if (!disc[i])
            continue;
        bool on = Near(lesion, i % across, i / across, across, down);
        (area, mass) = (area + 1, mass + map.Values[i]);
        if (on)
            (covered, inside) = (covered + 1, inside + map.Values[i]);
    }
    return inside / mass / (covered / area);
}

static bool Near(bool[] mask, int x, int y, int width, int height)
{
    for (int v = Math.Max(0, y - Widening); v <= Math.Min(height - 1, y + Widening); v++)
    {
        for (int u = Math.Max(0, x - Widening); u <= Math.Min(width - 1, x + Widening); u++)
        {
            if (mask[v * width + u] && (u - x) * (u - x) + (v - y) * (v - y) <= Widening * Widening)
                return true;
        }
    }
    return false;
}

static ContentHash Hash(ImageLocation location) => ContentHash.Of(File.ReadAllBytes(((FileLocation)location).Path));
