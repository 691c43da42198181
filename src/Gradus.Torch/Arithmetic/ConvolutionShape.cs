using System.Collections.Immutable;
using System.Globalization;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Arithmetic;

/// <summary>A convolution of square maps, as a network of the zoo uses it.</summary>
/// <param name="Inputs">C of the input.</param>
/// <param name="Outputs">C of the output.</param>
/// <param name="Kernel">Pixels per side of the kernel.</param>
/// <param name="Stride">Pixels from one output to the next.</param>
/// <param name="Groups">Groups of channels; as many as inputs for a depthwise convolution.</param>
/// <param name="Padding">Zeros on each side.</param>
/// <param name="Side">Pixels per side of the input.</param>
public readonly record struct ConvolutionShape(
    int Inputs, int Outputs, int Kernel, int Stride, int Groups, int Padding, int Side)
{
    /// <summary>Learned numbers.</summary>
    public long Weights => (long)Outputs * (Inputs / Groups) * Kernel * Kernel;

    /// <summary>Multiplications with an addition for one image.</summary>
    public long MultiplyAdds
    {
        get
        {
            long side = (Side + 2 * Padding - Kernel) / Stride + 1;
            return side * side * Outputs * (Inputs / Groups) * Kernel * Kernel;
        }
    }

    /// <summary>Every distinct convolution that one pass shows of a network for images of <paramref name="size"/> pixels per side.</summary>
    public static ImmutableArray<ConvolutionShape> Of(Backbone backbone, int size)
    {
        var found = new HashSet<ConvolutionShape>();
        var order = ImmutableArray.CreateBuilder<ConvolutionShape>();
        var hooks = backbone.modules().OfType<Convolution>()
            .Select(c => c.register_forward_pre_hook((_, input) => Note(c, input)))
            .ToList();
        try
        {
            using var scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor first = backbone.parameters().First(); // (out, C, k, k): every network begins with a convolution
            backbone.call(empty(1, first.shape[1], size, size, device: first.device));
        }
        finally
        {
            hooks.ForEach(h => h.remove());
        }
        return order.ToImmutable();

        Tensor Note(Convolution convolution, Tensor input)
        {
            ConvolutionShape shape = convolution.ShapeFor(input);
            if (found.Add(shape))
                order.Add(shape);
            return input;
        }
    }

    /// <summary>Reads <c>inputs,outputs,kernel,stride,groups,padding,side</c>; what follows is passed over.</summary>
    public static ConvolutionShape Parse(string line)
    {
        int[] n = [.. line.Split(',').Take(7).Select(f => int.Parse(f, CultureInfo.InvariantCulture))];
        return new ConvolutionShape(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
    }

    /// <summary>The line that <see cref="Parse"/> reads.</summary>
    public string ToLine() => string.Join(',', new[] { Inputs, Outputs, Kernel, Stride, Groups, Padding, Side }.Select(n => n.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Kernel}x{Kernel} {Inputs}→{Outputs}{(Groups > 1 ? $" in {Groups} groups" : "")}{(Stride > 1 ? $" stride {Stride}" : "")} at {Side} px");
}
