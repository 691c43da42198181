using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gradus.Imaging;

/// <summary>
/// How a source image becomes the network's square of bytes. Immutable and refused at construction unless geometry comes before
/// colour and exactly one resize states the size, from which everything else derives.
/// </summary>
public sealed record Recipe
{
    /// <summary>Checks the order and the ranges of the steps.</summary>
    /// <exception cref="GradusException">No or several resizes, a geometric step after a colour step, or a parameter out of range.</exception>
    [JsonConstructor]
    public Recipe(ImmutableArray<RecipeStep> steps)
    {
        Steps = steps.IsDefault ? [] : steps;
        Resize[] sizes = [.. Steps.OfType<Resize>()];
        if (sizes.Length != 1)
            throw Wrong("a recipe states its size once, with one resize", $"{sizes.Length} resize steps", "Write for example recipe: [ crop_retina: {}, resize: { size: 224 } ]");
        for (int i = 1; i < Steps.Length; i++)
        {
            if (Steps[i].Stage < Steps[i - 1].Stage)
                throw Wrong("the order is geometry, then colour, then normalisation", $"{Name(Steps[i])} after {Name(Steps[i - 1])}", $"Move {Name(Steps[i])} before the colour steps");
            if (Steps[i] is CropRetina && Steps[i - 1] is Resize)
                throw Wrong("cropping after the resize would change the size again", "crop_retina after resize", "Move crop_retina before resize");
        }
        foreach (RecipeStep step in Steps)
            Check(step);
    }

    /// <summary>The steps in order.</summary>
    public ImmutableArray<RecipeStep> Steps { get; }

    /// <summary>Pixels a side of the result; the only place that says so.</summary>
    [JsonIgnore]
    public int Size => Steps.OfType<Resize>().Single().Size;

    /// <summary>True where the three channels of every result are equal.</summary>
    [JsonIgnore]
    public bool IsGrey => Steps.Aggregate(false, (grey, step) => step switch
    {
        Gray or BenGraham { Colour: false } => true,
        Clahe => false, // on green alone
        _ => grey,
    });

    /// <summary>SHA-256 over the canonical JSON of the steps and their versions; one part of every cache key.</summary>
    [JsonIgnore]
    public string Fingerprint => GradusJson.Fingerprint(this);

    /// <summary>Reads a recipe as a checkpoint or run stores it.</summary>
    /// <exception cref="GradusException">A step's version is not the one of this Gradus, so it would compute other pixels.</exception>
    public static Recipe FromJson(JsonNode json)
    {
        Recipe recipe = json.Deserialize<Recipe>(GradusJson.Compact) ?? throw new GradusException("the recipe is empty");
        JsonArray stored = json["steps"]!.AsArray();
        for (int i = 0; i < stored.Count; i++)
        {
            int version = stored[i]!["version"]?.GetValue<int>() ?? 1;
            if (version != recipe.Steps[i].Version)
                throw new GradusException($"{Name(recipe.Steps[i])} version {version} is not what this Gradus computes (version {recipe.Steps[i].Version})", remedy: "Use the Gradus that trained the checkpoint, or train again");
        }
        return recipe;
    }

    /// <summary>The step's name in experiment files.</summary>
    public static string Name(RecipeStep step) => step switch
    {
        CropRetina => "crop_retina",
        Imaging.Resize => "resize",
        Gray => "gray",
        BenGraham => "ben_graham",
        Median => "median",
        Clahe => "clahe",
        CircleMask => "circle_mask",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <inheritdoc/>
    public bool Equals(Recipe? other) => other is not null && Fingerprint == other.Fingerprint;

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Join(" → ", Steps.Select(Name)) + $" ({Size} px)";

    private static void Check(RecipeStep step)
    {
        (bool good, string rule, string found) = step switch
        {
            CropRetina s => (s.Tolerance is >= 0 and <= 254, "tolerance is 0 to 254", $"{s.Tolerance}"),
            Resize s => (s.Size is >= 8 and <= 4096, "size is 8 to 4096 pixels", $"{s.Size}"),
            BenGraham s => (s.Sigma is null or (> 0 and <= 1000), "sigma is above 0 and at most 1000 pixels", $"{s.Sigma}"),
            Median s => (s.Size is >= 3 and <= 99 && s.Size % 2 == 1, "size is odd, 3 to 99", $"{s.Size}"),
            Clahe s => (s is { Tiles: >= 1 and <= 64, Slope: >= 1 and <= 100 }, "tiles is 1 to 64 and slope 1 to 100", $"{s.Tiles} and {s.Slope}"),
            _ => (true, "", ""),
        };
        if (!good)
            throw Wrong($"{Name(step)}: {rule}", found, null);
    }

    private static GradusException Wrong(string problem, string found, string? remedy) => new(problem, found: found, remedy: remedy, fault: Fault.Request);
}
