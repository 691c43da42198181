using Gradus.Torch.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Arithmetic;

/// <summary>One operation that networks are made of, for comparing the engine's result and gradients with float64.</summary>
internal abstract record ProbedOperation
{
    /// <summary>The type of the maps: float32 or bfloat16.</summary>
    public required ScalarType Type { get; init; }

    /// <summary>What it is, for people: "1x1 512→2048 at 7 px, batch 2, float32".</summary>
    public string Name => $"{What}, {(Type == ScalarType.Float32 ? "float32" : "bfloat16")}";

    /// <summary>The largest error that rounding explains. GPUs may multiply float32 with 10 bits of mantissa (TF32).</summary>
    public Deviation ToleranceOn(Device device) =>
        Type != ScalarType.Float32 ? new(2e-2, 4e-2) : device.type == TorchSharp.DeviceType.CPU ? new(1e-5, 1e-4) : new(5e-3, 5e-3);

    /// <summary>The same without the type.</summary>
    protected abstract string What { get; }

    /// <summary>The shapes of the inputs: a map (B, H, W, C), which is then seen as (B, C, H, W), and parameters.</summary>
    protected abstract IReadOnlyList<long[]> Inputs { get; }

    /// <summary>As the networks compute it.</summary>
    protected abstract Tensor Compute(IReadOnlyList<Tensor> inputs);

    /// <summary>The same in float64, without oneDNN.</summary>
    protected virtual Tensor Reference(IReadOnlyList<Tensor> inputs) => Compute(inputs);

    /// <summary>Computes value and gradients on random numbers in both ways.</summary>
    /// <returns>The largest absolute differences over the largest absolute values; infinite where a value is no number.</returns>
    public Deviation Measure(Device device, long seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        // Rounded to the type first, so that both ways start from the same numbers. Parameters are float32 in any case.
        Tensor[] exact = [.. Inputs.Select(s => randn(s, generator: generator).to(Type).to(ScalarType.Float64))];
        Tensor[] rounded = [.. exact.Select((x, i) => x.to(i == 0 ? Type : ScalarType.Float32).to(device))];
        (Tensor wanted, Tensor[] wantedGradients) = Differentiate(exact, Reference, generator, null);
        Tensor direction = wantedGradients[^1];
        (Tensor got, Tensor[] gradients) = Differentiate(rounded, Compute, generator, direction);
        double gradient = gradients.SkipLast(1).Zip(wantedGradients.SkipLast(1), Difference).DefaultIfEmpty(0).Max();
        return new Deviation(Difference(got, wanted), gradient);
    }

    // The gradients of the inputs, and after them the direction in which they were taken.
    private (Tensor Value, Tensor[] Gradients) Differentiate(
        Tensor[] inputs, Func<IReadOnlyList<Tensor>, Tensor> compute, Generator generator, Tensor? direction)
    {
        Tensor[] leaves = [.. inputs.Select(x => (x.ndim == 4 ? LaidOut(AsMap(x)) : x).detach().requires_grad_(true))];
        Tensor value = compute(leaves);
        direction ??= randn(value.shape, generator: generator).to(Type).to(ScalarType.Float64);
        value.backward([direction.to(value.dtype).to(value.device)]);
        return (value.detach(), [.. leaves.Select(l => l.grad ?? throw new InvalidOperationException($"{What} gives an input no gradient")), direction]);
    }

    /// <summary>Maps and weights (A, B, C, D) in the memory layout to be tested; values and shape stay.</summary>
    protected virtual Tensor LaidOut(Tensor x) => Strides.ChannelsLast(x);

    // Weights (O, I, k, k) come as they are.
    private Tensor AsMap(Tensor x) => x.shape.SequenceEqual(Inputs[0]) ? x.permute(0, 3, 1, 2) : x;

    private static double Difference(Tensor got, Tensor wanted)
    {
        Tensor far = got.cpu().to(ScalarType.Float64).sub(wanted).abs().max();
        double difference = far.item<double>() / Math.Max(wanted.abs().max().item<double>(), 1e-30);
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }
}

/// <summary>How far a result is from float64, relative to the largest value.</summary>
/// <param name="Forward">Of the values.</param>
/// <param name="Gradient">Of the gradients to all inputs, the worst one.</param>
public readonly record struct Deviation(double Forward, double Gradient)
{
    /// <summary>True where neither is above its limit.</summary>
    public bool IsWithin(Deviation limit) => Forward <= limit.Forward && Gradient <= limit.Gradient;

    /// <summary>The larger one of each.</summary>
    public Deviation Max(Deviation with) => new(Math.Max(Forward, with.Forward), Math.Max(Gradient, with.Gradient));
}

/// <summary>A convolution in the way in use, by the code that the networks call.</summary>
internal sealed record ProbedConvolution(ConvolutionShape Shape, int Batch, bool ChannelsLast = true) : ProbedOperation
{
    /// <inheritdoc/>
    protected override string What => $"{Shape}, batch {Batch}{(ChannelsLast ? "" : ", channels first")}";

    /// <inheritdoc/>
    protected override Tensor LaidOut(Tensor x) => ChannelsLast ? base.LaidOut(x) : x.contiguous();

    /// <inheritdoc/>
    protected override IReadOnlyList<long[]> Inputs =>
    [
        [Batch, Shape.Side, Shape.Side, Shape.Inputs],
        [Shape.Outputs, Shape.Inputs / Shape.Groups, Shape.Kernel, Shape.Kernel],
    ];

    /// <inheritdoc/>
    protected override Tensor Compute(IReadOnlyList<Tensor> inputs) =>
        Ways.Convolve(inputs[0], inputs[1], null, [Shape.Stride, Shape.Stride], [Shape.Padding, Shape.Padding], Shape.Groups);

    /// <inheritdoc/>
    protected override Tensor Reference(IReadOnlyList<Tensor> inputs) => Shape.Groups == Shape.Inputs && Shape.Groups > 1
        ? Depthwise(inputs[0], inputs[1])
        : functional.conv2d(inputs[0], inputs[1], null, [Shape.Stride, Shape.Stride], [Shape.Padding, Shape.Padding], null, Shape.Groups);

    // The engine has no fast depthwise convolution in float64: the sum over the kernel's places of the shifted map.
    private Tensor Depthwise(Tensor x, Tensor weight)
    {
        Tensor padded = functional.pad(x, (Shape.Padding, Shape.Padding, Shape.Padding, Shape.Padding));
        long reach = padded.shape[2] - Shape.Kernel;
        Tensor? sum = null; // (B, C, H', W')
        for (int i = 0; i < Shape.Kernel; i++)
        {
            for (int j = 0; j < Shape.Kernel; j++)
            {
                Tensor shifted = padded.slice(2, i, i + reach + 1, Shape.Stride).slice(3, j, j + reach + 1, Shape.Stride);
                Tensor part = shifted * weight.select(3, j).select(2, i).view(1, -1, 1, 1);
                sum = sum is null ? part : sum.add(part);
            }
        }
        return sum!;
    }
}

/// <summary>Another operation of the networks, on a map of a few channels.</summary>
/// <param name="Called">Its name.</param>
/// <param name="Parameters">The shapes of what it learns.</param>
/// <param name="Function">What it does with the map (2, 16, 9, 9) and these.</param>
internal sealed record ProbedFunction(string Called, IReadOnlyList<long[]> Parameters, Func<IReadOnlyList<Tensor>, Tensor> Function) : ProbedOperation
{
    /// <summary>C of the map.</summary>
    public const int Channels = 16;

    private const int Side = 9;

    /// <inheritdoc/>
    protected override string What => Called;

    /// <inheritdoc/>
    protected override IReadOnlyList<long[]> Inputs => [[2, Side, Side, Channels], .. Parameters];

    /// <inheritdoc/>
    protected override Tensor Compute(IReadOnlyList<Tensor> inputs) => Function(inputs);
}
