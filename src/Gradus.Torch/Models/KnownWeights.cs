using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Models;

/// <summary>A published file that is known by its name.</summary>
/// <param name="Name">The file's name, without folders.</param>
/// <param name="Architecture">The zoo's name of its network.</param>
/// <param name="Sha256">The SHA-256 of its bytes in hex: all 64 digits, or the first ones, which the name states.</param>
/// <param name="Padding">The padding that it was trained with.</param>
public sealed record KnownFile(string Name, string Architecture, string Sha256, PaddingStyle Padding);

/// <summary>
/// Published files of weights: those that the cards of the zoo name, and others of the same networks. PyTorch's convention is that
/// a name ends in the first eight or more digits of the file's SHA-256, so that a damaged download can be told.
/// </summary>
public static partial class KnownWeights
{
    /// <summary>All files by name.</summary>
    public static IReadOnlyList<KnownFile> All { get; } =
    [
        .. Zoo.Cards.SelectMany(card => card.Weights.Where(w => w.File is not null && Stated().IsMatch(w.File)).Select(w => Known(card.Name, w.File!))).Concat(
        [
            new("mobilenet_v2_imagenet.safetensors", "mobilenet_v2", "064acb00e39d5706efb3b98f25065bcca8eff2c7e3e79c56fb0abc3d3d138948", PaddingStyle.TfSame),

            // torchvision's second recipe, and its files of earlier years
            Known("mobilenet_v2", "mobilenet_v2-7ebf99e0.pth"),
            Known("resnet18", "resnet18-5c106cde.pth"),
            Known("resnet34", "resnet34-333f7ec4.pth"),
            Known("resnet50", "resnet50-11ad3fa6.pth"),
            Known("resnet50", "resnet50-19c8e357.pth"),
            Known("resnet101", "resnet101-cd907fc2.pth"),
            Known("resnet101", "resnet101-5d3b4d8f.pth"),
            Known("resnet152", "resnet152-f82ba261.pth"),
            Known("resnet152", "resnet152-b121ed2d.pth"),
            Known("resnext50_32x4d", "resnext50_32x4d-1a0047aa.pth"),
            Known("densenet121", "densenet121-a639ec97.pth"),
            Known("densenet161", "densenet161-8d451a50.pth"),
            Known("densenet169", "densenet169-b2777c0a.pth"),
            Known("densenet201", "densenet201-c1103571.pth"),
            Known("efficientnet_b0", "efficientnet_b0_rwightman-3dd342df.pth"),
            Known("efficientnet_b1", "efficientnet_b1_rwightman-533bc792.pth"),
            Known("efficientnet_b1", "efficientnet_b1-c27df63c.pth"),
            Known("efficientnet_b2", "efficientnet_b2_rwightman-bcdf34b7.pth"),
            Known("efficientnet_b3", "efficientnet_b3_rwightman-cf984f9c.pth"),
            Known("efficientnet_b4", "efficientnet_b4_rwightman-7eb33cd5.pth"),
            Known("efficientnet_b5", "efficientnet_b5_lukemelas-b6417697.pth"),
            Known("efficientnet_b6", "efficientnet_b6_lukemelas-c76e70fd.pth"),
            Known("efficientnet_b7", "efficientnet_b7_lukemelas-dcc49843.pth"),

            // Cadene
            Known("resnext101_32x4d", "resnext101_32x4d-29e315fa.pth"),
            Known("se_resnext50_32x4d", "se_resnext50_32x4d-a260b3a4.pth"),
            Known("se_resnext101_32x4d", "se_resnext101_32x4d-3b2fe3d8.pth"),
            Known("senet154", "senet154-c7b49a05.pth"),
            Known("nasnetamobile", "nasnetamobile-7e03cead.pth"),

            // timm
            Known("mobilenet_v2", "mobilenetv2_100_ra-b33bc2c4.pth"),
            Known("efficientnet_b0", "efficientnet_b0_ra-3dd342df.pth"),
            Known("efficientnet_b0", "tf_efficientnet_b0_aa-827b6e33.pth"),
            Known("efficientnet_b1", "tf_efficientnet_b1_aa-ea7a6ee0.pth"),
            Known("efficientnet_b2", "tf_efficientnet_b2_aa-60c94f97.pth"),
            Known("efficientnet_b3", "tf_efficientnet_b3_aa-84b4657e.pth"),
            Known("efficientnet_b4", "tf_efficientnet_b4_aa-818f208c.pth"),
            Known("efficientnet_b5", "tf_efficientnet_b5_ra-9a3e5369.pth"),
            Known("efficientnet_b6", "tf_efficientnet_b6_aa-80bd178a.pth"),
            Known("efficientnet_b7", "tf_efficientnet_b7_ra-6c08e654.pth"),
            Known("resnext101_32x4d", "gluon_resnext101_32x4d-b253c8c4.pth"),
            Known("se_resnext50_32x4d", "gluon_seresnext50_32x4d-90cf2d6e.pth"),
        ]).DistinctBy(f => f.Name).OrderBy(f => f.Name, StringComparer.Ordinal),
    ];

    private static readonly FrozenDictionary<string, KnownFile> ByName = All.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The known file of that name, or null; the content is not looked at.</summary>
    public static KnownFile? Find(string path) => ByName.GetValueOrDefault(Path.GetFileName(path));

    /// <summary>Refuses a file whose name states a hash that its content does not have: a damaged download.</summary>
    /// <exception cref="GradusException">The content is other than the name says, or cannot be read (fault: request).</exception>
    public static void Check(string path)
    {
        string name = Path.GetFileName(path);
        string? stated = ByName.TryGetValue(name, out KnownFile? known) ? known.Sha256 : HashIn(name);
        if (stated is null)
            return;
        using FileStream stream = WeightsFile.OpenStream(path);
        string actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (!actual.StartsWith(stated, StringComparison.Ordinal))
            throw new GradusException($"the download is damaged: its SHA-256 must begin {stated[..8]}", path, actual[..8], "Get the file again, or rename it if it is your own", Fault.Request);
    }

    /// <summary>The digits at the end of a name; a date has no letters and a word no digits.</summary>
    private static string? HashIn(string name) =>
        Stated().Match(name) is { Success: true } match && match.Groups[1].Value is var digits && digits.Any(char.IsAsciiDigit) && digits.Any(char.IsAsciiLetter) ? digits : null;

    private static KnownFile Known(string architecture, string name) => new(
        name, architecture, Stated().Match(name).Groups[1].Value, name.StartsWith("tf_", StringComparison.Ordinal) ? PaddingStyle.TfSame : PaddingStyle.Symmetric);

    // A safetensors file that was converted keeps such a name and has other bytes.
    [GeneratedRegex(@"-([0-9a-f]{8,64})\.(?:pth|pt|th)$")]
    private static partial Regex Stated();
}
