using System.Text.Json;
using System.Text.Json.Serialization;
using Gradus.Thresholds;

namespace Gradus.Experiments;

/// <summary>Which thresholds are tuned on validation, and how.</summary>
/// <remarks>In JSON it is one word, <c>"shared"</c> or <c>"per_output"</c>, where nothing else is said, and an object elsewhere.</remarks>
[JsonConverter(typeof(ThresholdSpecJson))]
public sealed record ThresholdSpec
{
    /// <summary>For cumulative outputs: one threshold for all, or one an output.</summary>
    public ThresholdTuning Outputs { get; init; } = ThresholdTuning.Shared;

    /// <summary>Which of all thresholds are taken.</summary>
    public CutPointChoice Choice { get; init; } = CutPointChoice.Optimum;

    /// <summary>For <see cref="CutPointChoice.Shrunk"/>: 0 is the optimum, 1 the default.</summary>
    public double Shrink { get; init; } = CutPointOptions.UsualShrink;

    /// <summary>For one an output: none is below that of the output before it.</summary>
    public bool Ordered { get; init; }

    /// <summary>How far they may go; null where they are free.</summary>
    public ThresholdBounds? Bounds { get; init; }

    /// <summary>The optimum of one kind of threshold, free.</summary>
    public static implicit operator ThresholdSpec(ThresholdTuning outputs) => new() { Outputs = outputs };

    /// <summary>The same as options of a fit.</summary>
    /// <param name="seed">Fixes resamples and restarts.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    internal CutPointOptions Options(long seed, int resamples) =>
        new() { Outputs = Outputs, Choice = Choice, Shrink = Shrink, Ordered = Ordered, Bounds = Bounds, Seed = seed, Resamples = resamples };
}

/// <summary>One word where it says all, so that runs of an earlier Gradus and of this one read alike.</summary>
internal sealed class ThresholdSpecJson : JsonConverter<ThresholdSpec>
{
    public override ThresholdSpec Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return JsonSerializer.Deserialize<ThresholdTuning>(ref reader, options);
        Whole whole = JsonSerializer.Deserialize<Whole>(ref reader, options) ?? throw new JsonException("no thresholds");
        return new ThresholdSpec { Outputs = whole.Outputs, Choice = whole.Choice, Shrink = whole.Shrink, Ordered = whole.Ordered, Bounds = whole.Bounds };
    }

    public override void Write(Utf8JsonWriter writer, ThresholdSpec value, JsonSerializerOptions options)
    {
        if (value == (ThresholdSpec)value.Outputs)
            JsonSerializer.Serialize(writer, value.Outputs, options);
        else
            JsonSerializer.Serialize(writer, new Whole(value.Outputs, value.Choice, value.Shrink, value.Ordered, value.Bounds), options);
    }

    private sealed record Whole(ThresholdTuning Outputs, CutPointChoice Choice, double Shrink, bool Ordered, ThresholdBounds? Bounds);
}
