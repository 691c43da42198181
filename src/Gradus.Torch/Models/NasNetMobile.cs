using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// NASNet-A (4 @ 1056) (Zoph et al. 2018, figure 4), 1056 feature channels, under the names of Cadene's pretrainedmodels. Where
/// it strides it pads as TensorFlow's "same" does, which the weights were trained with: for sizes that stay even, 32 n, that is
/// Cadene's network; other sizes, at which his maps do not fit together, work as well.
/// </summary>
public sealed class NasNetMobile : Backbone
{
    private const string Paper = "Zoph, Vasudevan, Shlens, Le 2018: Learning Transferable Architectures for Scalable Image Recognition, arXiv:1707.07012";

    private const int StemChannels = 32;

    // Places in a cell: its two inputs, then the five sums in their order.
    private const int Previous = 0;
    private const int Current = 1;
    private const int Sum = 2;

    private static readonly Plan Normal = new(
        Stride: 1,
        [
            (Separable(5, Current), Separable(3, Previous)),
            (Separable(5, Previous), Separable(3, Previous)),
            (Average(Current), Keep(Previous)),
            (Average(Previous), Average(Previous)),
            (Separable(3, Current), Keep(Current)),
        ],
        Output: [Previous, Sum, Sum + 1, Sum + 2, Sum + 3, Sum + 4]);

    private static readonly Plan Reduction = new(
        Stride: 2,
        [
            (Separable(5, Current), Separable(7, Previous)),
            (Max(Current), Separable(7, Previous)),
            (Average(Current), Separable(5, Previous)),
            (Average(Sum), Keep(Sum + 1)),
            (Separable(3, Sum), Max(Current)),
        ],
        Output: [Sum + 1, Sum + 2, Sum + 3, Sum + 4]);

    private static readonly (string Name, Plan Plan, int Filters)[] Cells =
    [
        ("cell_stem_0", Reduction, 11), ("cell_stem_1", Reduction, 22),
        ("cell_0", Normal, 44), ("cell_1", Normal, 44), ("cell_2", Normal, 44), ("cell_3", Normal, 44),
        ("reduction_cell_0", Reduction, 88),
        ("cell_6", Normal, 88), ("cell_7", Normal, 88), ("cell_8", Normal, 88), ("cell_9", Normal, 88),
        ("reduction_cell_1", Reduction, 176),
        ("cell_12", Normal, 176), ("cell_13", Normal, 176), ("cell_14", Normal, 176), ("cell_15", Normal, 176),
    ];

    private readonly ConvNorm conv0;
    private readonly ImmutableArray<Cell> _cells;

    private NasNetMobile(BackboneOptions options)
        : base("nasnetamobile", PaddingStyle.Symmetric)
    {
        Generator generator = options.Generator;
        conv0 = new ConvNorm(new Convolution(generator, options.Channels, StemChannels, 3, 2) { Margin = 0 }, StemChannels);
        RegisterComponents();
        var cells = ImmutableArray.CreateBuilder<Cell>(Cells.Length);
        (int previous, int current) = (StemChannels, StemChannels);
        Entry entry = Entry.Raw;
        foreach ((string name, Plan plan, int filters) in Cells)
        {
            var cell = new Cell(generator, plan, entry, previous, current, filters);
            register_module(name, cell);
            cells.Add(cell);
            (previous, current) = (current, plan.Output.Length * filters);
            // Where this cell halves the map, the next one's previous input is twice as large as its current input.
            entry = plan.Stride == 1 ? Entry.Projected : Entry.Halved;
        }
        _cells = cells.MoveToImmutable();
        FeatureChannels = current;
    }

    /// <summary>How the previous cell's input is brought to the current one's size and the cell's channels.</summary>
    private enum Entry
    {
        /// <summary>Not at all: the first cell has one input in both places.</summary>
        Raw,

        /// <summary>A 1x1 convolution.</summary>
        Projected,

        /// <summary>Two 1x1 convolutions of stride 2, the second over the map moved by one pixel.</summary>
        Halved,
    }

    private enum Operation
    {
        Keep,
        Separable,
        Max,
        Average,
    }

    /// <inheritdoc/>
    public override int FeatureChannels { get; }

    /// <inheritdoc/>
    public override string ClassifierName => "last_linear";

    internal static ImmutableArray<Architecture> Family { get; } =
    [
        new(
            new ModelCard(
                "nasnetamobile", 224, new Normalisation([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), 5_289_978, 563_638_816,
                [new WeightSource("Cadene pretrainedmodels imagenet", "BSD-3-Clause", "nasnetamobile-7e03cead.pth")], Paper),
            options => new NasNetMobile(options)),
    ];

    /// <summary>(B, 3, H, W) to (B, 1056, H / 32, W / 32), values from 0.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor current = conv0.call(input).relu_(); // (B, 32, (H - 1) / 2, (W - 1) / 2)
        Tensor previous = current;
        foreach (Cell cell in _cells)
            (previous, current) = (current, cell.call(previous, current));
        return current.MoveToOuterDisposeScope();
    }

    private static Branch Keep(int from) => new(Operation.Keep, from);

    private static Branch Separable(int kernel, int from) => new(Operation.Separable, from, kernel);

    private static Branch Max(int from) => new(Operation.Max, from);

    private static Branch Average(int from) => new(Operation.Average, from);

    /// <summary>An operation on the tensor at a place of the cell; pools have windows of 3x3.</summary>
    private readonly record struct Branch(Operation Operation, int From, int Kernel = 3);

    /// <summary>A kind of cell. <paramref name="Stride"/> is that of all operations on the inputs; those on sums have none.</summary>
    /// <param name="Stride">1 or 2.</param>
    /// <param name="Sums">What is added, pair by pair. A left branch is never <see cref="Operation.Keep"/>, so its tensor can take the sum.</param>
    /// <param name="Output">The places whose tensors are concatenated.</param>
    private sealed record Plan(int Stride, (Branch Left, Branch Right)[] Sums, int[] Output);

    /// <summary>
    /// (B, C', H', W') of the cell before the last and (B, C, H, W) of the last to (B, filters * outputs, H / stride, W / stride).
    /// In the paper each use of an input begins with a ReLU; here the cell's output ends with one instead, once for all uses.
    /// </summary>
    private sealed class Cell : Module<Tensor, Tensor, Tensor>
    {
        private readonly ConvNorm conv_1x1;
        private readonly ConvNorm? conv_prev_1x1;
        private readonly Path? path_1;
        private readonly Path? path_2;
        private readonly BatchNorm2d? final_path_bn;
        private readonly Plan _plan;
        private readonly Dictionary<(int Sum, bool Right), SeparablePair> _separables = [];

        public Cell(Generator generator, Plan plan, Entry entry, int previous, int current, int filters)
            : base(nameof(Cell))
        {
            _plan = plan;
            conv_1x1 = new ConvNorm(new Convolution(generator, current, filters, 1), filters);
            if (entry == Entry.Projected)
                conv_prev_1x1 = new ConvNorm(new Convolution(generator, previous, filters, 1), filters);
            if (entry == Entry.Halved)
            {
                path_1 = new Path(generator, previous, filters / 2);
                path_2 = new Path(generator, previous, filters / 2);
                final_path_bn = Norm(filters);
            }
            RegisterComponents();
            for (int i = 0; i < plan.Sums.Length; i++)
            {
                Add(i, right: false, plan.Sums[i].Left);
                Add(i, right: true, plan.Sums[i].Right);
            }

            void Add(int sum, bool right, Branch branch)
            {
                if (branch.Operation != Operation.Separable)
                    return;
                int inputs = branch.From == Previous && entry == Entry.Raw ? previous : filters;
                var module = new SeparablePair(generator, inputs, filters, branch.Kernel, Stride(branch));
                _separables[(sum, right)] = module;
                register_module($"comb_iter_{sum}_{(right ? "right" : "left")}", module);
            }
        }

        public override Tensor forward(Tensor previous, Tensor current)
        {
            using var scope = NewDisposeScope();
            var places = new Tensor[Sum + _plan.Sums.Length];
            var positive = new Tensor?[places.Length];
            places[Previous] = Enter(previous); // (B, filters, H, W), but the first cell's is (B, 32, H, W)
            places[Current] = conv_1x1.call(current); // (B, filters, H, W)
            for (int i = 0; i < _plan.Sums.Length; i++)
            {
                (Branch left, Branch right) = _plan.Sums[i];
                Tensor x = Apply(i, false, left);
                Tensor y = right == left ? x : Apply(i, true, right);
                places[Sum + i] = x.add_(y); // (B, filters, H / stride, W / stride)
            }
            return cat([.. _plan.Output.Select(o => places[o])], 1).relu_().MoveToOuterDisposeScope();

            Tensor Apply(int sum, bool right, Branch branch) => branch.Operation switch
            {
                Operation.Keep => places[branch.From],
                Operation.Separable => _separables[(sum, right)].call(positive[branch.From] ??= places[branch.From].relu()),
                _ => Pool(places[branch.From], branch.Operation, Stride(branch)),
            };
        }

        private int Stride(Branch branch) => branch.From < Sum ? _plan.Stride : 1;

        private Tensor Enter(Tensor previous)
        {
            if (path_1 is null || path_2 is null || final_path_bn is null)
                return conv_prev_1x1?.call(previous) ?? previous;
            using var scope = NewDisposeScope();
            Tensor moved = functional.pad(previous, (-1, 1, -1, 1)); // (B, C', H', W'), left and up by one, zeros behind
            return final_path_bn.call(cat([path_1.call(previous), path_2.call(moved)], 1)).MoveToOuterDisposeScope(); // (B, filters, H, W)
        }

        /// <summary>
        /// (B, C, H, W) to (B, C, H / stride, W / stride) rounded up, padded as TensorFlow's "same". With stride 2 an odd size has
        /// a margin on each side, and an even one has it behind only, which is what rounding up does.
        /// </summary>
        private static Tensor Pool(Tensor x, Operation operation, int stride)
        {
            long[] margin = stride == 1 ? [1, 1] : [x.shape[2] % 2, x.shape[3] % 2];
            return operation == Operation.Max
                ? functional.max_pool2d(x, [3, 3], [stride, stride], margin, ceil_mode: true)
                : functional.avg_pool2d(x, [3, 3], [stride, stride], margin, ceil_mode: true, count_include_pad: false);
        }
    }

    private static BatchNorm2d Norm(int channels) => BatchNorm2d(channels, eps: 0.001, momentum: 0.1);

    /// <summary>A convolution and its batch norm, under the names that a cell gives them.</summary>
    private sealed class ConvNorm : Module<Tensor, Tensor>
    {
        private readonly Convolution conv;
        private readonly BatchNorm2d bn;

        public ConvNorm(Convolution convolution, int outputs)
            : base(nameof(ConvNorm))
        {
            conv = convolution;
            bn = Norm(outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return bn.call(conv.call(input)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Every second pixel, projected: (B, C, H, W) to (B, outputs, H / 2, W / 2) rounded up.</summary>
    private sealed class Path : Module<Tensor, Tensor>
    {
        private readonly Convolution conv;

        public Path(Generator generator, int inputs, int outputs)
            : base(nameof(Path))
        {
            conv = new Convolution(generator, inputs, outputs, 1, 2);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => conv.call(input);
    }

    /// <summary>Two separable convolutions; the input is rectified already.</summary>
    private sealed class SeparablePair : Module<Tensor, Tensor>
    {
        private readonly SeparableConvolution separable_1;
        private readonly BatchNorm2d bn_sep_1;
        private readonly SeparableConvolution separable_2;
        private readonly BatchNorm2d bn_sep_2;

        public SeparablePair(Generator generator, int inputs, int outputs, int kernel, int stride)
            : base(nameof(SeparablePair))
        {
            separable_1 = new SeparableConvolution(generator, inputs, outputs, kernel, stride);
            bn_sep_1 = Norm(outputs);
            separable_2 = new SeparableConvolution(generator, outputs, outputs, kernel, 1);
            bn_sep_2 = Norm(outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor x = bn_sep_1.call(separable_1.call(input)).relu_(); // (B, outputs, H / stride, W / stride)
            return bn_sep_2.call(separable_2.call(x)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A filter a channel, then a 1x1 convolution.</summary>
    private sealed class SeparableConvolution : Module<Tensor, Tensor>
    {
        private readonly Convolution depthwise_conv2d;
        private readonly Convolution pointwise_conv2d;

        public SeparableConvolution(Generator generator, int inputs, int outputs, int kernel, int stride)
            : base(nameof(SeparableConvolution))
        {
            depthwise_conv2d = new Convolution(generator, inputs, inputs, kernel, stride, inputs, PaddingStyle.TfSame);
            pointwise_conv2d = new Convolution(generator, inputs, outputs, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return pointwise_conv2d.call(depthwise_conv2d.call(input)).MoveToOuterDisposeScope();
        }
    }
}
