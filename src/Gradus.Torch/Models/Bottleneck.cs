using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// The block of deep residual networks: narrow, filter, widen, add (He et al. 2016, figure 5). With groups it is ResNeXt's (Xie et al. 2017),
/// with a gate before the addition it is SENet's (Hu et al. 2018, figure 3). It strides in its 3x3 convolution.
/// </summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    private readonly Convolution conv1;
    private readonly BatchNorm2d bn1;
    private readonly Convolution conv2;
    private readonly BatchNorm2d bn2;
    private readonly Convolution conv3;
    private readonly BatchNorm2d bn3;
    private readonly Gate? se_module;
    private readonly Chain? downsample;

    /// <param name="generator">Draws the weights.</param>
    /// <param name="inputs">C of the input.</param>
    /// <param name="narrow">C after the first 1x1 convolution.</param>
    /// <param name="width">C after the 3x3 convolution.</param>
    /// <param name="outputs">C of the result.</param>
    /// <param name="stride">Of the 3x3 convolution.</param>
    /// <param name="groups">Of the 3x3 convolution.</param>
    /// <param name="gated">Weighs the channels before the addition.</param>
    /// <param name="shortcutKernel">Side of the shortcut's convolution, where it needs one.</param>
    public Bottleneck(Generator generator, int inputs, int narrow, int width, int outputs, int stride, int groups = 1, bool gated = false, int shortcutKernel = 1)
        : base(nameof(Bottleneck))
    {
        conv1 = new Convolution(generator, inputs, narrow, 1);
        bn1 = BatchNorm2d(narrow);
        conv2 = new Convolution(generator, narrow, width, 3, stride, groups);
        bn2 = BatchNorm2d(width);
        conv3 = new Convolution(generator, width, outputs, 1);
        bn3 = BatchNorm2d(outputs);
        se_module = gated ? new Gate(generator, outputs) : null;
        downsample = Projection(generator, inputs, outputs, stride, shortcutKernel);
        RegisterComponents();
    }

    /// <summary>(B, inputs, H, W) to (B, outputs, H / stride, W / stride), values from 0.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = bn1.call(conv1.call(input)).relu_(); // (B, narrow, H, W)
        x = bn2.call(conv2.call(x)).relu_(); // (B, width, H / stride, W / stride)
        x = bn3.call(conv3.call(x)); // (B, outputs, H / stride, W / stride)
        Tensor shortcut = downsample?.call(input) ?? input;
        x = se_module is null ? x.add_(shortcut) : shortcut.addcmul(x, se_module.call(x), 1); // weighing and adding in one pass
        return x.relu_().MoveToOuterDisposeScope();
    }

    /// <summary>What fits a shortcut to a block's result; null where it fits already.</summary>
    public static Chain? Projection(Generator generator, int inputs, int outputs, int stride, int kernel = 1) =>
        inputs == outputs && stride == 1 ? null : new Chain(new Convolution(generator, inputs, outputs, kernel, stride), BatchNorm2d(outputs));

    /// <summary>A number from 0 to 1 for each channel of each image, (B, C, H, W) to (B, C, 1, 1); equations 2 and 3 of Hu et al. 2018.</summary>
    private sealed class Gate : Module<Tensor, Tensor>
    {
        private const int Reduction = 16; // r of the paper: channels over the gate's hidden ones

        private readonly Convolution fc1;
        private readonly Convolution fc2;

        public Gate(Generator generator, int channels)
            : base(nameof(Gate))
        {
            fc1 = new Convolution(generator, channels, channels / Reduction, 1, bias: true);
            fc2 = new Convolution(generator, channels / Reduction, channels, 1, bias: true);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = input.mean([2, 3], keepdim: true); // (B, C, 1, 1)
            x = fc1.call(x).relu_(); // (B, C / r, 1, 1)
            return fc2.call(x).sigmoid_().MoveToOuterDisposeScope(); // (B, C, 1, 1)
        }
    }
}
