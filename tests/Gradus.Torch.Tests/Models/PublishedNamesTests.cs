using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class PublishedNamesTests
{
    [Theory]
    [InlineData("resnet18", "fc", "torchvision")]
    [InlineData("resnext101_32x4d", "fc", "torchvision")]
    [InlineData("densenet121", "classifier", "torchvision")]
    [InlineData("mobilenet_v2", "classifier.1", "torchvision")]
    [InlineData("efficientnet_b0", "classifier.1", "torchvision")]
    [InlineData("se_resnext50_32x4d", "last_linear", "Cadene")]
    [InlineData("nasnetamobile", "last_linear", "Cadene")]
    public void Our_own_names_come_first(string architecture, string classifier, string convention)
    {
        List<WeightsEntry> golden = Golden(architecture);
        NameMatch match = Match(golden, classifier, golden);
        Assert.Equal(convention, match.Convention);
        Assert.All(match.FileNames, pair => Assert.Equal(pair.Key, pair.Value));
        Assert.Equal(golden.Count, match.FileNames.Count);
    }

    [Fact]
    public void Cadenes_numbered_resnext_pairs_with_ours_tensor_by_tensor()
    {
        List<WeightsEntry> ours = Golden("resnext101_32x4d"), theirs = Golden("resnext101_32x4d.cadene");
        AssertPaired(ours, "fc", theirs, "Cadene, numbered");
    }

    [Fact]
    public void Cadenes_resnet_differs_in_its_classifier_alone()
    {
        List<WeightsEntry> ours = Golden("resnet50");
        AssertPaired(ours, "fc", Renamed(ours, n => Regex.Replace(n, @"^fc\.", "last_linear.")), "Cadene");
    }

    [Fact]
    public void Torchvisions_published_densenet_has_dots_before_its_numbers()
    {
        List<WeightsEntry> ours = Golden("densenet121");
        List<WeightsEntry> theirs = Renamed(ours, n => n.Contains("denselayer", StringComparison.Ordinal) ? n.Replace("norm", "norm.", StringComparison.Ordinal).Replace("conv", "conv.", StringComparison.Ordinal) : n);
        Assert.Contains(theirs, t => t.Name == "features.denseblock1.denselayer1.norm.1.weight");
        AssertPaired(ours, "classifier", theirs, "torchvision, as first published");
    }

    [Theory]
    [InlineData("efficientnet_b0", "ds1c16 ir2c24 ir2c40k5 ir3c80 ir3c112k5 ir4c192k5 ir1c320", true)]
    [InlineData("mobilenet_v2", "ds1c16 ir2c24 ir3c32 ir4c64 ir3c96 ir3c160 ir1c320", false)]
    public void Timms_mobile_networks_pair_with_ours(string architecture, string stages, bool gates) =>
        AssertPaired(Golden(architecture), "classifier.1", TimmMobile(stages, gates), "timm");

    [Fact]
    public void Timms_gated_resnext_pairs_with_Cadenes() => AssertPaired(Golden("se_resnext50_32x4d"), "last_linear", TimmSeResNext(), "timm");

    [Theory]
    [InlineData("layer0.conv1.weight", "conv1.0.weight")]
    [InlineData("layer0.bn1.running_mean", "conv1.1.running_mean")]
    [InlineData("layer0.conv2.weight", "conv1.3.weight")]
    [InlineData("layer0.bn2.bias", "conv1.4.bias")]
    [InlineData("layer0.conv3.weight", "conv1.6.weight")]
    [InlineData("layer0.bn3.weight", "bn1.weight")]
    [InlineData("layer3.35.se_module.fc2.bias", "layer3.35.se.fc2.bias")]
    public void Timms_senet154_has_its_stem_in_a_sequence(string ours, string theirs)
    {
        WeightsEntry deep = new("layer0.conv3.weight", ScalarType.Float32, [128, 64, 3, 3]), own = new(ours, ScalarType.Float32, [7]);
        NameMatch match = PublishedNames.Match("last_linear", [own, deep], [new(theirs, ScalarType.Float32, [7]), new("conv1.6.weight", ScalarType.Float32, [128, 64, 3, 3])]);
        Assert.Equal(theirs, match.FileNames[ours]);
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("model.")]
    [InlineData("backbone.")]
    [InlineData("encoder.")]
    [InlineData("net.")]
    [InlineData("_orig_mod.")]
    [InlineData("_orig_mod.module.model.")]
    public void Wrappers_are_seen_through_with_and_without_the_head_inside(string prefix)
    {
        List<WeightsEntry> ours = Golden("resnet18");
        AssertPaired(ours, "fc", Renamed(ours, n => prefix + n), $"torchvision behind '{prefix}'");
        AssertPaired(ours, "fc", Renamed(ours, n => n.StartsWith("fc.", StringComparison.Ordinal) ? n : prefix + n), $"torchvision behind '{prefix}'");
    }

    [Fact]
    public void A_prefix_that_some_of_the_backbone_lacks_is_no_wrapper()
    {
        List<WeightsEntry> ours = Golden("resnet18");
        NameMatch match = Match(ours, "fc", Renamed(ours, n => n.StartsWith("layer4", StringComparison.Ordinal) ? n : "module." + n));
        Assert.Equal("", match.Prefix);
        Assert.DoesNotContain("conv1.weight", match.FileNames);
    }

    [Fact]
    public void The_other_networks_of_a_family_do_not_fit()
    {
        List<WeightsEntry> ours = Golden("resnet50"), theirs = Golden("resnext50_32x4d");
        NameMatch match = Match(ours, "fc", theirs);
        Assert.Contains(ours, o => match.FileNames.TryGetValue(o.Name, out string? name) && !PublishedNames.Fits(o, theirs.Single(t => t.Name == name), isInputLayer: false));
    }

    [Fact]
    public void Weights_under_Cadenes_numbers_give_Cadenes_logits()
    {
        const string Architecture = "resnext101_32x4d";
        Assert.SkipUnless(Zoo.Names.Contains(Architecture), $"the zoo has no {Architecture}");
        List<WeightsEntry> theirs = Golden(Architecture + ".cadene");
        using var scope = NewDisposeScope();
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = Architecture }, PaddingStyle.Symmetric, 1000, 1);
        Dictionary<string, Tensor> ours = model.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor);
        NameMatch match = Match([.. ours.Select(t => new WeightsEntry(t.Key, t.Value.dtype, [.. t.Value.shape]))], "fc", theirs);
        Dictionary<string, string> back = match.FileNames.ToDictionary(p => p.Value, p => p.Key);
        model.SetTraining(false, BatchNormMode.Train);
        using IDisposable noGrad = no_grad();
        uint t = 0;
        foreach (WeightsEntry entry in theirs.OrderBy(e => e.Name, StringComparer.Ordinal))
            ParityTests.Fill(entry.Name, ours[back[entry.Name]], t++);
        Tensor input = empty(2, 3, 224, 224);
        ParityTests.Fill(input, 999999, u => (u - 0.5) * 2);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(RealFiles.Golden(Architecture + ".cadene")));
        ParityTests.AssertLogits(golden.RootElement, model.call(input));
    }

    private static void AssertPaired(List<WeightsEntry> ours, string classifier, List<WeightsEntry> theirs, string convention)
    {
        NameMatch match = Match(ours, classifier, theirs);
        Assert.Equal(convention, match.Convention);
        Dictionary<string, WeightsEntry> byName = theirs.ToDictionary(t => t.Name, StringComparer.Ordinal);
        Assert.Equal(ours.Select(o => o.Name).Order(StringComparer.Ordinal), match.FileNames.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(theirs.Select(t => t.Name).Order(StringComparer.Ordinal), match.FileNames.Values.Order(StringComparer.Ordinal)); // each once
        Assert.All(ours, o => Assert.Equal(o.ShapeText, byName[match.FileNames[o.Name]].ShapeText));
        Assert.All(ours, o => Assert.Equal(o.Name.Split('.')[^1], match.FileNames[o.Name].Split('.')[^1])); // no mean for a variance
    }

    private static NameMatch Match(List<WeightsEntry> ours, string classifier, List<WeightsEntry> theirs) =>
        PublishedNames.Match(classifier, [.. ours.Where(o => !o.Name.StartsWith(classifier + ".", StringComparison.Ordinal))], theirs);

    private static List<WeightsEntry> Renamed(List<WeightsEntry> entries, Func<string, string> rename) => [.. entries.Select(e => e with { Name = rename(e.Name) })];

    private static List<WeightsEntry> Golden(string architecture)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(RealFiles.Golden(architecture)));
        return [.. golden.RootElement.GetProperty("state_dict").EnumerateObject().Select(p => new WeightsEntry(
            p.Name, p.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? ScalarType.Int64 : ScalarType.Float32, [.. p.Value.EnumerateArray().Select(d => d.GetInt64())]))];
    }

    /// <summary>A network as timm's builder makes it from its definition: depthwise-separable or inverted-residual stages.</summary>
    private static List<WeightsEntry> TimmMobile(string stages, bool gates)
    {
        List<WeightsEntry> all = [];
        Conv("conv_stem", 32, 3, 3);
        Norm("bn1", 32);
        long inputs = 32;
        int stage = 0;
        foreach (Match definition in Regex.Matches(stages, @"(?<kind>ds|ir)(?<n>\d)c(?<c>\d+)(k(?<k>\d))?"))
        {
            long outputs = long.Parse(definition.Groups["c"].Value, CultureInfo.InvariantCulture), kernel = definition.Groups["k"].Success ? 5 : 3;
            for (int i = 0; i < int.Parse(definition.Groups["n"].Value, CultureInfo.InvariantCulture); i++, inputs = outputs)
            {
                string block = $"blocks.{stage}.{i}";
                if (definition.Groups["kind"].Value == "ds")
                {
                    Conv($"{block}.conv_dw", inputs, 1, kernel);
                    Norm($"{block}.bn1", inputs);
                    Gate($"{block}.se", inputs, inputs / 4);
                    Conv($"{block}.conv_pw", outputs, inputs, 1);
                    Norm($"{block}.bn2", outputs);
                }
                else
                {
                    long hidden = 6 * inputs;
                    Conv($"{block}.conv_pw", hidden, inputs, 1);
                    Norm($"{block}.bn1", hidden);
                    Conv($"{block}.conv_dw", hidden, 1, kernel);
                    Norm($"{block}.bn2", hidden);
                    Gate($"{block}.se", hidden, inputs / 4);
                    Conv($"{block}.conv_pwl", outputs, hidden, 1);
                    Norm($"{block}.bn3", outputs);
                }
            }
            stage++;
        }
        Conv("conv_head", 1280, inputs, 1);
        Norm("bn2", 1280);
        all.AddRange([new("classifier.weight", ScalarType.Float32, [1000, 1280]), new("classifier.bias", ScalarType.Float32, [1000])]);
        return all;

        void Conv(string name, long outputs, long perGroup, long kernel) => all.Add(new($"{name}.weight", ScalarType.Float32, [outputs, perGroup, kernel, kernel]));
        void Norm(string name, long channels) => all.AddRange(NormOf(name, channels));
        void Gate(string name, long channels, long reduced)
        {
            if (!gates)
                return;
            Conv($"{name}.conv_reduce", reduced, channels, 1);
            Conv($"{name}.conv_expand", channels, reduced, 1);
            all.AddRange([new($"{name}.conv_reduce.bias", ScalarType.Float32, [reduced]), new($"{name}.conv_expand.bias", ScalarType.Float32, [channels])]);
        }
    }

    /// <summary>timm's ResNet of 50 layers, 32 groups of 4, with gates behind the third norm.</summary>
    private static List<WeightsEntry> TimmSeResNext()
    {
        List<WeightsEntry> all = [new("conv1.weight", ScalarType.Float32, [64, 3, 7, 7]), .. NormOf("bn1", 64)];
        long inputs = 64;
        foreach ((int layer, int count) in new[] { (1, 3), (2, 4), (3, 6), (4, 3) })
        {
            long width = 64L << layer, outputs = 2 * width;
            for (int i = 0; i < count; i++, inputs = outputs)
            {
                string block = $"layer{layer}.{i}";
                all.Add(new($"{block}.conv1.weight", ScalarType.Float32, [width, inputs, 1, 1]));
                all.Add(new($"{block}.conv2.weight", ScalarType.Float32, [width, width / 32, 3, 3]));
                all.Add(new($"{block}.conv3.weight", ScalarType.Float32, [outputs, width, 1, 1]));
                all.AddRange([.. NormOf($"{block}.bn1", width), .. NormOf($"{block}.bn2", width), .. NormOf($"{block}.bn3", outputs)]);
                all.AddRange([new($"{block}.se.fc1.weight", ScalarType.Float32, [outputs / 16, outputs, 1, 1]), new($"{block}.se.fc1.bias", ScalarType.Float32, [outputs / 16])]);
                all.AddRange([new($"{block}.se.fc2.weight", ScalarType.Float32, [outputs, outputs / 16, 1, 1]), new($"{block}.se.fc2.bias", ScalarType.Float32, [outputs])]);
                if (i == 0)
                    all.AddRange([new($"{block}.downsample.0.weight", ScalarType.Float32, [outputs, inputs, 1, 1]), .. NormOf($"{block}.downsample.1", outputs)]);
            }
        }
        all.AddRange([new("fc.weight", ScalarType.Float32, [1000, 2048]), new("fc.bias", ScalarType.Float32, [1000])]);
        return all;
    }

    private static ImmutableArray<WeightsEntry> NormOf(string name, long channels) =>
    [
        .. new[] { "weight", "bias", "running_mean", "running_var" }.Select(t => new WeightsEntry($"{name}.{t}", ScalarType.Float32, [channels])),
        new($"{name}.num_batches_tracked", ScalarType.Int64, []),
    ];
}
