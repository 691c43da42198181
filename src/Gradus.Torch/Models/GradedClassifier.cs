using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Torch.Heads;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// A backbone and its head: normalised float images (B, 3, H, W) to float32 logits (B, M). Given bfloat16 images the backbone
/// computes in bfloat16 with float32 weights, and the head in float32.
/// </summary>
public sealed partial class GradedClassifier : Module<Tensor, Tensor>
{
    private const string HeadPrefix = "head.";

    private readonly Backbone backbone;
    private readonly GradedHead head;
    private readonly int _channels;
    private bool _channelsLast, _backboneLearns = true;

    /// <summary>Joins the two; the classifier owns and disposes both.</summary>
    /// <param name="backbone">The network without its head.</param>
    /// <param name="head">Pooling to logits.</param>
    /// <param name="channels">C of the backbone's input.</param>
    public GradedClassifier(Backbone backbone, GradedHead head, int channels = 3)
        : base(nameof(GradedClassifier))
    {
        (this.backbone, this.head, _channels) = (backbone, head, channels);
        Facts = new WeightFacts(backbone.Architecture, backbone.Padding, null, FoldedBatchNorm: false);
        RegisterComponents();
        foreach ((_, Tensor tensor) in NamedTensors())
            tensor.DetachFromDisposeScope(); // the network outlives a scope that it happened to be built in
    }

    /// <summary>The network without its head.</summary>
    public Backbone Backbone => backbone;

    /// <summary>Pooling to logits.</summary>
    public GradedHead Head => head;

    /// <summary>What a checkpoint of this network must say about its weights; loading adds what their file said.</summary>
    public WeightFacts Facts { get; private set; }

    /// <summary>The backbone's parameters under their published names.</summary>
    public ImmutableArray<(string Name, Parameter Parameter)> BackboneParameters => [.. Backbone.named_parameters()];

    /// <summary>The head's parameters under their published names.</summary>
    public ImmutableArray<(string Name, Parameter Parameter)> HeadParameters => [.. Head.named_parameters().Select(p => (HeadName(p.name), p.parameter))];

    /// <summary>Builds the network that a target asks for, with random weights fixed by <paramref name="seed"/>.</summary>
    public static GradedClassifier Create(ModelSpec spec, PaddingStyle padding, Target target, GradeScale scale, long seed) =>
        Create(spec, padding, target.OutputCount(scale), seed, target.SharesFinalWeights);

    /// <summary>Builds a network with random weights fixed by <paramref name="seed"/>.</summary>
    /// <param name="spec">Backbone, pooling, head; its weights are not read here.</param>
    /// <param name="padding">What the weights to come were trained with: <see cref="WeightFacts.Padding"/>.</param>
    /// <param name="outputs">M, what <see cref="Target.OutputCount"/> says.</param>
    /// <param name="seed">Fixes all weights.</param>
    /// <param name="sharedWeights">What <see cref="Target.SharesFinalWeights"/> says.</param>
    /// <exception cref="GradusException">The backbone is unknown or a layer is out of range (fault: request).</exception>
    public static GradedClassifier Create(ModelSpec spec, PaddingStyle padding, int outputs, long seed, bool sharedWeights = false)
    {
        Backbone backbone = Zoo.Create(spec, padding, seed);
        try
        {
            return new GradedClassifier(backbone, new GradedHead(backbone.FeatureChannels, spec.Pool, spec.Head, outputs, seed, sharedWeights), spec.Channels);
        }
        catch (GradusException)
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>(B, 3, H, W) to (B, M); a network of one channel takes the first of grey images' three equal ones.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Head.call(Features(input)).MoveToOuterDisposeScope(); // (B, M)
    }

    /// <summary>The backbone's half of <see cref="forward"/>: (B, 3, H, W) to the feature map (B, C, H / 32, W / 32) that the head is given.</summary>
    public Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = _channels < input.shape[1] ? input.narrow(1, 0, _channels) : input;
        x = _channelsLast ? Strides.ChannelsLast(x) : x;
        Tensor features = _backboneLearns ? Backbone.call(x) : Apart(x);
        return features.MoveToOuterDisposeScope(); // (B, C, H / 32, W / 32)
    }

    /// <summary>
    /// The full state, parameters and buffers, under published names: the backbone's at the root, the final linear layer under
    /// the backbone's classifier name, the rest of the head under <c>head.N</c>, N from 0 for the pooling. The tensors are the
    /// network's own, not copies.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> NamedTensors() =>
    [
        .. Backbone.state_dict().Select(p => (p.Key, p.Value)),
        .. Head.state_dict().Select(p => (HeadName(p.Key), p.Value)),
    ];

    /// <summary>Sets the mode of all layers and, when training, which backbone parameters learn.</summary>
    /// <param name="training">False evaluates: statistics stand still, no dropout; what learns is left as it was.</param>
    /// <param name="backboneBatchNorm">Frozen: the backbone's batch norms keep evaluating and their weight and bias do not learn.</param>
    /// <param name="freezeBackbone">True: nothing in the backbone moves, neither parameters nor statistics.</param>
    /// <exception cref="GradusException">The weights' batch norm was folded into the convolutions, so it cannot be trained (fault: request).</exception>
    public void SetTraining(bool training, BatchNormMode backboneBatchNorm, bool freezeBackbone = false)
    {
        bool normsStand = freezeBackbone || backboneBatchNorm == BatchNormMode.Frozen;
        if (training && Facts.FoldedBatchNorm && !normsStand)
            throw new GradusException("the weights' batch norm was folded into the convolutions, so it holds no statistics to train on", remedy: "Write train: { batch_norm: frozen }", fault: Fault.Request);
        train(training);
        if (!training)
            return;
        foreach ((_, Parameter parameter) in BackboneParameters)
            parameter.requires_grad = !freezeBackbone;
        _backboneLearns = !freezeBackbone;
        if (!normsStand)
            return;
        foreach (BatchNorm2d norm in Backbone.modules().OfType<BatchNorm2d>())
        {
            norm.eval();
            foreach ((_, Parameter parameter) in norm.named_parameters())
                parameter.requires_grad = false;
        }
    }

    /// <summary>
    /// Lays out the convolutions' weights, and from now on every input, with the channels innermost, which is about twice as
    /// fast on a CPU; shapes and values stay. Call it before an optimiser is made. There is no way back.
    /// </summary>
    public void ToChannelsLast()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((_, Parameter parameter) in BackboneParameters)
        {
            if (parameter.ndim == 4)
                parameter.set_(Strides.ChannelsLast(parameter));
        }
        _channelsLast = true;
    }

    // A backbone that learns nothing needs no graph, which saves the memory of its activations.
    private Tensor Apart(Tensor x)
    {
        using IDisposable noGrad = no_grad();
        return Backbone.call(x);
    }

    /// <summary>The modules inside backbone and head, with the names that their tensors begin with.</summary>
    internal IReadOnlyList<(string Name, Module Module)> NamedModules() =>
    [
        .. Backbone.named_modules().Select(m => (m.name, m.module)),
        .. Head.named_modules().Select(m => (HeadName(m.name), m.module)),
    ];

    private string HeadName(string name) => name == GradedHead.FinalName || name.StartsWith(GradedHead.FinalName + ".", StringComparison.Ordinal)
        ? Backbone.ClassifierName + name[GradedHead.FinalName.Length..]
        : HeadPrefix + name;
}
