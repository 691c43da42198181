using System.Collections.Immutable;
using Gradus.Imaging;
using TorchSharp;

namespace Gradus.Torch.Models;

/// <summary>The backbones that Gradus has.</summary>
public static class Zoo
{
    private const string He2016 = "He, Zhang, Ren, Sun 2016: Deep Residual Learning for Image Recognition, arXiv:1512.03385";
    private const string Sandler2018 = "Sandler, Howard, Zhu, Zhmoginov, Chen 2018: MobileNetV2: Inverted Residuals and Linear Bottlenecks, arXiv:1801.04381";

    private static readonly ImmutableArray<ModelCard> AllCards =
    [
        TorchvisionCard("mobilenet_v2", 3_504_872, Sandler2018),
        TorchvisionCard("resnet18", 11_689_512, He2016),
        TorchvisionCard("resnet34", 21_797_672, He2016),
        TorchvisionCard("resnet50", 25_557_032, He2016),
        TorchvisionCard("resnet101", 44_549_160, He2016),
    ];

    /// <summary>All names, by family and size.</summary>
    public static ImmutableArray<string> Names { get; } = [.. AllCards.Select(c => c.Name)];

    /// <summary>What is known about a network.</summary>
    /// <exception cref="GradusException">The name is unknown (fault: request).</exception>
    public static ModelCard Card(string name) => AllCards.FirstOrDefault(c => c.Name == name) ?? throw Unknown(name);

    /// <summary>Builds a network with random weights fixed by <paramref name="seed"/>, on the CPU, float32, in training mode.</summary>
    /// <exception cref="GradusException">The name is unknown, or the network does not exist with this padding (fault: request).</exception>
    public static Backbone Create(string name, PaddingStyle padding, long seed)
    {
        _ = Card(name);
        if (padding != PaddingStyle.Symmetric && name != "mobilenet_v2")
            throw new GradusException($"{name} pads symmetrically; only mobilenet_v2 has TensorFlow's padding too", found: "padding tf_same", remedy: "Use weights that were trained with symmetric padding", fault: Fault.Request);
        using var generator = new torch.Generator((ulong)RandomStream.Derive(seed, "backbone weights"));
        return name switch
        {
            "mobilenet_v2" => new MobileNetV2(generator, padding),
            "resnet18" => ResNet.ResNet18(generator),
            "resnet34" => ResNet.ResNet34(generator),
            "resnet50" => ResNet.ResNet50(generator),
            "resnet101" => ResNet.ResNet101(generator),
            _ => throw Unknown(name),
        };
    }

    private static ModelCard TorchvisionCard(string name, long parameters, string paper) =>
        new(name, 224, Normalisation.ImageNet, parameters, $"torchvision, weights IMAGENET1K_V1 of {name}", "BSD-3-Clause", paper);

    private static GradusException Unknown(string name)
    {
        string nearest = Names.MinBy(n => Distance(n, name))!;
        return new GradusException($"there is no backbone '{name}'", remedy: $"Did you mean {nearest}? There are {string.Join(", ", Names)}", fault: Fault.Request);
    }

    /// <summary>Edits (insert, delete, replace) between two names, whatever their case (Wagner and Fischer 1974).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
