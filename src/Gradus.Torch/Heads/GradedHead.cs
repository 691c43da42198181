using System.Collections.Immutable;
using Gradus.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Heads;

/// <summary>
/// From a feature map to logits: pooling, the listed layers, and a final linear layer with one output for each that the target
/// asks for. Always computes in float32, whatever the backbone does.
/// </summary>
public sealed class GradedHead : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _layers;
#pragma warning disable IDE1006 // a field name is a key of the state dict
    private readonly Module<Tensor, Tensor> final;
#pragma warning restore IDE1006

    /// <summary>Builds the head with random weights fixed by <paramref name="seed"/>.</summary>
    /// <param name="featureChannels">C of the feature map.</param>
    /// <param name="pooling">How the map becomes a vector; gem learns its exponent.</param>
    /// <param name="layers">The layers between pooling and the final linear one.</param>
    /// <param name="outputs">M, what <see cref="Grading.Target.OutputCount"/> says.</param>
    /// <param name="seed">Fixes the weights.</param>
    /// <param name="sharedWeights">What <see cref="Grading.Target.SharesFinalWeights"/> says.</param>
    /// <exception cref="GradusException">A layer's number is out of its range (fault: request).</exception>
    public GradedHead(int featureChannels, Pooling pooling, ImmutableArray<HeadLayer> layers, int outputs, long seed, bool sharedWeights = false)
        : base(nameof(GradedHead))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        using var generator = new Generator((ulong)RandomStream.Derive(seed, "head weights"));
        var built = new List<Module<Tensor, Tensor>> { new Pool(pooling) };
        int width = pooling == Pooling.Concat ? 2 * featureChannels : featureChannels;
        foreach (HeadLayer layer in layers.IsDefault ? [] : layers)
        {
            built.Add(Build(layer, width, generator));
            width = layer is LinearLayer linear ? linear.Outputs : width;
        }
        _layers = [.. built];
        final = sharedWeights ? new SharedAffine(generator, width, outputs) : new Affine(generator, width, outputs);
        Outputs = outputs;
        for (int i = 0; i < _layers.Length; i++)
            register_module($"{i}", _layers[i]);
        RegisterComponents(); // the final layer, by its field
    }

    /// <summary>M, the logits of an image.</summary>
    public int Outputs { get; }

    /// <summary>The final layer's name among the head's tensors; elsewhere it goes by the backbone's published name.</summary>
    internal const string FinalName = nameof(final);

    /// <summary>Feature map (B, C, H, W) to float32 logits (B, M).</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input;
        foreach (Module<Tensor, Tensor> layer in _layers)
            x = layer.call(x); // (B, width)
        return final.call(x).MoveToOuterDisposeScope(); // (B, M)
    }

    private static Module<Tensor, Tensor> Build(HeadLayer layer, int width, Generator generator) => layer switch
    {
        DropoutLayer { Probability: >= 0 and < 1 } dropout => Dropout(dropout.Probability),
        DropoutLayer dropout => throw OutOfRange("dropout is at least 0 and below 1", $"{dropout.Probability}"),
        BatchNormLayer => BatchNorm1d(width),
        LinearLayer { Outputs: >= 1 and <= 65536 } linear => new Affine(generator, width, linear.Outputs),
        LinearLayer linear => throw OutOfRange("a linear layer has 1 to 65536 outputs", $"{linear.Outputs}"),
        ReluLayer => ReLU(),
        _ => throw new ArgumentOutOfRangeException(nameof(layer)),
    };

    private static GradusException OutOfRange(string rule, string found) => new($"head: {rule}", found: found, fault: Fault.Request);
}
