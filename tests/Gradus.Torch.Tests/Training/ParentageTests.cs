using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Training;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class LedgerRow11_continued_and_forgot_to_update_the_lr
{
    [Fact]
    public void Without_a_learning_rate_said_anew_a_checkpoint_is_not_continued()
    {
        using var world = new TinyWorld(6);
        RunFolder parent = world.Train(Small(world));
        Parentage parentage = Parentage.Read(parent.Checkpoint(1));
        GradusException error = Assert.Throws<GradusException>(() => parentage.Continue(Small(world), topLr: null));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.Contains("--top-lr", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{parent.Metrics.Read()[0].LearningRates.Head:g3} (head)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_starts_with_the_parents_weights_says_what_differs_and_records_its_descent()
    {
        using var world = new TinyWorld(6);
        RunFolder parent = world.Train(Small(world));
        Parentage parentage = Parentage.Read(parent.Checkpoint(1));
        Experiment experiment = parentage.Continue(Small(world) with { Select = new SelectSpec(SelectBy.Qwk) }, 1e-12);
        Assert.Equal(["train.top_lr", "select.by"], parentage.Differences(experiment).Select(d => d.Setting));

        RunFolder child = world.Train(experiment, parentage: parentage);
        RunParent record = child.ReadInfo().Parent!;
        Assert.Equal((parent.Name, 1, 0), (record.Run, record.Epoch, record.SeenInValidation));
        Assert.Equal(record, Checkpoint.ReadInfo(child.Checkpoint(1)).Parent);
        foreach (string name in new[] { "features.3.conv.0.0.weight", "classifier.1.weight" }) // backbone and head
            Assert.True(Close(parent, child, name), name);
    }

    [Fact]
    public void A_head_that_does_not_fit_starts_anew_and_the_backbone_is_taken()
    {
        using var world = new TinyWorld(6);
        RunFolder parent = world.Train(Small(world));
        Parentage parentage = Parentage.Read(parent.Checkpoint(1));
        RunFolder child = world.Train(parentage.Continue(Small(world) with { Target = new ClassTarget() }, 1e-12), parentage: parentage);
        Assert.True(Close(parent, child, "features.3.conv.0.0.weight"));
    }

    [Fact]
    public void Validation_images_that_the_parent_was_trained_on_are_counted()
    {
        using var world = new TinyWorld(6);
        RunFolder parent = world.Train(Small(world));
        Parentage parentage = Parentage.Read(parent.Checkpoint(1));
        Experiment experiment = parentage.Continue(Small(world) with { Split = new SplitSpec(3, 1) }, 1e-3);
        using RunData data = world.Load(experiment);
        Assert.Equal(data.Partition.Validation.Records.Length, parentage.Record(experiment, data).SeenInValidation);
    }

    [Fact]
    public void A_child_is_resumed_even_when_its_parent_is_gone()
    {
        using var world = new TinyWorld(6);
        RunFolder parent = world.Train(Small(world));
        Parentage parentage = Parentage.Read(parent.Checkpoint(1));
        Experiment experiment = parentage.Continue(Small(world) with { Train = Small(world).Train with { Epochs = 2 } }, 1e-3);
        RunFolder child = world.Train(experiment, stopAfter: 1, parentage: parentage);
        Directory.Delete(parent.Root, recursive: true);
        world.Train(experiment, resume: child);
        Assert.Equal([1, 2], child.Metrics.Read().Select(r => r.Epoch));
    }

    [Fact]
    public void Another_network_is_refused()
    {
        using var world = new TinyWorld(6);
        Parentage parentage = Parentage.Read(world.Train(Small(world)).Checkpoint(1));
        Assert.Contains("backbone: mobilenet_v2", Assert.Throws<GradusException>(() => parentage.Continue(world.Experiment, 1e-3)).Message, StringComparison.Ordinal);
    }

    private static Experiment Small(TinyWorld world) => world.Experiment with
    {
        Model = new ModelSpec { Backbone = "mobilenet_v2" },
        Train = world.Experiment.Train with { Epochs = 1, BatchNorm = BatchNormMode.Train },
    };

    private static bool Close(RunFolder a, RunFolder b, string name)
    {
        using var scope = NewDisposeScope();
        using WeightsFile first = WeightsFile.Open(a.Checkpoint(1)), second = WeightsFile.Open(b.Checkpoint(1));
        return first.Load(name).allclose(second.Load(name), atol: 1e-6);
    }
}
