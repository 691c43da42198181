using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// Densely connected networks with bottlenecks and compression, "DenseNet-BC" of growth rate 32 (Huang et al. 2017, table 1),
/// under torchvision's names. A layer reads all maps before it in its block.
/// </summary>
public sealed class DenseNet : Backbone
{
    private const string Paper = "Huang, Liu, van der Maaten, Weinberger 2017: Densely Connected Convolutional Networks, arXiv:1608.06993";
    private const int Growth = 32; // k of the paper: what a layer adds
    private const int Bottleneck = 4 * Growth;

    private readonly Layers features;

    private DenseNet(string architecture, BackboneOptions options, int n1, int n2, int n3, int n4)
        : base(architecture, PaddingStyle.Symmetric)
    {
        features = new Layers(options, [n1, n2, n3, n4]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int FeatureChannels => features.Outputs;

    /// <inheritdoc/>
    public override string ClassifierName => "classifier";

    internal static ImmutableArray<Architecture> Family { get; } =
    [
        Entry("densenet121", 7_978_856, 2_602_950_656, "densenet121-a639ec97.pth", 6, 12, 24, 16),
        Entry("densenet169", 14_149_480, 3_085_280_256, "densenet169-b2777c0a.pth", 6, 12, 32, 32),
        Entry("densenet201", 20_013_928, 3_901_197_312, "densenet201-c1103571.pth", 6, 12, 48, 32),
    ];

    // Fewer multiply-adds than others count, 2.83 thousand millions for the first: see Transition.
    private static Architecture Entry(string name, long parameters, long multiplyAdds, string file, int n1, int n2, int n3, int n4) => new(
        new ModelCard(name, 224, Normalisation.ImageNet, parameters, multiplyAdds, [new WeightSource("torchvision IMAGENET1K_V1", "BSD-3-Clause", file)], Paper),
        options => new DenseNet(name, options, n1, n2, n3, n4),
        HasStemPool: true);

    /// <summary>(B, 3, H, W) to (B, C, H / 32, W / 32), values from 0.</summary>
    public override Tensor forward(Tensor input) => features.call(input);

    private sealed class Layers : Module<Tensor, Tensor>
    {
        private readonly Convolution conv0;
        private readonly BatchNorm2d norm0;
        private readonly DenseBlock denseblock1;
        private readonly Transition transition1;
        private readonly DenseBlock denseblock2;
        private readonly Transition transition2;
        private readonly DenseBlock denseblock3;
        private readonly Transition transition3;
        private readonly DenseBlock denseblock4;
        private readonly BatchNorm2d norm5;

        private readonly bool _stemPool;

        public Layers(BackboneOptions options, int[] counts)
            : base(nameof(Layers))
        {
            Generator generator = options.Generator;
            _stemPool = options.StemPool;
            conv0 = new Convolution(generator, options.Channels, 2 * Growth, 7, 2);
            norm0 = BatchNorm2d(2 * Growth);
            denseblock1 = new DenseBlock(generator, 2 * Growth, counts[0]);
            transition1 = new Transition(generator, denseblock1.Outputs);
            denseblock2 = new DenseBlock(generator, transition1.Outputs, counts[1]);
            transition2 = new Transition(generator, denseblock2.Outputs);
            denseblock3 = new DenseBlock(generator, transition2.Outputs, counts[2]);
            transition3 = new Transition(generator, denseblock3.Outputs);
            denseblock4 = new DenseBlock(generator, transition3.Outputs, counts[3]);
            norm5 = BatchNorm2d(denseblock4.Outputs);
            RegisterComponents();
        }

        public int Outputs => denseblock4.Outputs;

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = norm0.call(conv0.call(input)).relu_(); // (B, 64, H / 2, W / 2)
            if (_stemPool)
                x = functional.max_pool2d(x, 3, 2, 1); // (B, 64, H / 4, W / 4); without it all maps are twice as large
            x = transition1.call(denseblock1.call(x)); // (B, 128, H / 8, W / 8)
            x = transition2.call(denseblock2.call(x)); // (B, 256, H / 16, W / 16)
            x = transition3.call(denseblock3.call(x)); // (B, C / 2, H / 32, W / 32), but for the widest networks
            x = denseblock4.call(x); // (B, C, H / 32, W / 32)
            return norm5.call(x).relu_().MoveToOuterDisposeScope();
        }
    }

    /// <summary>(B, C, H, W) to (B, C + 32 n, H, W): the input and what each of n layers adds to it.</summary>
    private sealed class DenseBlock : Module<Tensor, Tensor>
    {
        private readonly DenseLayer[] _layers;

        public DenseBlock(Generator generator, int inputs, int count)
            : base(nameof(DenseBlock))
        {
            _layers = [.. Enumerable.Range(0, count).Select(i => new DenseLayer(generator, inputs + i * Growth))];
            Outputs = inputs + count * Growth;
            for (int i = 0; i < count; i++)
                register_module($"denselayer{i + 1}", _layers[i]);
        }

        public int Outputs { get; }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = input;
            foreach (DenseLayer layer in _layers)
            {
                // Two tensors a time: joining the whole list copies as much, but its gradient is a sum of quadratically many slices.
                // Writing into one shared map, which copies least, is slower still: batch norm has no fast path for a slice.
                using Tensor added = layer.call(x);
                Tensor joined = cat([x, added], 1); // (B, C + 32 (i + 1), H, W)
                if (!ReferenceEquals(x, input))
                    x.Dispose(); // autograd keeps what it needs; predicting, only the last one is in memory
                x = joined;
            }
            return x.MoveToOuterDisposeScope();
        }
    }

    private sealed class DenseLayer : Module<Tensor, Tensor>
    {
        private readonly BatchNorm2d norm1;
        private readonly Convolution conv1;
        private readonly BatchNorm2d norm2;
        private readonly Convolution conv2;

        public DenseLayer(Generator generator, int inputs)
            : base(nameof(DenseLayer))
        {
            norm1 = BatchNorm2d(inputs);
            conv1 = new Convolution(generator, inputs, Bottleneck, 1);
            norm2 = BatchNorm2d(Bottleneck);
            conv2 = new Convolution(generator, Bottleneck, Growth, 3);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = conv1.call(norm1.call(input).relu_()); // (B, 128, H, W)
            return conv2.call(norm2.call(x).relu_()).MoveToOuterDisposeScope(); // (B, 32, H, W)
        }
    }

    /// <summary>Halves the channels and the sides.</summary>
    private sealed class Transition : Module<Tensor, Tensor>
    {
        private readonly BatchNorm2d norm;
        private readonly Convolution conv;

        public Transition(Generator generator, int inputs)
            : base(nameof(Transition))
        {
            norm = BatchNorm2d(inputs);
            Outputs = inputs / 2;
            conv = new Convolution(generator, inputs, Outputs, 1);
            RegisterComponents();
        }

        public int Outputs { get; }

        /// <summary>The paper averages after the 1x1 convolution; the two commute, and before it a quarter of the work is left.</summary>
        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = functional.avg_pool2d(norm.call(input).relu_(), 2, 2); // (B, C, H / 2, W / 2)
            return conv.call(x).MoveToOuterDisposeScope(); // (B, C / 2, H / 2, W / 2)
        }
    }
}
