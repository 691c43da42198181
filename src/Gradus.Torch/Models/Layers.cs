using Gradus.Torch.Arithmetic;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

// Legend for all networks: B batch, C channels, H and W of the map; (B, C, H, W).

/// <summary>
/// A convolution. The engine's own module draws its weights from the global generator and pads symmetrically only; this one
/// draws from a given generator, can pad as TensorFlow does, and computes in the way that is right on this machine.
/// </summary>
internal sealed class Convolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight; // (out, in / groups, k, k)
    private readonly Parameter? bias; // (out)
    private readonly long[] _stride;
    private readonly long[] _padding;
    private readonly long _groups;
    private readonly bool _padsByInput;

    /// <summary>Weights by He et al. 2015 over the outgoing connections: normal with variance <c>2 / (out * k * k)</c>; the bias is 0.</summary>
    public Convolution(Generator generator, long inputs, long outputs, long kernel, long stride = 1, long groups = 1, PaddingStyle padding = PaddingStyle.Symmetric, bool bias = false)
        : base(nameof(Convolution))
    {
        weight = new Parameter(empty(outputs, inputs / groups, kernel, kernel));
        using (no_grad())
            weight.normal_(0, Math.Sqrt(2.0 / (outputs * kernel * kernel)), generator);
        if (bias)
            this.bias = new Parameter(zeros(outputs));
        _stride = [stride, stride];
        _groups = groups;
        _padsByInput = padding == PaddingStyle.TfSame && stride > 1;
        _padding = _padsByInput ? [0, 0] : [kernel / 2, kernel / 2];
        RegisterComponents();
    }

    /// <summary>Zeros on each side, where they are not half the kernel.</summary>
    public long Margin
    {
        init => _padding = [value, value];
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = _padsByInput ? PadSame(input) : input;
        return Ways.Convolve(x, weight, bias, _stride, _padding, _groups).MoveToOuterDisposeScope(); // (B, out, H / stride, W / stride)
    }

    /// <summary>What this convolution does to a map (B, C, H, H), with the padding that depends on its size counted to the map.</summary>
    public ConvolutionShape ShapeFor(Tensor input)
    {
        long side = input.shape[2];
        if (_padsByInput)
        {
            (long before, long after) = Same(side, weight.shape[2], _stride[0]);
            side += before + after;
        }
        return new((int)input.shape[1], (int)weight.shape[0], (int)weight.shape[2], (int)_stride[0], (int)_groups, (int)_padding[0], (int)side);
    }

    private Tensor PadSame(Tensor x)
    {
        (long top, long bottom) = Same(x.shape[2], weight.shape[2], _stride[0]);
        (long left, long right) = Same(x.shape[3], weight.shape[3], _stride[1]);
        return functional.pad(x, (left, right, top, bottom)); // (B, C, H + top + bottom, W + left + right)
    }

    private static (long Before, long After) Same(long size, long kernel, long stride)
    {
        long outputs = (size + stride - 1) / stride;
        long total = Math.Max(0, (outputs - 1) * stride + kernel - size);
        return (total / 2, total - total / 2);
    }
}

/// <summary>Modules one after the other, named by their places: 0, 1, 2 …</summary>
internal sealed class Chain : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _links;

    public Chain(params IEnumerable<Module<Tensor, Tensor>> links)
        : base(nameof(Chain))
    {
        _links = [.. links];
        for (int i = 0; i < _links.Length; i++)
            register_module($"{i}", _links[i]);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input;
        foreach (Module<Tensor, Tensor> link in _links)
        {
            Tensor next = link.call(x);
            if (!ReferenceEquals(x, input) && !ReferenceEquals(x, next))
                x.Dispose(); // autograd keeps what it needs; predicting, a long chain would hold all its maps
            x = next;
        }
        return ReferenceEquals(x, input) ? x : x.MoveToOuterDisposeScope();
    }
}

/// <summary>Clamps to 0 … 6 in place, so its input must be needed by nobody else.</summary>
internal sealed class Relu6 : Module<Tensor, Tensor>
{
    public Relu6()
        : base(nameof(Relu6))
    {
    }

    public override Tensor forward(Tensor input) => input.relu6_();
}
