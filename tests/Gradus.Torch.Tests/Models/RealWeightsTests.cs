using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using SkiaSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class RealWeightsTests
{
    [Fact]
    public void Real_weights_name_what_four_photographs_show()
    {
        using WeightsFile file = WeightsFile.Open(RealFiles.Weights("mobilenet_v2_imagenet.safetensors"));
        WeightFacts facts = WeightFacts.From(file);
        Assert.Equal(("mobilenet_v2", PaddingStyle.TfSame, true), (facts.Architecture, facts.Padding, facts.FoldedBatchNorm));
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2", Head = [new DropoutLayer(0.2)] }, PaddingStyle.TfSame, 1000, 1);
        LoadReport report = model.Load(file, LoadScope.All);
        Assert.All(report.Missing, name => Assert.EndsWith("num_batches_tracked", name, StringComparison.Ordinal));
        model.SetTraining(false, BatchNormMode.Frozen);
        model.ToChannelsLast();

        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor batch = cat([Input("parrot.jpg"), Input("cat.bmp"), Input("sunflower.bmp"), Input("grace_hopper.bmp")], 0);
        Assert.Equal([88L, 285, 985, 652], model.call(batch).argmax(1).data<long>().ToArray());
    }

    [Fact]
    public void Weights_of_another_padding_or_architecture_are_refused()
    {
        using WeightsFile file = WeightsFile.Open(RealFiles.Weights("mobilenet_v2_imagenet.safetensors"));
        using GradedClassifier symmetric = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2" }, PaddingStyle.Symmetric, 5, 1);
        Assert.Contains("tf_same", Assert.Throws<GradusException>(() => symmetric.Load(file, LoadScope.Backbone)).Message, StringComparison.Ordinal);
        using GradedClassifier other = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18" }, PaddingStyle.Symmetric, 5, 1);
        Assert.Contains("'mobilenet_v2'", Assert.Throws<GradusException>(() => other.Load(file, LoadScope.Backbone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folded_batch_norm_cannot_be_trained()
    {
        using WeightsFile file = WeightsFile.Open(RealFiles.Weights("mobilenet_v2_imagenet.safetensors"));
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2" }, PaddingStyle.TfSame, 5, 1);
        Assert.Equal("classifier.1 (1000x1280)", model.Load(file, LoadScope.Backbone).SkippedClassifier);
        Assert.Equal([0.5, 0.5, 0.5], model.Facts.Normalisation!.Mean);
        Assert.Contains("frozen", Assert.Throws<GradusException>(() => model.SetTraining(true, BatchNormMode.Train)).Message, StringComparison.Ordinal);
        model.SetTraining(true, BatchNormMode.Frozen);
    }

    /// <summary>(1, 3, 224, 224), RGB / 127.5 - 1.</summary>
    private static Tensor Input(string name)
    {
        using SKBitmap source = SKBitmap.Decode(RealFiles.Sample(name));
        using SKBitmap small = source.Resize(new SKImageInfo(224, 224, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using Tensor rgba = tensor(small.Bytes, [224, 224, 4]);
        using Tensor rgb = rgba.narrow(2, 0, 3).to(ScalarType.Float32);
        return rgb.permute(2, 0, 1).unsqueeze(0).div(127.5f).sub(1f);
    }
}
