#:project ../src/Gradus.Torch/Gradus.Torch.csproj
#:property RestorePackagesWithLockFile=false
// Every convolution that any network of the zoo uses for images of some sizes, forward and gradients, in both layouts and precisions and for
// several batches, compared with float64 in child processes: a death is a finding, and the next child goes on behind it.
//   dotnet build -c Release src/Gradus.Cli
//   dotnet run -c Release bench/EngineShapes.cs -- WAY TABLE.md [SIZES, 32,64,96,128,192,224,256,320,384,512] [BATCHES, 1,2,16] [MOST MULTIPLY-ADDS OF ONE, 300e6]
// WAY is Convolution, MatrixProduct or WithoutOneDnn. What is larger than the limit is left out and counted.
using System.Diagnostics;
using System.Globalization;
using Gradus;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Models;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string way = args[0], table = args[1];
int[] sizes = Numbers(args.ElementAtOrDefault(2) ?? "32,64,96,128,192,224,256,320,384,512"), batches = Numbers(args.ElementAtOrDefault(3) ?? "1,2,16");
double most = double.Parse(args.ElementAtOrDefault(4) ?? "300e6");
string program = Path.GetFullPath("src/Gradus.Cli/bin/Release/net10.0/gradus");

var shapes = new Dictionary<ConvolutionShape, SortedSet<string>>();
foreach (string name in Zoo.Names)
{
    using Backbone backbone = Zoo.Create(name, PaddingStyle.Symmetric, 1);
    backbone.eval();
    foreach (ConvolutionShape shape in sizes.SelectMany(s => ConvolutionShape.Of(backbone, s)))
    {
        if (!shapes.TryGetValue(shape, out SortedSet<string>? users))
            shapes[shape] = users = [];
        users.Add(name);
    }
    Console.Error.WriteLine($"{name}: {shapes.Count} distinct convolutions so far");
}
string[] all =
[
    .. from shape in shapes.Keys from batch in batches from layout in new[] { "nhwc", "nchw" } from type in new[] { "float32", "bfloat16" }
       where shape.MultiplyAdds * batch <= most select $"{shape.ToLine()},{batch},{layout},{type}",
];
int possible = shapes.Count * batches.Length * 4;
Console.Error.WriteLine($"{all.Length} of {possible} cases are within {most:0.0E+0} multiply-adds");

var found = new (double Values, double Gradients)?[all.Length];
var deaths = new List<(string Case, int Code)>();
string list = Path.GetTempFileName();
for (int next = 0; next < all.Length;)
{
    AtomicFile.WriteText(list, string.Join('\n', all[next..]));
    using Process child = Process.Start(new ProcessStartInfo(program, ["probe", way, "cpu", list]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    child.ErrorDataReceived += (_, _) => { };
    child.BeginErrorReadLine();
    int begun = -1;
    while (child.StandardOutput.ReadLine() is { } line)
    {
        string[] words = line.Split(' ');
        if (words[0] == "begin")
            begun = int.Parse(words[1]);
        if (words[0] == "end")
            found[next + int.Parse(words[1])] = (double.Parse(words[2]), double.Parse(words[3]));
        if (begun % 500 == 0 && words[0] == "begin")
            Console.Error.WriteLine($"{next + begun} of {all.Length}, {deaths.Count} deaths");
    }
    child.WaitForExit();
    if (child.ExitCode == 0)
        break;
    if (begun < 0)
        throw new InvalidOperationException($"the child ended with {child.ExitCode} before its first operation");
    deaths.Add((all[next + begun], child.ExitCode));
    next += begun + 1;
}
File.Delete(list);

// One row per convolution without its side: the worst of all sides, batches and layouts.
var rows = all.Zip(found).Where(p => p.Second is not null)
    .GroupBy(p => ConvolutionShape.Parse(p.First) with { Side = 0 })
    .Select(g => (Shape: g.Key, Cases: g.Count(), Float32: Worst(g, "float32"), Bfloat16: Worst(g, "bfloat16")))
    .OrderBy(r => (r.Shape.Kernel, r.Shape.Groups > 1, r.Shape.Inputs, r.Shape.Outputs, r.Shape.Stride)).ToArray();
using (var text = new StringWriter())
{
    text.WriteLine("# The engine's convolutions against float64");
    text.WriteLine();
    text.WriteLine($"Made by `bench/EngineShapes.cs {string.Join(' ', args.Take(1))}` on {Processor.Here.Name} ({EngineCheck.EngineName}, {Ways.Describe(Enum.Parse<ArithmeticWay>(way))}): {all.Length - deaths.Count} cases, "
        + $"images of {string.Join(", ", sizes)} px, batches of {string.Join(", ", batches)}, channels last and first. {possible - all.Length} cases above {most:0.0E+0} multiply-adds are left out. "
        + $"An error is the largest absolute difference over the largest absolute value; tolerances are 1E-5 and 1E-4 (gradients) in float32, 2E-2 and 4E-2 in bfloat16.");
    text.WriteLine();
    text.WriteLine(deaths.Count == 0 ? "No process died." : $"{deaths.Count} processes died: {string.Join("; ", deaths.Select(d => $"{d.Case} (exit code {d.Code})"))}.");
    int wrong = rows.Count(r => r.Float32.Values > 1e-5 || r.Float32.Gradients > 1e-4 || r.Bfloat16.Values > 2e-2 || r.Bfloat16.Gradients > 4e-2);
    text.WriteLine($"{wrong} of {rows.Length} convolutions are beyond a tolerance.");
    text.WriteLine();
    text.WriteLine("| convolution | cases | float32 | gradients | bfloat16 | gradients |");
    text.WriteLine("|---|---|---|---|---|---|");
    foreach (var r in rows)
        text.WriteLine($"| {r.Shape.ToString().Replace(" at 0 px", "")} | {r.Cases} | {r.Float32.Values:0.0E+0} | {r.Float32.Gradients:0.0E+0} | {r.Bfloat16.Values:0.0E+0} | {r.Bfloat16.Gradients:0.0E+0} |");
    AtomicFile.WriteText(table, text.ToString());
}
Console.WriteLine($"{all.Length} cases, {deaths.Count} deaths; {table}");

static (double Values, double Gradients) Worst(IEnumerable<(string First, (double Values, double Gradients)? Second)> cases, string type)
{
    var of = cases.Where(c => c.First.EndsWith(type, StringComparison.Ordinal)).Select(c => c.Second!.Value).ToArray();
    return of.Length == 0 ? (0, 0) : (of.Max(v => v.Values), of.Max(v => v.Gradients));
}

static int[] Numbers(string text) => [.. text.Split(',').Select(int.Parse)];
