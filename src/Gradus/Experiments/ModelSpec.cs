using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>How a feature map (B, C, H, W) becomes a vector.</summary>
public enum Pooling
{
    /// <summary>Mean over H and W, (B, C).</summary>
    Avg,

    /// <summary>Maximum over H and W, (B, C).</summary>
    Max,

    /// <summary>Average and maximum side by side, (B, 2C).</summary>
    Concat,

    /// <summary>Generalised mean with a learned exponent that starts at 3, (B, C) (Radenović et al. 2018, eq. 3).</summary>
    Gem,
}

/// <summary>A layer of the head between the pooled vector and the final linear layer.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "layer")]
[JsonDerivedType(typeof(DropoutLayer), "dropout")]
[JsonDerivedType(typeof(BatchNormLayer), "batch_norm")]
[JsonDerivedType(typeof(LinearLayer), "linear")]
[JsonDerivedType(typeof(ReluLayer), "relu")]
public abstract record HeadLayer;

/// <summary>Dropout with the given probability, at least 0 and below 1.</summary>
public sealed record DropoutLayer(double Probability) : HeadLayer;

/// <summary>Batch normalisation of the vector.</summary>
public sealed record BatchNormLayer : HeadLayer;

/// <summary>A linear layer with the given number of outputs.</summary>
public sealed record LinearLayer(int Outputs) : HeadLayer;

/// <summary>Rectified linear unit.</summary>
public sealed record ReluLayer : HeadLayer;

/// <summary>A backbone, its pooling and its head; the final linear layer with the target's outputs is always there and not listed.</summary>
public sealed record ModelSpec
{
    /// <summary>A name of the zoo.</summary>
    public required string Backbone { get; init; }

    /// <summary>Pooling of the backbone's features.</summary>
    public Pooling Pool { get; init; } = Pooling.Avg;

    /// <summary>Layers between pooling and the final linear layer.</summary>
    public ImmutableArray<HeadLayer> Head { get; init; } = [];

    /// <summary>Channels of the input image: 3, or 1 for the first of a grey recipe's three equal ones.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>False leaves out the max-pool after the first convolution of networks that have one, for small images.</summary>
    public bool StemPool { get; init; } = true;

    /// <summary>A file with the backbone's weights, safetensors or PyTorch's, absolute; null starts from random weights.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// Which of several state dicts in a training checkpoint of PyTorch; null takes the only one, or the network's own.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WeightsKey { get; init; }
}
