using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// Residual networks (He et al. 2016, table 1) and their relatives with grouped convolutions (ResNeXt, Xie et al. 2017, table 1).
/// The bottleneck strides as torchvision's weights expect ("ResNet v1.5"), not in the first 1x1 convolution as the first paper does.
/// </summary>
public sealed class ResNet : Backbone
{
    private const string Paper = "He, Zhang, Ren, Sun 2016: Deep Residual Learning for Image Recognition, arXiv:1512.03385";
    private const string NextPaper = "Xie, Girshick, Dollár, Tu, He 2017: Aggregated Residual Transformations for Deep Neural Networks, arXiv:1611.05431";
    private const int Expansion = 4; // a bottleneck's output channels over its stage's width

    private readonly Convolution conv1;
    private readonly BatchNorm2d bn1;
    private readonly Chain layer1;
    private readonly Chain layer2;
    private readonly Chain layer3;
    private readonly Chain layer4;

    private readonly bool _stemPool;

    private ResNet(string architecture, BackboneOptions options, Blocks block, int n1, int n2, int n3, int n4)
        : base(architecture, PaddingStyle.Symmetric)
    {
        Generator generator = options.Generator;
        _stemPool = options.StemPool;
        int channels = 64;
        conv1 = new Convolution(generator, options.Channels, channels, 7, 2);
        bn1 = BatchNorm2d(channels);
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
                int step = i == 0 ? stride : 1;
                blocks.Add(block switch
                {
                    Blocks.Basic => new BasicBlock(generator, channels, width, step),
                    Blocks.Bottleneck => new Bottleneck(generator, channels, width, width, width * Expansion, step),
                    _ => new Bottleneck(generator, channels, width * 2, width * 2, width * Expansion, step, groups: 32), // 32 x 4 of 64, 32 x 8 of 128 …
                });
                channels = block == Blocks.Basic ? width : width * Expansion;
            }
            return new Chain(blocks);
        }
    }

    /// <inheritdoc/>
    public override int FeatureChannels { get; }

    /// <inheritdoc/>
    public override string ClassifierName => "fc";

    internal static ImmutableArray<Architecture> Family { get; } =
    [
        Entry("resnet18", 11_689_512, 1_814_073_344, [TorchVision("resnet18-f37072fd.pth")], Blocks.Basic, 2, 2, 2, 2),
        Entry("resnet34", 21_797_672, 3_663_761_408, [TorchVision("resnet34-b627a593.pth")], Blocks.Basic, 3, 4, 6, 3),
        Entry("resnet50", 25_557_032, 4_089_184_256, [TorchVision("resnet50-0676ba61.pth")], Blocks.Bottleneck, 3, 4, 6, 3),
        Entry("resnet101", 44_549_160, 7_801_405_440, [TorchVision("resnet101-63fe2227.pth")], Blocks.Bottleneck, 3, 4, 23, 3),
        Entry("resnet152", 60_192_808, 11_513_626_624, [TorchVision("resnet152-394f9c45.pth")], Blocks.Bottleneck, 3, 8, 36, 3),
        Entry("resnext50_32x4d", 25_028_904, 4_230_479_872, [TorchVision("resnext50_32x4d-7cdf4587.pth")], Blocks.Grouped, 3, 4, 6, 3),
        Entry(
            "resnext101_32x4d", 44_177_704, 7_969_996_800,
            [
                new WeightSource("timm resnext101_32x4d.gluon_in1k", "Apache-2.0", "gluon_resnext101_32x4d-b253c8c4.pth"),
                new WeightSource("Cadene pretrainedmodels imagenet, under its own names", "BSD-3-Clause", "resnext101_32x4d-29e315fa.pth"),
            ],
            Blocks.Grouped, 3, 4, 23, 3), // torchvision has no weights of this width
    ];

    private static Architecture Entry(string name, long parameters, long multiplyAdds, ImmutableArray<WeightSource> weights, Blocks block, int n1, int n2, int n3, int n4) => new(
        new ModelCard(name, 224, Normalisation.ImageNet, parameters, multiplyAdds, weights, block == Blocks.Grouped ? NextPaper : Paper),
        options => new ResNet(name, options, block, n1, n2, n3, n4),
        HasStemPool: true);

    private static WeightSource TorchVision(string file) => new("torchvision IMAGENET1K_V1", "BSD-3-Clause", file);

    /// <summary>(B, 3, H, W) to (B, C, H / 32, W / 32), values from 0.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = bn1.call(conv1.call(input)).relu_(); // (B, 64, H / 2, W / 2)
        if (_stemPool)
            x = functional.max_pool2d(x, 3, 2, 1); // (B, 64, H / 4, W / 4); without it all maps are twice as large
        x = layer2.call(layer1.call(x)); // (B, C / 4, H / 8, W / 8)
        x = layer4.call(layer3.call(x)); // (B, C, H / 32, W / 32)
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>What the stages are made of.</summary>
    private enum Blocks
    {
        Basic,
        Bottleneck,

        /// <summary>A bottleneck twice as wide whose 3x3 convolution has 32 groups: 32x4d.</summary>
        Grouped,
    }

    private sealed class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Convolution conv1;
        private readonly BatchNorm2d bn1;
        private readonly Convolution conv2;
        private readonly BatchNorm2d bn2;
        private readonly Chain? downsample;

        public BasicBlock(Generator generator, int inputs, int width, int stride)
            : base(nameof(BasicBlock))
        {
            conv1 = new Convolution(generator, inputs, width, 3, stride);
            bn1 = BatchNorm2d(width);
            conv2 = new Convolution(generator, width, width, 3);
            bn2 = BatchNorm2d(width);
            downsample = Bottleneck.Projection(generator, inputs, width, stride);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = bn1.call(conv1.call(input)).relu_(); // (B, width, H / stride, W / stride)
            x = bn2.call(conv2.call(x));
            return x.add_(downsample?.call(input) ?? input).relu_().MoveToOuterDisposeScope();
        }
    }
}
