using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Torch.Checkpoints;

/// <summary>Everything but weights that a checkpoint needs to answer alone; kept as JSON in the metadata of its safetensors file.</summary>
public sealed record CheckpointInfo
{
    /// <summary>The layout of this record.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The grades.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>From source image to bytes.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>From bytes to input.</summary>
    public required Normalisation Normalisation { get; init; }

    /// <summary>Backbone, pooling and head; its weights path says where training started.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>How the backbone pads.</summary>
    public required string Padding { get; init; }

    /// <summary>What the outputs mean.</summary>
    public required Target Target { get; init; }

    /// <summary>Decoding before tuning.</summary>
    public required DecodingRule DefaultRule { get; init; }

    /// <summary>Decoding with the thresholds tuned on validation at this epoch.</summary>
    public required DecodingRule TunedRule { get; init; }

    /// <summary>The run's name.</summary>
    public required string Run { get; init; }

    /// <summary>Epochs trained, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The Gradus that wrote it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>What it was trained on.</summary>
    public required TrainedOn TrainedOn { get; init; }

    /// <summary>QWK, AUC and loss on validation at default thresholds, for a person who looks into the file.</summary>
    public ImmutableSortedDictionary<string, double> Validation { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The grades at the tuned or the default thresholds.</summary>
    public DecodingRule Rule(bool tuned) => tuned ? TunedRule : DefaultRule;

    /// <summary>Reads the JSON of a checkpoint's metadata.</summary>
    /// <exception cref="GradusException">Not a Gradus checkpoint, or one of a later layout.</exception>
    public static CheckpointInfo Parse(string json, string path)
    {
        try
        {
            JsonNode node = JsonNode.Parse(json) ?? throw new JsonException("null");
            int format = node["format"]?.GetValue<int>() ?? 0;
            if (format != 1)
                throw new GradusException("is a checkpoint of another layout", path, $"layout {format}, expected 1", "Use the Gradus that wrote it");
            Recipe.FromJson(node["recipe"]!); // refuses steps of another version
            return node.Deserialize<CheckpointInfo>(GradusJson.Compact) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or NullReferenceException)
        {
            throw new GradusException("its description cannot be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }
}

/// <summary>What a checkpoint was trained on.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Fold">The fold that validated; null where the split came with the data.</param>
/// <param name="Folds">Of how many.</param>
/// <param name="Split">Fingerprint of the split.</param>
/// <param name="Hashes">The first eight bytes of each training image's content hash, sorted and joined, in base 64.</param>
public sealed record TrainedOn(int Images, int? Fold, int? Folds, string Split, string Hashes)
{
    private const int Prefix = 8;

    /// <summary>Joins the hashes of the training images.</summary>
    public static string Join(IEnumerable<ContentHash> hashes) =>
        Convert.ToBase64String([.. hashes.Select(h => h.Hex[..(2 * Prefix)]).Distinct().Order(StringComparer.Ordinal).SelectMany(Convert.FromHexString)]);

    /// <summary>Which of the given images the checkpoint has been trained on.</summary>
    public HashSet<ContentHash> Seen(IEnumerable<ContentHash> hashes)
    {
        byte[] joined = Convert.FromBase64String(Hashes);
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i + Prefix <= joined.Length; i += Prefix)
            known.Add(Convert.ToHexStringLower(joined, i, Prefix));
        return [.. hashes.Where(h => known.Contains(h.Hex[..(2 * Prefix)]))];
    }
}
