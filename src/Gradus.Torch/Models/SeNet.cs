using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// Residual networks whose blocks weigh their channels (Hu et al. 2018: figure 3, table 1 and the appendix on SENet-154), under
/// the names of Cadene's pretrainedmodels. The stem's max-pool has no padding and rounds up.
/// </summary>
public sealed class SeNet : Backbone
{
    private const string Paper = "Hu, Shen, Albanie, Sun, Wu 2018: Squeeze-and-Excitation Networks, arXiv:1709.01507";
    private const int Expansion = 4; // a block's output channels over its stage's width

    private readonly Stem layer0;
    private readonly Chain layer1;
    private readonly Chain layer2;
    private readonly Chain layer3;
    private readonly Chain layer4;

    private readonly bool _stemPool;

    private SeNet(string architecture, BackboneOptions options, bool is154, int n1, int n2, int n3, int n4)
        : base(architecture, PaddingStyle.Symmetric)
    {
        Generator generator = options.Generator;
        _stemPool = options.StemPool;
        layer0 = new Stem(generator, options.Channels, deep: is154);
        int channels = layer0.Outputs;
        layer1 = Stage(64, n1, 1);
        layer2 = Stage(128, n2, 2);
        layer3 = Stage(256, n3, 2);
        layer4 = Stage(512, n4, 2);
        FeatureChannels = channels;
        RegisterComponents();

        Chain Stage(int width, int count, int stride)
        {
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < count; i++)
            {
                // The first 1x1 convolution of SENet-154 has half the channels of the 3x3, and where it strides the shortcut is 3x3.
                int step = i == 0 ? stride : 1;
                blocks.Add(is154
                    ? new Bottleneck(generator, channels, width * 2, width * 4, width * Expansion, step, groups: 64, gated: true, shortcutKernel: stride == 1 ? 1 : 3)
                    : new Bottleneck(generator, channels, width * 2, width * 2, width * Expansion, step, groups: 32, gated: true));
                channels = width * Expansion;
            }
            return new Chain(blocks);
        }
    }

    /// <inheritdoc/>
    public override int FeatureChannels { get; }

    /// <inheritdoc/>
    public override string ClassifierName => "last_linear";

    internal static ImmutableArray<Architecture> Family { get; } =
    [
        Entry("se_resnext50_32x4d", 27_559_896, 4_232_994_816, "se_resnext50_32x4d-a260b3a4.pth", is154: false, 3, 4, 6, 3),
        Entry("se_resnext101_32x4d", 48_955_416, 7_974_739_968, "se_resnext101_32x4d-3b2fe3d8.pth", is154: false, 3, 4, 23, 3),
        Entry("senet154", 115_088_984, 20_688_363_520, "senet154-c7b49a05.pth", is154: true, 3, 8, 36, 3),
    ];

    // The numbers were learned by the paper's authors, whose licence is Apache 2.0, and converted by Cadene.
    private static Architecture Entry(string name, long parameters, long multiplyAdds, string file, bool is154, int n1, int n2, int n3, int n4) => new(
        new ModelCard(name, 224, Normalisation.ImageNet, parameters, multiplyAdds, [new WeightSource("Cadene pretrainedmodels imagenet", "Apache-2.0", file)], Paper),
        options => new SeNet(name, options, is154, n1, n2, n3, n4),
        HasStemPool: true);

    /// <summary>(B, 3, H, W) to (B, 2048, H / 32, W / 32), values from 0.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = layer0.call(input); // (B, 64 or 128, H / 2, W / 2)
        if (_stemPool)
            x = functional.max_pool2d(x, 3, 2, ceil_mode: true); // (B, 64 or 128, H / 4, W / 4); without it all maps are twice as large
        x = layer2.call(layer1.call(x)); // (B, 512, H / 8, W / 8)
        x = layer4.call(layer3.call(x)); // (B, 2048, H / 32, W / 32)
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>One 7x7 convolution, or three 3x3 with the same view.</summary>
    private sealed class Stem : Module<Tensor, Tensor>
    {
        private readonly Convolution conv1;
        private readonly BatchNorm2d bn1;
        private readonly Convolution? conv2;
        private readonly BatchNorm2d? bn2;
        private readonly Convolution? conv3;
        private readonly BatchNorm2d? bn3;

        public Stem(Generator generator, int inputs, bool deep)
            : base(nameof(Stem))
        {
            Outputs = deep ? 128 : 64;
            conv1 = new Convolution(generator, inputs, 64, deep ? 3 : 7, 2);
            bn1 = BatchNorm2d(64);
            if (deep)
            {
                conv2 = new Convolution(generator, 64, 64, 3);
                bn2 = BatchNorm2d(64);
                conv3 = new Convolution(generator, 64, Outputs, 3);
                bn3 = BatchNorm2d(Outputs);
            }
            RegisterComponents();
        }

        public int Outputs { get; }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = bn1.call(conv1.call(input)).relu_(); // (B, 64, H / 2, W / 2)
            if (conv2 is not null)
            {
                x = bn2!.call(conv2.call(x)).relu_();
                x = bn3!.call(conv3!.call(x)).relu_(); // (B, 128, H / 2, W / 2)
            }
            return x.MoveToOuterDisposeScope();
        }
    }
}
