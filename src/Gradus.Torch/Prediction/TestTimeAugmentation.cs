using System.Globalization;
using System.Text.RegularExpressions;

namespace Gradus.Torch.Prediction;

/// <summary>What the scores of an image's views are averaged as.</summary>
public enum ViewAverage
{
    /// <summary>The linked outputs: probabilities, or the regressed grade.</summary>
    Probabilities,

    /// <summary>The logits, linked afterwards; a confident view weighs more.</summary>
    Logits,

    /// <summary>The image's places among all images, output by output. The result has the distribution of the mean logits, so that thresholds keep their meaning.</summary>
    Ranks,
}

/// <summary>Which views of an image are scored, and how their scores become one. The preparation before and the normalisation after remain the checkpoint's.</summary>
public abstract partial record TestTimeAugmentation
{
    private const int MostDraws = 1000;

    /// <summary>The image as it is, and nothing else.</summary>
    public static TestTimeAugmentation None { get; } = new NoViews();

    /// <summary>What is averaged.</summary>
    public ViewAverage Average { get; init; } = ViewAverage.Probabilities;

    /// <summary>V, the views of an image; the network's work is V times that of one.</summary>
    public abstract int Views { get; }

    /// <summary>Reads <c>none</c>, <c>flips</c>, <c>dihedral</c>, <c>scales</c>, <c>crops</c> or <c>random:N</c>.</summary>
    /// <exception cref="GradusException">Another word, or a number of draws out of range.</exception>
    public static TestTimeAugmentation Parse(string text, long seed = 0) => text switch
    {
        "none" => None,
        "flips" => new FlipViews(),
        "dihedral" => new DihedralViews(),
        "scales" => new ScaleViews(),
        "crops" => new CropViews(),
        _ when Random().Match(text) is { Success: true } match => int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out int draws) && draws is >= 1 and <= MostDraws
            ? new RandomViews(draws, seed)
            : throw new GradusException($"random views are 1 to {MostDraws}", found: text, fault: Fault.Request),
        _ => throw new GradusException("there is no such test-time augmentation (--tta)", found: $"'{text}'", remedy: NearestWord.Remedy(text, ["none", "flips", "dihedral", "scales", "crops", "random:8"], "The words are none, flips, dihedral, scales, crops and random:N"), fault: Fault.Request),
    };

    [GeneratedRegex(@"^random:(\d+)$")]
    private static partial Regex Random();
}

/// <summary>The image as it is.</summary>
public sealed record NoViews : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => 1;
}

/// <summary>As it is, mirrored, upside down, and both: 4 views that move pixels and change none.</summary>
public sealed record FlipViews : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => 4;
}

/// <summary>The eight symmetries of the square: the flips, and the flips of the transposed image.</summary>
public sealed record DihedralViews : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => 8;
}

/// <summary>As it is, and at 0.9 and 1.1 times its size about the centre; what a smaller image leaves free takes the colour of the edge.</summary>
public sealed record ScaleViews : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => 3;
}

/// <summary>The centre and the four corners, 0.9 of the width each, at the size of the whole.</summary>
public sealed record CropViews : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => 5;
}

/// <summary>
/// Random views: half of them mirrored, half transposed, turned by up to 15 degrees, at 0.9 to 1.1 of their size. What is drawn depends on
/// the seed and the image's content, not on the images beside it.
/// </summary>
/// <param name="Draws">V, 1 to 1000.</param>
/// <param name="Seed">Fixes the draws.</param>
public sealed record RandomViews(int Draws, long Seed) : TestTimeAugmentation
{
    /// <inheritdoc/>
    public override int Views => Draws;
}
