using System.Collections.Immutable;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Arithmetic;

/// <summary>The operations that are compared with float64 before the engine is trusted on a machine.</summary>
public static class SelfTest
{
    private const string ListName = "Gradus.Torch.Arithmetic.zoo-convolutions.csv";
    private const int Batch = 2; // one image alone is right even where batches are wrong
    private const long MostWeights = 5_000_000; // the two largest of SENet-154 alone would take longer than all the others

    /// <summary>Changes when the test does, so that verdicts of an earlier one are not taken for its own.</summary>
    public static string Version => $"1 {Count}";

    /// <summary>How many there are.</summary>
    public static int Count => Operations.Length;

    /// <summary>
    /// The convolutions of the zoo for images of 64 pixels, from the list that is part of this library: one line for each,
    /// <c>inputs,outputs,kernel,stride,groups,padding,side</c>.
    /// </summary>
    internal static ImmutableArray<ConvolutionShape> ZooConvolutions { get; } = ReadList();

    /// <summary>
    /// Every convolution of every network of the zoo, once for its channels, kernel, stride and groups, then the other
    /// operations; first all in float32, then all in bfloat16.
    /// </summary>
    internal static ImmutableArray<ProbedOperation> Operations { get; } =
    [
        .. Of(ScalarType.Float32),
        .. Of(ScalarType.BFloat16),
    ];

    private static IEnumerable<ProbedOperation> Of(ScalarType type) =>
    [
        .. ZooConvolutions.Where(s => s.Weights <= MostWeights).Select(s => new ProbedConvolution(s, Batch) { Type = type }),
        .. Functions.Select(f => f with { Type = type }),
    ];

    private static ImmutableArray<ProbedFunction> Functions
    {
        get
        {
            const int C = ProbedFunction.Channels;
            long[] perChannel = [C];
            return
            [
                Function("batch norm, training", x => functional.batch_norm(x[0], null, null, x[1], x[2], training: true), perChannel, perChannel),
                Function("batch norm, predicting", Predicting, perChannel, perChannel),
                Function("linear", x => functional.linear(x[0].mean([2, 3]).to(x[1].dtype), x[1], x[2]), [5, C], [5]),
                Function("max-pool", x => functional.max_pool2d(x[0], 3, 2, 1)),
                Function("average-pool", x => functional.avg_pool2d(x[0], 3, 2, 1, count_include_pad: false)),
                Function("average over the map", x => functional.adaptive_avg_pool2d(x[0], 1)),
                Function("ReLU", x => x[0].relu()),
                Function("ReLU6", x => functional.relu6(x[0])),
                Function("SiLU", x => x[0].silu()),
                Function("sigmoid", x => x[0].sigmoid()),
                Function("channel gate", x => x[0] * x[0].mean([2, 3], keepdim: true).sigmoid()),
                Function("concatenation", x => cat([x[0], x[0] * 2], 1)),
                Function("addition", x => x[0] + x[0].flip(2)),
            ];

            // (C) each: the statistics stand still, weight and bias learn.
            static Tensor Predicting(IReadOnlyList<Tensor> x) => functional.batch_norm(
                x[0], linspace(-1, 1, C, x[1].dtype, x[1].device), linspace(0.5, 2, C, x[1].dtype, x[1].device), x[1], x[2]);
        }
    }

    private static ProbedFunction Function(string name, Func<IReadOnlyList<Tensor>, Tensor> function, params long[][] parameters) =>
        new(name, parameters, function) { Type = ScalarType.Float32 };

    private static ImmutableArray<ConvolutionShape> ReadList()
    {
        using Stream stream = typeof(SelfTest).Assembly.GetManifestResourceStream(ListName)
            ?? throw new InvalidOperationException($"{ListName} is not part of the library");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(ConvolutionShape.Parse)];
    }
}
