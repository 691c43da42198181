using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Runs;
using Gradus.Thresholds;

namespace Gradus.Torch.Checkpoints;

/// <summary>Everything but weights that a checkpoint needs to answer alone; kept as JSON in the metadata of its safetensors file.</summary>
public sealed record CheckpointInfo
{
    private const int ThisFormat = 1;

    /// <summary>The layout of this record.</summary>
    public int Format { get; init; } = ThisFormat;

    /// <summary>The grades.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>From source image to bytes.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>From bytes to input.</summary>
    public required Normalisation Normalisation { get; init; }

    /// <summary>Backbone, pooling and head; its weights path says where training started.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>What the outputs mean.</summary>
    public required Target Target { get; init; }

    /// <summary>Decoding before tuning.</summary>
    public required DecodingRule DefaultRule { get; init; }

    /// <summary>Decoding with the thresholds tuned on validation at this epoch.</summary>
    public required DecodingRule TunedRule { get; init; }

    /// <summary>The run's name.</summary>
    public required string Run { get; init; }

    /// <summary>What the run was started from; null for a run of its own.</summary>
    public RunParent? Parent { get; init; }

    /// <summary>Epochs trained, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The Gradus that wrote it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>What computed it; null in checkpoints of versions that did not say.</summary>
    public ComputedBy? ComputedBy { get; init; }

    /// <summary>What it was trained on.</summary>
    public required TrainedOn TrainedOn { get; init; }

    /// <summary>Mean loss on validation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>QWK on validation at default thresholds.</summary>
    public double? ValidationQwk { get; init; }

    /// <summary>QWK on validation at the thresholds that were tuned on it.</summary>
    public double? ValidationTunedQwk { get; init; }

    /// <summary>AUC on validation.</summary>
    public double? ValidationAuc { get; init; }

    /// <summary>What the tuned thresholds do to the shares of the grades on validation; null in checkpoints of earlier versions.</summary>
    public ThresholdEffect? ValidationEffect { get; init; }

    /// <summary>The checkpoints whose weights' mean this one has; empty for what training itself wrote.</summary>
    public ImmutableArray<AveragedCheckpoint> AverageOf { get; init; } = [];

    /// <summary>Reads the JSON of a checkpoint's metadata.</summary>
    /// <exception cref="GradusException">Not a Gradus checkpoint, or one of another layout.</exception>
    public static CheckpointInfo Parse(string json, string path)
    {
        try
        {
            JsonNode node = JsonNode.Parse(json) ?? throw new JsonException("null");
            int format = node["format"]?.GetValue<int>() ?? 0;
            if (format != ThisFormat)
                throw new GradusException("is a checkpoint of another layout", path, $"layout {format}, expected {ThisFormat}", "Use the Gradus that wrote it");
            Recipe.FromJson(node["recipe"] ?? throw new JsonException("no recipe")); // refuses steps of another version
            return node.Deserialize<CheckpointInfo>(GradusJson.Compact) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or FormatException)
        {
            throw new GradusException("its description cannot be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }
}
