using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Tests.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class LoadTests : IDisposable
{
    private static readonly ModelSpec Rich = new() { Backbone = "resnet18", Pool = Pooling.Gem, Head = [new BatchNormLayer(), new LinearLayer(8)] };
    private static readonly ModelSpec Plain = new() { Backbone = "resnet18" };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_checkpoint_fills_another_network_bit_for_bit()
    {
        GradedClassifier trained = Model(Rich, 4, seed: 1), fresh = Model(Rich, 4, seed: 2);
        trained.call(ones(2, 3, 64, 64)); // moves the statistics
        fresh.ToChannelsLast();
        using WeightsFile file = Saved(trained.NamedTensors(), trained.Facts.ToMetadata());
        LoadReport report = fresh.Load(file, LoadScope.All);
        Assert.Equal((0, 0, 0, null), (report.Missing.Length, report.Unexpected.Length, report.WrongShape.Length, report.SkippedClassifier));
        Assert.All(trained.NamedTensors().Zip(fresh.NamedTensors()), pair => Assert.True(pair.First.Tensor.Equals(pair.Second.Tensor), pair.First.Name));
        Assert.Equal(1, fresh.NamedTensors().Single(t => t.Name == "layer2.0.conv1.weight").Tensor.stride(1));
    }

    [Fact]
    public void A_classifier_of_another_size_is_left_out_and_said()
    {
        GradedClassifier published = Model(Plain, 1000, seed: 1), model = Model(Rich, 4, seed: 2);
        Tensor headBefore = Get(model, "fc.weight").clone();
        using WeightsFile file = Saved(published.NamedTensors());
        LoadReport report = model.Load(file, LoadScope.Backbone);
        Assert.Equal("fc (1000x512)", report.SkippedClassifier);
        Assert.Contains("fc.weight (1000x512, not 4x8)", report.WrongShape);
        Assert.Contains("head.0.p", report.Missing);
        Assert.True(Get(model, "layer3.0.conv1.weight").Equals(Get(published, "layer3.0.conv1.weight")));
        Assert.True(Get(model, "fc.weight").Equals(headBefore));
        Assert.Contains("load the backbone alone", Assert.Throws<GradusException>(() => model.Load(file, LoadScope.All)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_backbone_alone_leaves_even_a_fitting_head_and_says_so()
    {
        GradedClassifier parent = Model(Rich, 4, seed: 1), model = Model(Rich, 4, seed: 2);
        using WeightsFile file = Saved(parent.NamedTensors());
        LoadReport report = model.Load(file, LoadScope.Backbone);
        Assert.Contains("head.2.weight", report.Unexpected);
        Assert.Equal("fc (4x8)", report.SkippedClassifier);
        Assert.False(Get(model, "fc.weight").Equals(Get(parent, "fc.weight")));
    }

    [Theory]
    [InlineData(ScalarType.Float16, 1e-3)]
    [InlineData(ScalarType.BFloat16, 1e-2)]
    [InlineData(ScalarType.Float64, 0)]
    public void Other_floats_are_cast_to_float32(ScalarType type, double tolerance)
    {
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain, 5, seed: 2);
        using WeightsFile file = Saved([.. published.NamedTensors().Select(t => (t.Name, t.Tensor.is_floating_point() ? t.Tensor.to(type) : t.Tensor))]);
        model.Load(file, LoadScope.All);
        Tensor loaded = Get(model, "conv1.weight");
        Assert.Equal(ScalarType.Float32, loaded.dtype);
        Assert.True(loaded.allclose(Get(published, "conv1.weight"), tolerance, tolerance));
    }

    [Fact]
    public void Counters_of_batches_may_be_missing()
    {
        GradedClassifier model = Model(Plain, 5, seed: 1);
        using WeightsFile file = Saved([.. model.NamedTensors().Where(t => !t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))]);
        LoadReport report = model.Load(file, LoadScope.All);
        Assert.Equal(20, report.Missing.Length);
    }

    [Fact]
    public void What_does_not_fit_is_listed_at_once_and_nothing_is_touched()
    {
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain, 5, seed: 2);
        Dictionary<string, Tensor> before = model.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.clone());
        (string, Tensor)[] tensors =
        [
            .. published.NamedTensors().Where(t => !t.Name.StartsWith("layer4", StringComparison.Ordinal) && t.Name is not ("bn1.weight" or "conv1.weight")),
            ("bn1.weight", ones(65)), ("conv1.weight", ones([64, 3, 7, 7], ScalarType.Int32)), ("module.x", ones(1)),
        ];
        using WeightsFile file = Saved(tensors);
        string message = Assert.Throws<GradusException>(() => model.Load(file, LoadScope.Backbone)).Message;
        Assert.Contains("25 missing: layer4.0.", message, StringComparison.Ordinal);
        Assert.Equal(5, message.Split("layer4").Length - 1);
        Assert.Contains("1 unexpected: module.x", message, StringComparison.Ordinal);
        Assert.Contains("2 of another shape: ", message, StringComparison.Ordinal);
        Assert.Contains("bn1.weight (65, not 64)", message, StringComparison.Ordinal);
        Assert.Contains("conv1.weight (Int32, not Float32)", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.All(model.NamedTensors(), t => Assert.True(t.Tensor.Equals(before[t.Name]), t.Name));
    }

    [Fact]
    public void Wrapped_names_of_others_are_found_and_the_report_says_whose()
    {
        GradedClassifier published = Model(Plain, 1000, seed: 1), model = Model(Rich, 4, seed: 2);
        using WeightsFile file = Saved([.. published.NamedTensors().Select(t => ("module." + t.Name.Replace("fc.", "last_linear.", StringComparison.Ordinal), t.Tensor))]);
        LoadReport report = model.Load(file, LoadScope.Backbone);
        Assert.Equal(("Cadene behind 'module.'", "module.last_linear (1000x512)"), (report.Convention, report.SkippedClassifier));
        Assert.True(Get(model, "layer3.0.conv1.weight").Equals(Get(published, "layer3.0.conv1.weight")));
    }

    [Fact]
    public void What_lies_beside_the_backbone_is_left_out_by_name_and_what_lies_within_it_stops()
    {
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain, 5, seed: 2);
        using WeightsFile beside = Saved([.. published.NamedTensors(), ("projector.0.weight", ones(8, 512)), ("queue", ones(4, 4))]);
        Assert.Equal(["projector.0.weight", "queue"], model.Load(beside, LoadScope.Backbone).Unexpected.Where(n => !n.StartsWith("fc", StringComparison.Ordinal)).Order());
        Assert.True(Get(model, "layer3.0.conv1.weight").Equals(Get(published, "layer3.0.conv1.weight")));

        using WeightsFile deeper = Saved([.. published.NamedTensors(), ("layer3.7.conv1.weight", ones(8, 8, 3, 3)), ("queue", ones(4, 4))]);
        Assert.Contains("layer3.7.conv1.weight", Assert.Throws<GradusException>(() => model.Load(deeper, LoadScope.Backbone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_of_several_layers_is_left_out_as_well()
    {
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain, 5, seed: 2);
        using WeightsFile file = Saved([.. published.NamedTensors().Where(t => t.Name != "fc.weight" && t.Name != "fc.bias"), ("fc.0.weight", ones(8, 512)), ("fc.2.weight", ones(5, 8))]);
        Assert.Equal(["fc.0.weight", "fc.2.weight"], model.Load(file, LoadScope.Backbone).Unexpected.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void The_first_convolution_is_adapted_to_the_channels_of_the_images(int channels)
    {
        using var scope = NewDisposeScope();
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain with { Channels = channels }, 5, seed: 2);
        using WeightsFile file = Saved(published.NamedTensors());
        LoadReport report = model.Load(file, LoadScope.Backbone);
        Assert.Contains("conv1.weight: its 3 input channels were", report.AdaptedInput, StringComparison.Ordinal);

        Tensor weight = Get(published, "conv1.weight"), adapted = Get(model, "conv1.weight");
        for (int c = 0; c < channels; c++)
            Assert.True(adapted.select(1, c).allclose(channels == 1 ? weight.sum(1) : weight.select(1, c % 3) * (3f / channels), 1e-5, 1e-6));
        Assert.Throws<GradusException>(() => model.Load(file, LoadScope.All)); // a checkpoint fits exactly
    }

    [Fact]
    public void A_grey_image_of_one_channel_gives_what_three_equal_channels_gave()
    {
        using var scope = NewDisposeScope();
        GradedClassifier published = Model(Plain, 5, seed: 1), model = Model(Plain with { Channels = 1 }, 5, seed: 2);
        using WeightsFile file = Saved(published.NamedTensors());
        model.Load(file, LoadScope.Backbone);
        published.SetTraining(false, BatchNormMode.Train);
        model.SetTraining(false, BatchNormMode.Train);
        Tensor grey = linspace(-2, 2, 64 * 64, ScalarType.Float32).reshape(1, 1, 64, 64).sin();
        Assert.True(model.Backbone.call(grey).allclose(published.Backbone.call(grey.repeat(1, 3, 1, 1)), 1e-4, 1e-5));
    }

    [Fact]
    public void Channels_that_fit_are_not_adapted_and_a_grey_file_does_not_fit_colour()
    {
        GradedClassifier colour = Model(Plain, 5, seed: 1), grey = Model(Plain with { Channels = 1 }, 5, seed: 2);
        using WeightsFile three = Saved(colour.NamedTensors()), one = Saved(grey.NamedTensors());
        Assert.Null(colour.Load(three, LoadScope.Backbone).AdaptedInput);
        Assert.Null(grey.Load(one, LoadScope.Backbone).AdaptedInput);
        Assert.Contains("conv1.weight (64x1x7x7, not 64x3x7x7)", Assert.Throws<GradusException>(() => colour.Load(one, LoadScope.Backbone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_survive_the_file()
    {
        var facts = new WeightFacts("mobilenet_v2", PaddingStyle.TfSame, new Normalisation([0.1, 0.25, 1.0 / 3], [0.5, 0.2, 0.3]), FoldedBatchNorm: true);
        using WeightsFile full = Saved([("x", ones(1))], facts.ToMetadata());
        Assert.Equal(facts, WeightFacts.From(full));
        var nothing = new WeightFacts(null, null, null, FoldedBatchNorm: false);
        using WeightsFile empty = Saved([("x", ones(1))]);
        Assert.Equal(nothing, WeightFacts.From(empty));
    }

    [Theory]
    [InlineData("padding", "valid")]
    [InlineData("mean", "0.5,0.5,0.5")]
    [InlineData("std", "a,b,c")]
    public void Facts_that_cannot_be_understood_are_refused(string key, string value)
    {
        using WeightsFile file = Saved([("x", ones(1))], new Dictionary<string, string> { [key] = value });
        Assert.Contains(file.Path, Assert.Throws<GradusException>(() => WeightFacts.From(file)).Message, StringComparison.Ordinal);
    }

    private static GradedClassifier Model(ModelSpec spec, int outputs, long seed) => GradedClassifier.Create(spec, PaddingStyle.Symmetric, outputs, seed);

    private static Tensor Get(GradedClassifier model, string name) => model.NamedTensors().Single(t => t.Name == name).Tensor;

    private WeightsFile Saved(IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        SafetensorsFile.Write(path, tensors, metadata ?? new Dictionary<string, string>());
        return WeightsFile.Open(path);
    }
}
