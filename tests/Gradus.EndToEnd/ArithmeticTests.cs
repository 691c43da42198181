using System.Globalization;
using System.Text.Json;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Models;

namespace Gradus.EndToEnd;

/// <summary>Ledger row 29: the engine computed something else on this machine.</summary>
public sealed class ArithmeticTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradus-arithmetic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_doctor_compares_the_engine_with_float64()
    {
        JsonElement check = Arithmetic(GradusProcess.Run(_folder, "doctor", "--json"));
        Assert.True(check.GetProperty("good").GetBoolean(), check.GetRawText());
        Assert.InRange(check.GetProperty("tested").GetInt32(), 500, 100_000);
        Assert.InRange(check.GetProperty("worst").GetDouble(), 1e-9, 1e-4);
        Assert.True(check.TryGetProperty("safeWay", out _));
    }

    [Fact]
    public void LedgerRow29_where_the_engines_own_way_is_deadly_the_fault_is_named_and_a_tested_way_is_taken()
    {
        (string Name, string? Value)[] broken = Broken();
        JsonElement check = Arithmetic(GradusProcess.Run(_folder, broken, "doctor", "--json"));
        Assert.True(check.GetProperty("good").GetBoolean(), check.GetRawText());
        Assert.Equal("matrix_product", check.GetProperty("safeWay").GetString());
        Assert.Contains("1x1", check.GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.Contains("SIGFPE", check.GetProperty("found").GetString(), StringComparison.Ordinal);
        string[] faults = [.. check.GetProperty("faults").EnumerateArray().Select(f => f.GetString()!)];
        Assert.Contains(faults, f => f.Contains("relative error", StringComparison.Ordinal)); // wrong numbers, in silence
        Assert.Contains(faults, f => f.Contains("SIGFPE", StringComparison.Ordinal));
        Assert.InRange(check.GetProperty("tested").GetInt32(), 500, 100_000);

        // The network's convolutions are among the deadly ones.
        GradusProcess.Finished bench = GradusProcess.Run(_folder, broken, "bench", "resnet50", "--size", "32", "--batches", "2", "--seconds", "0.1");
        Assert.Equal(0, bench.Code);
        Assert.Contains("matrix products", bench.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_does_not_exist_is_refused()
    {
        GradusProcess.Finished refused = GradusProcess.Run(_folder, [(EngineCheck.WayVariable, "nonsense")], "bench", "resnet18", "--size", "32");
        refused.FailsWith(2, EngineCheck.WayVariable, "matrix_product", "nonsense");
    }

    [Fact]
    public void Random_convolutions_of_the_zoo_agree_with_float64_in_both_types_layouts_and_any_batch()
    {
        const int Count = 150;
        const long Most = 60_000_000; // multiply-adds, so that the test stays short; bench/EngineShapes.cs does them all
        Random random = RandomStream.Create(29, "shapes of the zoo");
        var lines = new List<string>();
        ConvolutionShape[] zoo = [.. Shapes()];
        while (lines.Count < Count)
        {
            ConvolutionShape shape = zoo[random.Next(zoo.Length)];
            int batch = random.GetItems([1, 2, 16], 1)[0];
            if (shape.MultiplyAdds * batch <= Most)
                lines.Add($"{shape.ToLine()},{batch},{random.GetItems(["nhwc", "nchw"], 1)[0]},{random.GetItems(["float32", "bfloat16"], 1)[0]}");
        }
        string file = Path.Combine(_folder, "shapes.csv");
        AtomicFile.WriteText(file, string.Join('\n', lines));
        GradusProcess.Finished probe = GradusProcess.Run(_folder, "probe", $"{Ways.Current}", "cpu", file);
        Assert.Equal(0, probe.Code);
        string[][] found = [.. probe.Output.Split('\n').Select(l => l.Split(' ')).Where(w => w[0] == "end")];
        Assert.Equal(Count, found.Length);
        Assert.All(found, (w, i) =>
        {
            (double values, double gradients) = lines[i].EndsWith("float32", StringComparison.Ordinal) ? (1e-5, 1e-4) : (2e-2, 4e-2);
            Assert.True(double.Parse(w[2], CultureInfo.InvariantCulture) <= values && double.Parse(w[3], CultureInfo.InvariantCulture) <= gradients, $"{lines[i]}: {w[2]} {w[3]}");
        });

        // Maps of 32 to 512 pixels differ from those of the list by a factor.
        static IEnumerable<ConvolutionShape> Shapes() =>
            from shape in ListedShapes() from size in new[] { 32, 64, 96, 224, 512 } select shape with { Side = Math.Max(1, shape.Side * size / 64) };

        static IEnumerable<ConvolutionShape> ListedShapes()
        {
            foreach (string name in new[] { "densenet121", "efficientnet_b3", "mobilenet_v2", "nasnetamobile", "resnet50", "se_resnext50_32x4d" })
            {
                using Backbone backbone = Zoo.Create(name, PaddingStyle.Symmetric, 1);
                backbone.eval();
                foreach (ConvolutionShape shape in ConvolutionShape.Of(backbone, 64))
                    yield return shape;
            }
        }
    }

    // On a processor that is affected the engine's own way is asked for; elsewhere the engine is made to believe that it is on one.
    private static (string, string?)[] Broken() => Processor.Here.CachesAreHidden
        ? [(EngineCheck.WayVariable, "convolution")]
        : [("DOTNET_STARTUP_HOOKS", Path.Combine(AppContext.BaseDirectory, "Gradus.HiddenCaches.dll")), ("GOMP_SPINCOUNT", "1000")];

    private static JsonElement Arithmetic(GradusProcess.Finished doctor) =>
        doctor.Json.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "arithmetic");
}
