using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Arithmetic;

/// <summary>The way in which this process computes convolutions. One for the whole process, chosen before a network runs.</summary>
public static class Ways
{
    private static ArithmeticWay? _current;

    /// <summary>
    /// The way in use. Until <see cref="Take"/> has said which, it is that of the processor: matrix products where the engine
    /// is known to be wrong, else convolutions.
    /// </summary>
    public static ArithmeticWay Current => _current ??= Candidates(Processor.Here)[0];

    /// <summary>The ways to be tried on a processor, in this order; the first that is right is taken.</summary>
    public static IReadOnlyList<ArithmeticWay> Candidates(Processor processor) => processor.CachesAreHidden
        ? [ArithmeticWay.MatrixProduct, ArithmeticWay.WithoutOneDnn]
        : [ArithmeticWay.Convolution, ArithmeticWay.MatrixProduct, ArithmeticWay.WithoutOneDnn];

    /// <summary>Takes a way, for everything that this process computes from now on.</summary>
    /// <exception cref="GradusException">oneDNN cannot be switched off in this engine.</exception>
    public static void Take(ArithmeticWay way)
    {
        if (way == ArithmeticWay.WithoutOneDnn || _current == ArithmeticWay.WithoutOneDnn)
            EngineSwitches.UseOneDnn(way != ArithmeticWay.WithoutOneDnn);
        _current = way;
    }

    /// <summary>"1x1 convolutions as matrix products", for people and records.</summary>
    public static string Describe(ArithmeticWay way) => way switch
    {
        ArithmeticWay.Convolution => "convolutions by oneDNN",
        ArithmeticWay.MatrixProduct => "1x1 convolutions as matrix products",
        ArithmeticWay.WithoutOneDnn => "oneDNN switched off",
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, "unknown"),
    };

    /// <summary>
    /// A convolution in the current way; values and gradients are those of <c>conv2d</c> but for rounding. It computes in the
    /// type of its input: given bfloat16 it rounds float32 weights on the way, and their gradients arrive in float32.
    /// </summary>
    /// <param name="x">(B, C, H, W), any float type.</param>
    /// <param name="weight">(O, C / groups, k, k).</param>
    /// <param name="bias">(O), or null.</param>
    /// <param name="stride">Down and across.</param>
    /// <param name="padding">Zeros on both sides, down and across.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <returns>(B, O, H', W'), channels innermost where the way or the input makes it so.</returns>
    internal static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, long[] stride, long[] padding, long groups)
    {
        using var scope = NewDisposeScope();
        bool onCpu = x.device_type == DeviceType.CPU;
        bool depthwise = groups > 1 && weight.shape[1] == 1;
        // The engine's backward pass of a depthwise convolution takes twice as long in bfloat16 on a CPU as in float32.
        bool widens = depthwise && onCpu && x.dtype == ScalarType.BFloat16 && is_grad_enabled() && weight.requires_grad;
        Tensor input = widens ? x.to(ScalarType.Float32) : x;
        Tensor w = weight.dtype == input.dtype ? weight : weight.to(input.dtype);
        Tensor? b = bias is null || bias.dtype == input.dtype ? bias : bias.to(input.dtype);
        Tensor y = Current == ArithmeticWay.MatrixProduct && onCpu && groups == 1 && IsPointwise(weight, padding)
            ? Multiply(input, w, b, stride)
            : functional.conv2d(input, w, b, stride, padding, null, groups); // (B, O, H', W')
        return (widens ? y.to(x.dtype) : y).MoveToOuterDisposeScope();
    }

    private static bool IsPointwise(Tensor weight, long[] padding) => weight.shape is [_, _, 1, 1] && padding is [0, 0];

    // Each pixel is a row of C numbers, which channels-last maps hold side by side: nothing is copied.
    private static Tensor Multiply(Tensor x, Tensor weight, Tensor? bias, long[] stride)
    {
        Tensor rows = x.permute(0, 2, 3, 1); // (B, H, W, C)
        if (stride is not [1, 1])
            rows = rows.slice(1, 0, rows.shape[1], stride[0]).slice(2, 0, rows.shape[2], stride[1]); // (B, H', W', C)
        return functional.linear(rows, weight.flatten(1), bias).permute(0, 3, 1, 2); // (B, O, H', W')
    }
}
