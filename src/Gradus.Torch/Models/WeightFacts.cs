using System.Collections.Immutable;
using System.Globalization;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Models;

/// <summary>
/// What weights say about themselves in a file's metadata: keys <c>architecture</c>, <c>padding</c> (symmetric or tf_same),
/// <c>mean</c> and <c>std</c> (three numbers with commas, scale 0 to 1), <c>batch_norm</c> (a text that begins with "folded"). Where
/// there are none, a published file's name says architecture and padding.
/// </summary>
/// <param name="Architecture">The zoo's name, or null where the file does not say.</param>
/// <param name="Padding">Where strided convolutions put their zeros, or null where the file does not say.</param>
/// <param name="Normalisation">What the weights expect, or null where the file does not say.</param>
/// <param name="FoldedBatchNorm">True where batch norm was folded into the convolutions, so its layers must stay frozen.</param>
public sealed record WeightFacts(string? Architecture, PaddingStyle? Padding, Normalisation? Normalisation, bool FoldedBatchNorm)
{
    private const string Folded = "folded";

    /// <summary>Reads the facts; keys that are absent are null.</summary>
    /// <exception cref="GradusException">A key is there but cannot be understood.</exception>
    public static WeightFacts From(WeightsFile file)
    {
        KnownFile? known = KnownWeights.Find(file.Path);
        PaddingStyle? padding = Value(file, "padding") switch
        {
            null => known?.Padding,
            "symmetric" => PaddingStyle.Symmetric,
            "tf_same" => PaddingStyle.TfSame,
            string other => throw new GradusException("the metadata 'padding' is symmetric or tf_same", file.Path, $"'{other}'"),
        };
        ImmutableArray<double>? mean = Numbers(file, "mean"), std = Numbers(file, "std");
        if (mean is null != std is null)
            throw new GradusException("the metadata needs both mean and std, or neither", file.Path, mean is null ? "std alone" : "mean alone");
        Normalisation? normalisation = mean is null ? null : new Normalisation(mean.Value, std!.Value);
        return new WeightFacts(Value(file, "architecture") ?? known?.Architecture, padding, normalisation, Value(file, "batch_norm")?.StartsWith(Folded, StringComparison.Ordinal) == true);
    }

    /// <summary>The facts as metadata that <see cref="From"/> reads back to an equal record.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Architecture is not null)
            metadata["architecture"] = Architecture;
        if (Padding is { } padding)
            metadata["padding"] = Name(padding);
        if (Normalisation is not null)
        {
            metadata["mean"] = Text(Normalisation.Mean);
            metadata["std"] = Text(Normalisation.Std);
        }
        if (FoldedBatchNorm)
            metadata["batch_norm"] = Folded;
        return metadata;
    }

    /// <summary>The name of a padding in metadata.</summary>
    public static string Name(PaddingStyle padding) => padding == PaddingStyle.TfSame ? "tf_same" : "symmetric";

    private static string? Value(WeightsFile file, string key) => file.Metadata.TryGetValue(key, out string? value) ? value : null;

    private static string Text(ImmutableArray<double> values) => string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static ImmutableArray<double>? Numbers(WeightsFile file, string key)
    {
        if (Value(file, key) is not { } text)
            return null;
        var numbers = ImmutableArray.CreateBuilder<double>(3);
        foreach (string part in text.Split(','))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                throw new GradusException($"the metadata '{key}' is three numbers with commas", file.Path, $"'{text}'");
            numbers.Add(number);
        }
        return numbers.ToImmutable();
    }
}
