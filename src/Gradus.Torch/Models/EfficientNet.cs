using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// EfficientNet B0 to B7 (Tan, Le 2019, table 1, scaled in width and depth by equation 3) under torchvision's names. In training
/// an image of the batch skips a block that has a shortcut with a probability that rises over the blocks from 0 to 0.2 (Huang et
/// al. 2016, arXiv:1603.09382), drawn from the engine's generator, which is seeded for each step.
/// </summary>
public sealed class EfficientNet : Backbone
{
    // Expansion t, kernel k, stride s of the first repetition, output channels c, repetitions n of B0; table 1 of the paper.
    private static readonly (int T, int K, int S, int C, int N)[] Stages =
        [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)];

    private const string Paper = "Tan, Le 2019: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, arXiv:1905.11946";

    private const double DeepestDrop = 0.2;

    private readonly Chain features;

    private EfficientNet(string architecture, BackboneOptions options, Scale scale)
        : base(architecture, options.Padding)
    {
        var parts = new Parts(options.Generator, options.Padding, scale.LargeNorm);
        int channels = scale.Channels(32);
        var layers = new List<Module<Tensor, Tensor>> { parts.ConvNormSilu(options.Channels, channels, 3, 2) };
        int total = Stages.Sum(stage => scale.Repetitions(stage.N)), place = 0;
        foreach ((int t, int k, int s, int c, int n) in Stages)
        {
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < scale.Repetitions(n); i++)
            {
                blocks.Add(new Block(parts, channels, scale.Channels(c), k, i == 0 ? s : 1, t, DeepestDrop * place++ / total));
                channels = scale.Channels(c);
            }
            layers.Add(new Chain(blocks));
        }
        FeatureChannels = 4 * channels;
        layers.Add(parts.ConvNormSilu(channels, FeatureChannels, 1));
        features = new Chain(layers);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int FeatureChannels { get; }

    /// <inheritdoc/>
    public override string ClassifierName => "classifier.1";

    // The sizes are those that torchvision evaluates its weights at; the paper has B2 at 260.
    internal static ImmutableArray<Architecture> Family { get; } =
    [
        Entry("efficientnet_b0", new Scale(1.0, 1.0), 224, 5_288_548, 385_814_752, "rwightman-7f5810bc", "c0e6a31c"),
        Entry("efficientnet_b1", new Scale(1.0, 1.1), 240, 7_794_184, 686_802_832, "rwightman-bac287d4", "99dd0c41"),
        Entry("efficientnet_b2", new Scale(1.1, 1.2), 288, 9_109_994, 1_087_529_456, "rwightman-c35c1473", "00306e48"),
        Entry("efficientnet_b3", new Scale(1.2, 1.4), 300, 12_233_232, 1_827_141_392, "rwightman-b3899882", "9d44bf68"),
        Entry("efficientnet_b4", new Scale(1.4, 1.8), 380, 19_341_616, 4_393_771_024, "rwightman-23ab8bcd", "d6313a46"),
        Entry("efficientnet_b5", new Scale(1.6, 2.2, LargeNorm: true), 456, 30_389_784, 10_266_384_752, "lukemelas-1a07897c", "6f26d0cf"),
        Entry("efficientnet_b6", new Scale(1.8, 2.6, LargeNorm: true), 528, 43_040_704, 19_067_593_536, "lukemelas-24a108a5", "51548356"),
        Entry("efficientnet_b7", new Scale(2.0, 3.1, LargeNorm: true), 600, 66_347_960, 37_745_884_192, "lukemelas-c5b4e57e", "1dbc32de"),
    ];

    private static Architecture Entry(string name, Scale scale, int size, long parameters, long multiplyAdds, string torchvision, string timm) => new(
        new ModelCard(
            name, size, Normalisation.ImageNet, parameters, multiplyAdds,
            [
                new WeightSource("torchvision IMAGENET1K_V1", "BSD-3-Clause", $"{name}_{torchvision}.pth"),
                new WeightSource($"timm tf_{name}.ns_jft_in1k (padding tf_same)", "Apache-2.0", $"tf_{name}_ns-{timm}.pth"),
            ],
            Paper),
        options => new EfficientNet(name, options, scale),
        HasTfPadding: true);

    /// <summary>(B, 3, H, W) to (B, C, H / 32, W / 32) rounded up, values from -0.28.</summary>
    public override Tensor forward(Tensor input) => features.call(input);

    /// <summary>How a network differs from B0.</summary>
    /// <param name="Width">Multiplies channels.</param>
    /// <param name="Depth">Multiplies repetitions.</param>
    /// <param name="LargeNorm">The batch norm has TensorFlow's constants, as torchvision's larger weights do.</param>
    private sealed record Scale(double Width, double Depth, bool LargeNorm = false)
    {
        private const int Multiple = 8;

        /// <summary>Rounded to the nearest multiple of 8, or to the next where that loses more than a tenth.</summary>
        public int Channels(int channels)
        {
            double exact = channels * Width;
            int rounded = Math.Max(Multiple, (int)(exact + Multiple / 2) / Multiple * Multiple);
            return rounded < 0.9 * exact ? rounded + Multiple : rounded;
        }

        public int Repetitions(int repetitions) => (int)Math.Ceiling(repetitions * Depth);
    }

    /// <summary>What all layers of one network have in common.</summary>
    private sealed record Parts(Generator Generator, PaddingStyle Padding, bool LargeNorm)
    {
        public Chain ConvNormSilu(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) =>
            new(new Convolution(Generator, inputs, outputs, kernel, stride, groups, Padding), Norm(outputs), new Silu());

        public Chain ConvNorm(int inputs, int outputs) => new(new Convolution(Generator, inputs, outputs, 1), Norm(outputs));

        // TensorFlow's weights come with its epsilon.
        private BatchNorm2d Norm(int channels) =>
            BatchNorm2d(channels, LargeNorm || Padding == PaddingStyle.TfSame ? 1e-3 : 1e-5, LargeNorm ? 0.01 : 0.1);
    }

    /// <summary>Expand, filter a channel at a time, weigh the channels, project without a nonlinearity.</summary>
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Chain block;
        private readonly bool _shortcut;
        private readonly double _drop;

        public Block(Parts parts, int inputs, int outputs, int kernel, int stride, int expansion, double drop)
            : base(nameof(Block))
        {
            int hidden = inputs * expansion;
            var layers = new List<Module<Tensor, Tensor>>();
            if (expansion != 1)
                layers.Add(parts.ConvNormSilu(inputs, hidden, 1));
            layers.Add(parts.ConvNormSilu(hidden, hidden, kernel, stride, hidden));
            layers.Add(new SqueezeExcitation(parts.Generator, hidden, Math.Max(1, inputs / 4)));
            layers.Add(parts.ConvNorm(hidden, outputs));
            block = new Chain(layers);
            _shortcut = stride == 1 && inputs == outputs;
            _drop = drop;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = block.call(input); // (B, outputs, H / stride, W / stride)
            if (_shortcut)
            {
                if (training && _drop > 0)
                    x = x.mul_(Kept(x));
                x = x.add_(input);
            }
            return x.MoveToOuterDisposeScope();
        }

        /// <summary>(B, 1, 1, 1): 0 for a row that skips the block, and so much for the others that the mean is 1.</summary>
        private Tensor Kept(Tensor x) => empty([x.shape[0], 1, 1, 1], x.dtype, x.device).bernoulli_(1 - _drop).div_(1 - _drop);
    }

    /// <summary>Multiplies each channel by a number in 0 to 1 that the means of all channels decide (Hu et al. 2018, arXiv:1709.01507).</summary>
    private sealed class SqueezeExcitation : Module<Tensor, Tensor>
    {
        private readonly Convolution fc1;
        private readonly Convolution fc2;

        public SqueezeExcitation(Generator generator, int channels, int squeezed)
            : base(nameof(SqueezeExcitation))
        {
            fc1 = new Convolution(generator, channels, squeezed, 1, bias: true);
            fc2 = new Convolution(generator, squeezed, channels, 1, bias: true);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor means = functional.adaptive_avg_pool2d(input, 1); // (B, C, 1, 1)
            Tensor weight = fc2.call(fc1.call(means).silu()).sigmoid_(); // (B, C, 1, 1)
            Tensor x = input.requires_grad ? input.mul(weight) : input.mul_(weight);
            return x.MoveToOuterDisposeScope();
        }
    }

    /// <summary>
    /// x * sigmoid(x); in place where nothing is learnt from it, so its input must be needed by nobody else. The gradient needs
    /// the input, and so in-place SiLU would copy it first.
    /// </summary>
    private sealed class Silu : Module<Tensor, Tensor>
    {
        public Silu()
            : base(nameof(Silu))
        {
        }

        public override Tensor forward(Tensor input) => input.requires_grad ? input.silu() : input.silu_();
    }
}
