using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class ArithmeticTests : IDisposable
{
    private static readonly GradeScale Scale = new(["0", "1", "2", "3", "4"]);
    private readonly ArithmeticWay _before = Ways.Current;

    public static TheoryData<string> Names => [.. Zoo.Names];

    public void Dispose() => Ways.Take(_before);

    [Theory]
    [MemberData(nameof(Names))]
    public void One_image_alone_in_a_batch_of_any_size_and_in_any_order_has_the_same_score(string name)
    {
        const int Images = 7;
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name }, PaddingStyle.Symmetric, new OrdinalTarget(), Scale, 1);
        model.ToChannelsLast();
        model.SetTraining(false, BatchNormMode.Frozen);
        Tensor images = randn(Images, 3, 64, 64, generator: new Generator(1));
        double[][] alone = [.. Enumerable.Range(0, Images).SelectMany(i => Scores(images.narrow(0, i, 1)))];

        Assert.All(Scores(images), (s, i) => Same(alone[i], s));
        Assert.All(Scores(images.flip(0)), (s, i) => Same(alone[Images - 1 - i], s));
        Assert.All(Scores(images.narrow(0, 2, 2)), (s, i) => Same(alone[2 + i], s));
        Assert.All(Scores(cat([images, images, images.narrow(0, 0, 2)], 0)), (s, i) => Same(alone[i % Images], s)); // 16

        double[][] Scores(Tensor batch)
        {
            float[] logits = model.call(batch).data<float>().ToArray(); // (B, K - 1)
            return [.. logits.Chunk(Scale.Count - 1).Select(l => l.Select(z => 1 / (1 + Math.Exp(-z))).ToArray())];
        }

        static void Same(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_self_test_knows_every_convolution_of_the_network(string name)
    {
        using Backbone backbone = Zoo.Create(name, PaddingStyle.Symmetric, 1);
        backbone.eval();
        HashSet<ConvolutionShape> known = [.. SelfTest.ZooConvolutions.Select(s => s with { Side = 0 })];
        ImmutableArray<ConvolutionShape> used = ConvolutionShape.Of(backbone, 32);
        string[] missing = [.. used.Where(s => !known.Contains(s with { Side = 0 })).Select(s => s.ToLine())];
        Assert.True(missing.Length == 0, $"add to zoo-convolutions.csv:\n{string.Join('\n', missing)}");
    }

    [Theory]
    [InlineData(64, 256, 14, 1, 2)]
    [InlineData(320, 1280, 7, 1, 2)]
    [InlineData(512, 2048, 7, 2, 1)] // a stride leaves out pixels
    [InlineData(1024, 512, 5, 2, 3)]
    [InlineData(24, 7, 1, 1, 16)] // a gate's map of one pixel
    public void As_a_matrix_product_a_1x1_convolution_has_the_values_and_gradients_of_float64(int inputs, int outputs, int side, int stride, int batch)
    {
        foreach (ArithmeticWay way in new[] { ArithmeticWay.MatrixProduct, ArithmeticWay.WithoutOneDnn })
        {
            Ways.Take(way);
            foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
            {
                foreach (bool channelsLast in new[] { true, false })
                {
                    var operation = new ProbedConvolution(new ConvolutionShape(inputs, outputs, 1, stride, 1, 0, side), batch, channelsLast) { Type = type };
                    Deviation found = operation.Measure(CPU, 1);
                    Assert.True(found.IsWithin(operation.ToleranceOn(CPU)), $"{way}, {operation.Name}: {found}");
                }
            }
        }
    }

    [Fact]
    public void A_wrong_value_and_a_wrong_gradient_are_both_seen()
    {
        ProbedFunction right = Doubling(x => x * 2), wrong = Doubling(x => x * (x.dtype == ScalarType.Float64 ? 2 : 2.001));
        ProbedFunction wrongGradient = Doubling(x => x.dtype == ScalarType.Float64 ? x * 2 : x + x.detach());
        ProbedFunction noNumber = Doubling(x => x.dtype == ScalarType.Float64 ? x * 2 : x * double.NaN);
        Assert.True(right.Measure(CPU, 1).IsWithin(right.ToleranceOn(CPU)));
        Assert.InRange(wrong.Measure(CPU, 1).Forward, 4e-4, 6e-4);
        Deviation gradient = wrongGradient.Measure(CPU, 1);
        Assert.InRange(gradient.Forward, 0, 1e-6);
        Assert.InRange(gradient.Gradient, 0.49, 0.51);
        Assert.Equal(double.PositiveInfinity, noNumber.Measure(CPU, 1).Forward);

        static ProbedFunction Doubling(Func<Tensor, Tensor> f) => new("doubling", [], x => f(x[0])) { Type = ScalarType.Float32 };
    }

    [Fact]
    public void The_first_right_way_is_taken_and_what_was_wrong_is_said()
    {
        var dead = new WayResult(ArithmeticWay.Convolution, 12, 1e-6, 0, [new("1x1 512→2048 at 7 px, batch 2, float32", false, null, "died of signal 8 (SIGFPE)")]);
        var right = new WayResult(ArithmeticWay.MatrixProduct, 910, 3e-6, 9e-3, []);
        var coarse = new WayResult(ArithmeticWay.MatrixProduct, 910, 3e-6, 9e-3, [new("3x3 8→8 at 7 px, batch 2, bfloat16", true, 0.5, null)]);
        EngineVerdict safe = Of(dead, right), half = Of(dead, coarse), none = Of(dead), sound = Of(right with { Way = ArithmeticWay.Convolution });

        Assert.Equal((ArithmeticWay.MatrixProduct, "matrix_product", true), (safe.Taken!.Way, safe.SafeWay, safe.IsDetour));
        Assert.Contains("512→2048", safe.Describe(), StringComparison.Ordinal);
        Assert.Contains("SIGFPE", safe.ToRecord().Fault, StringComparison.Ordinal);
        Assert.Null(sound.SafeWay);
        Assert.Null(sound.ToRecord().Fault);
        EngineCheck.Demand(safe, Precision.Bfloat16);
        EngineCheck.Demand(half, Precision.Float32);
        Assert.Contains("5.0E-1", Assert.Throws<GradusException>(() => EngineCheck.Demand(half, Precision.Bfloat16)).Message, StringComparison.Ordinal);
        Assert.Contains("SIGFPE", Assert.Throws<GradusException>(() => EngineCheck.Demand(none, Precision.Float32)).Message, StringComparison.Ordinal);

        static EngineVerdict Of(params ImmutableArray<WayResult> ways) => new("key", "a processor", "an engine", ways);
    }

    [Fact]
    public void A_processor_that_hides_its_caches_is_never_given_the_engines_own_1x1_convolutions()
    {
        Assert.DoesNotContain(ArithmeticWay.Convolution, Ways.Candidates(new Processor("AMD EPYC", "", CachesAreHidden: true)));
        Assert.Equal(ArithmeticWay.Convolution, Ways.Candidates(new Processor("AMD EPYC", "", CachesAreHidden: false))[0]);
    }
}
