using System.Security.Cryptography;
using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Tests.Checkpoints;

namespace Gradus.Torch.Tests.Models;

public sealed class KnownWeightsTests : IDisposable
{
    private static readonly byte[] Content = [1, 2, 3];
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content)); // 039058c6…

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mine-{0}.pth")]
    [InlineData("mine-{1}.th")]
    [InlineData("mine-00000000.pth")] // digits alone may be a date
    [InlineData("mine-deadbeef.pth")] // letters alone may be a word
    [InlineData("mine-0a1b2c3.pth")] // seven are too few
    [InlineData("mine-0a1b2c3d.safetensors")] // converted from a file of that name
    [InlineData("mine.pth")]
    public void A_name_that_states_its_own_hash_or_none_is_accepted(string name) =>
        KnownWeights.Check(_folder.Write(string.Format(null, name, Hash[..8], Hash), Content));

    [Theory]
    [InlineData("mine-0a1b2c3d.pth")]
    [InlineData("resnet18-f37072fd.pth")]
    [InlineData("mobilenet_v2_imagenet.safetensors")]
    public void A_name_that_states_another_hash_is_a_damaged_download(string name)
    {
        string path = _folder.Write(name, Content);
        GradusException e = Assert.Throws<GradusException>(() => KnownWeights.Check(path));
        Assert.Contains($"the download is damaged: its SHA-256 must begin {KnownWeights.Find(path)?.Sha256[..8] ?? "0a1b2c3d"}; found {Hash[..8]}", e.Message, StringComparison.Ordinal);
        Assert.Equal((path, Fault.Request), (e.Where, e.Fault));
    }

    [Fact]
    public void Every_known_file_states_the_hash_that_its_name_states()
    {
        Assert.All(KnownWeights.All, f => Assert.Matches("^[0-9a-f]{8,64}$", f.Sha256));
        Assert.All(KnownWeights.All.Where(f => f.Sha256.Length < 64), f => Assert.EndsWith($"-{f.Sha256}.pth", f.Name, StringComparison.Ordinal));
        Assert.Equal(KnownWeights.All.Count, KnownWeights.All.Select(f => f.Name).Distinct().Count());
        foreach (ModelCard card in Zoo.Cards)
            Assert.Contains(KnownWeights.All, f => f.Architecture == card.Name);
    }

    [Fact]
    public void A_published_name_says_architecture_and_padding()
    {
        Assert.Equal(("efficientnet_b0", PaddingStyle.TfSame), Facts("tf_efficientnet_b0_aa-827b6e33.pth"));
        Assert.Equal(("resnet50", PaddingStyle.Symmetric), Facts("resnet50-0676ba61.pth"));
        Assert.Equal((null, null), Facts("mine.pth"));
    }

    [Fact]
    public void Loading_a_backbone_checks_the_name_and_loading_a_checkpoint_does_not()
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18" }, PaddingStyle.Symmetric, 5, 1);
        string path = _folder.File("run-0a1b2c3d.pth");
        SafetensorsFile.Write(path, model.NamedTensors(), new Dictionary<string, string>());
        using WeightsFile file = WeightsFile.Open(path);
        model.Load(file, LoadScope.All);
        Assert.Contains("damaged", Assert.Throws<GradusException>(() => model.Load(file, LoadScope.Backbone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Real_files_have_the_hashes_of_their_names()
    {
        KnownWeights.Check(RealFiles.Weights("mobilenet_v2_imagenet.safetensors"));
        KnownWeights.Check(RealFiles.Weights("legacy/resnet20-12fca82f.th"));
        KnownWeights.Check(RealFiles.Weights("legacy/resnet20-12fca82f.safetensors"));
    }

    private (string?, PaddingStyle?) Facts(string name)
    {
        byte[] pickle = new PickleWriter().Dict(("a", w => w.Tensor("0", "Float", 1, 0, [1], [1]))).Done();
        using WeightsFile file = WeightsFile.Open(_folder.Write(name, PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(1))])));
        var facts = WeightFacts.From(file);
        return (facts.Architecture, facts.Padding);
    }
}
