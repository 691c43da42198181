using System.Globalization;
using System.Text.RegularExpressions;

namespace Gradus.Torch.Models;

/// <summary>How a project names the tensors of the networks that it publishes.</summary>
/// <param name="Name">The project, for a person.</param>
/// <param name="Classifier">Its name for the final linear layer, a prefix without its dot; null where it is ours.</param>
/// <param name="Theirs">Our name of a backbone's tensor to theirs; null for a network that the convention does not know.</param>
internal sealed partial record NamingConvention(string Name, string? Classifier, Func<string, string?> Theirs)
{
    // Repetitions of MobileNetV2's stages (table 2 of its paper), which torchvision numbers through and timm does not.
    private static readonly int[] MobileNetStages = [1, 2, 3, 4, 3, 3, 1];

    private const string Timm = "timm";
    private const string Cadene = "Cadene";

    /// <summary>All but our own names, in the order in which they are tried.</summary>
    public static IReadOnlyList<NamingConvention> Others { get; } =
    [
        new(Cadene, "last_linear", name => name),
        new("torchvision, as first published", null, OldDenseNet),
        new($"{Cadene}, numbered", "last_linear", NumberedResNet),
        new(Timm, "fc", TimmSeNet),
        new(Timm, "fc", TimmSeNet154),
        new(Timm, "classifier", TimmEfficientNet),
        new(Timm, "classifier", TimmMobileNet),
    ];

    /// <summary>The names that our networks have: Cadene's where torchvision has no such network.</summary>
    public static NamingConvention Own(string classifier) => new(classifier == "last_linear" ? Cadene : "torchvision", null, name => name);

    /// <summary>Files of torchvision's DenseNet still have the names of its first version: <c>norm.1</c> for <c>norm1</c>.</summary>
    private static string? OldDenseNet(string ours) => ours.StartsWith("features.", StringComparison.Ordinal)
        ? DenseLayer().Replace(ours, "$1$2.$3")
        : null;

    /// <summary>
    /// Cadene's ResNeXt, converted from Lua: modules have no names, only places. A block is [ [ [conv1, bn1, relu, conv2, bn2, relu],
    /// conv3, bn3 ], shortcut ] inside two wrappers; the stages come after conv1, bn1, ReLU and max-pool.
    /// </summary>
    private static string? NumberedResNet(string ours)
    {
        if (ResidualBlock().Match(ours) is { Success: true } block)
        {
            string? place = block.Groups["part"].Value switch
            {
                "conv1" => "0.0.0.0",
                "bn1" => "0.0.0.1",
                "conv2" => "0.0.0.3",
                "bn2" => "0.0.0.4",
                "conv3" => "0.0.1",
                "bn3" => "0.0.2",
                "downsample.0" => "0.1.0",
                "downsample.1" => "0.1.1",
                _ => null,
            };
            return place is null ? null : $"features.{Number(block, "stage") + 3}.{block.Groups["block"].Value}.{place}.{block.Groups["tensor"].Value}";
        }
        return Moved(ours, "conv1.", "features.0.") ?? Moved(ours, "bn1.", "features.1.");
    }

    /// <summary>timm's SE-ResNeXt is its ResNet with gates; its max-pool begins one pixel earlier than Cadene's, so features shift by that.</summary>
    private static string? TimmSeNet(string ours) => Moved(ours, "layer0.conv1.", "conv1.") ?? Moved(ours, "layer0.bn1.", "bn1.") ?? Gated(ours);

    /// <summary>The stem of three convolutions is a sequence with its ReLUs, but for the last norm.</summary>
    private static string? TimmSeNet154(string ours) =>
        Moved(ours, "layer0.conv1.", "conv1.0.") ?? Moved(ours, "layer0.bn1.", "conv1.1.")
        ?? Moved(ours, "layer0.conv2.", "conv1.3.") ?? Moved(ours, "layer0.bn2.", "conv1.4.")
        ?? Moved(ours, "layer0.conv3.", "conv1.6.") ?? Moved(ours, "layer0.bn3.", "bn1.") ?? Gated(ours);

    private static string? Gated(string ours) => ResidualBlock().IsMatch(ours) ? ours.Replace(".se_module.", ".se.", StringComparison.Ordinal) : null;

    private static string? TimmEfficientNet(string ours)
    {
        if (MobileBlock().Match(ours) is not { Success: true } match)
            return TimmEnds(ours);
        int stage = Number(match, "stage") - 1; // theirs count from the first block, ours from the stem
        string? part = TimmPart(match.Groups["part"].Value, expands: stage > 0);
        return part is null ? null : $"blocks.{stage}.{match.Groups["block"].Value}.{part}.{match.Groups["tensor"].Value}";
    }

    private static string? TimmMobileNet(string ours)
    {
        if (MobileConv().Match(ours) is not { Success: true } match)
            return TimmEnds(ours);
        int stage = 0, block = Number(match, "place") - 1;
        while (stage < MobileNetStages.Length && block >= MobileNetStages[stage])
            block -= MobileNetStages[stage++];
        // The projection and its norm are a layer each here, and one layer of two in EfficientNet, which has a gate before them.
        string part = match.Groups["part"].Value switch
        {
            "1" => "2.0",
            "2" when stage == 0 => "2.1",
            "2" => "3.0",
            "3" => "3.1",
            string other => other,
        };
        return TimmPart(part, expands: stage > 0) is { } theirs ? $"blocks.{stage}.{block}.{theirs}.{match.Groups["tensor"].Value}" : null;
    }

    private static string? TimmEnds(string ours) => MobileEnd().Match(ours) is not { Success: true } end ? null
        : (end.Groups["place"].Value == "0", end.Groups["part"].Value == "0") switch
        {
            (true, true) => "conv_stem",
            (true, false) => "bn1",
            (false, true) => "conv_head",
            (false, false) => "bn2",
        } + "." + end.Groups["tensor"].Value;

    /// <summary>Expansion, filter, gate, projection; blocks of the first stage have no expansion, and their projection another name.</summary>
    private static string? TimmPart(string ours, bool expands) => (expands, ours) switch
    {
        (true, "0.0") => "conv_pw",
        (true, "0.1") => "bn1",
        (true, "1.0") => "conv_dw",
        (true, "1.1") => "bn2",
        (true, "2.fc1") or (false, "1.fc1") => "se.conv_reduce",
        (true, "2.fc2") or (false, "1.fc2") => "se.conv_expand",
        (true, "3.0") => "conv_pwl",
        (true, "3.1") => "bn3",
        (false, "0.0") => "conv_dw",
        (false, "0.1") => "bn1",
        (false, "2.0") => "conv_pw",
        (false, "2.1") => "bn2",
        _ => null,
    };

    private static string? Moved(string name, string from, string to) => name.StartsWith(from, StringComparison.Ordinal) ? to + name[from.Length..] : null;

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(features\.denseblock\d+\.denselayer\d+\.)(norm|conv)(\d)(?=\.)")]
    private static partial Regex DenseLayer();

    [GeneratedRegex(@"^layer(?<stage>\d)\.(?<block>\d+)\.(?<part>.+)\.(?<tensor>\w+)$")]
    private static partial Regex ResidualBlock();

    [GeneratedRegex(@"^features\.(?<stage>\d)\.(?<block>\d+)\.block\.(?<part>.+)\.(?<tensor>\w+)$")]
    private static partial Regex MobileBlock();

    [GeneratedRegex(@"^features\.(?<place>\d+)\.conv\.(?<part>.+)\.(?<tensor>\w+)$")]
    private static partial Regex MobileConv();

    [GeneratedRegex(@"^features\.(?<place>\d+)\.(?<part>[01])\.(?<tensor>\w+)$")]
    private static partial Regex MobileEnd();
}
