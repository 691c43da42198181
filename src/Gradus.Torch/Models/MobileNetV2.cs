using System.Collections.Immutable;
using Gradus.Imaging;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>MobileNetV2 of width 1 (Sandler et al. 2018, table 2), 1280 feature channels.</summary>
public sealed class MobileNetV2 : Backbone
{
    // Expansion t, output channels c, repetitions n, stride s of the first repetition; table 2 of the paper.
    private static readonly (int T, int C, int N, int S)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private const string Paper = "Sandler, Howard, Zhu, Zhmoginov, Chen 2018: MobileNetV2: Inverted Residuals and Linear Bottlenecks, arXiv:1801.04381";

    private readonly Chain features;

    private MobileNetV2(BackboneOptions options)
        : base("mobilenet_v2", options.Padding)
    {
        (Generator generator, PaddingStyle padding) = (options.Generator, options.Padding);
        var layers = new List<Module<Tensor, Tensor>> { ConvNormRelu(generator, options.Channels, 32, 3, 2, 1, padding) };
        int channels = 32;
        foreach ((int t, int c, int n, int s) in Stages)
        {
            for (int i = 0; i < n; i++)
            {
                layers.Add(new InvertedResidual(generator, channels, c, i == 0 ? s : 1, t, padding));
                channels = c;
            }
        }
        layers.Add(ConvNormRelu(generator, channels, FeatureChannels, 1, 1, 1, padding));
        features = new Chain(layers);
        RegisterComponents();
    }

    internal static ImmutableArray<Architecture> Family { get; } =
    [
        new(
            new ModelCard("mobilenet_v2", 224, Normalisation.ImageNet, 3_504_872, 300_774_272, [new WeightSource("torchvision IMAGENET1K_V1", "BSD-3-Clause", "mobilenet_v2-b0353104.pth")], Paper),
            options => new MobileNetV2(options),
            HasTfPadding: true),
    ];

    /// <inheritdoc/>
    public override int FeatureChannels => 1280;

    /// <inheritdoc/>
    public override string ClassifierName => "classifier.1";

    /// <summary>(B, 3, H, W) to (B, 1280, H / 32, W / 32), values 0 to 6.</summary>
    public override Tensor forward(Tensor input) => features.call(input);

    private static Chain ConvNormRelu(Generator generator, int inputs, int outputs, int kernel, int stride, int groups, PaddingStyle padding) =>
        new(new Convolution(generator, inputs, outputs, kernel, stride, groups, padding), BatchNorm2d(outputs), new Relu6());

    /// <summary>Expand, filter a channel at a time, project without a nonlinearity; figure 3b of the paper.</summary>
    private sealed class InvertedResidual : Module<Tensor, Tensor>
    {
        private readonly Chain conv;
        private readonly bool _shortcut;

        public InvertedResidual(Generator generator, int inputs, int outputs, int stride, int expansion, PaddingStyle padding)
            : base(nameof(InvertedResidual))
        {
            int hidden = inputs * expansion;
            var layers = new List<Module<Tensor, Tensor>>();
            if (expansion != 1)
                layers.Add(ConvNormRelu(generator, inputs, hidden, 1, 1, 1, padding));
            layers.Add(ConvNormRelu(generator, hidden, hidden, 3, stride, hidden, padding));
            layers.Add(new Convolution(generator, hidden, outputs, 1));
            layers.Add(BatchNorm2d(outputs));
            conv = new Chain(layers);
            _shortcut = stride == 1 && inputs == outputs;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = conv.call(input); // (B, outputs, H / stride, W / stride)
            if (_shortcut)
                x = x.add_(input);
            return x.MoveToOuterDisposeScope();
        }
    }
}
