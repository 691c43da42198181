using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Mistakes;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Explanation;
using Gradus.Torch.Tests.Training;
using TorchSharp;

namespace Gradus.Torch.Tests.Explanation;

/// <summary>One tiny run, trained once.</summary>
public sealed class ExplainedRun : IDisposable
{
    public ExplainedRun()
    {
        World = new TinyWorld();
        Run = World.Train(World.Experiment with { Train = World.Experiment.Train with { Epochs = 2 } });
        Audit = OutOfFold.Audit(Run.ReadInfo().Experiment, new Dictionary<string, AuditReport>(), null, CancellationToken.None);
    }

    internal TinyWorld World { get; }

    internal RunFolder Run { get; }

    internal AuditReport Audit { get; }

    public void Dispose() => World.Dispose();
}

public sealed class ExplainRunTests(ExplainedRun trained) : IClassFixture<ExplainedRun>
{
    [Fact]
    public void Weights_in_disorder_give_other_maps_and_leave_the_network_as_it_was()
    {
        using Checkpoint checkpoint = Checkpoint.Load(OutOfFold.BestCheckpoint(trained.Run), torch.CPU);
        string before = SafetensorsFile.Digest(checkpoint.Model.NamedTensors());
        using var whole = SanityCheck.Disordered(checkpoint, Disorder.Whole, 1);
        using var head = SanityCheck.Disordered(checkpoint, Disorder.Head, 1);
        Assert.Equal(before, SafetensorsFile.Digest(checkpoint.Model.NamedTensors()));
        foreach (((string name, torch.Tensor ours), (_, torch.Tensor theirs)) in checkpoint.Model.NamedTensors().Zip(whole.NamedTensors()).Where(p => p.First.Tensor.ndim > 1))
        {
            Assert.NotEqual(Values(ours), Values(theirs));
            Assert.Equal(Values(ours).Order(), Values(theirs).Order());
            Assert.NotEmpty(name);
        }
        Assert.Equal(checkpoint.Model.BackboneParameters.Select(p => p.Parameter.sum().item<float>()), head.BackboneParameters.Select(p => p.Parameter.sum().item<float>()));
        Assert.NotEqual(checkpoint.Model.HeadParameters.SelectMany(p => Values(p.Parameter)), head.HeadParameters.SelectMany(p => Values(p.Parameter)));

        static float[] Values(torch.Tensor t) => [.. t.contiguous().data<float>()];
    }

    [Fact]
    public void The_check_compares_only_maps_that_are_there()
    {
        using Checkpoint checkpoint = Checkpoint.Load(OutOfFold.BestCheckpoint(trained.Run), torch.CPU);
        (ImageId, ImageLocation)[] images = [.. trained.Audit.Main.Select(i => (i.Id, i.Location))];
        SanityReport report = SanityCheck.Run(checkpoint, images, CamMethod.GradCam, new ScoreScalar(), 1, null, CancellationToken.None);
        Assert.Equal(Enum.GetValues<Disorder>(), report.Correlations.Select(c => c.Stage));
        Assert.All(report.Correlations, c => Assert.Equal(c.Pairs > 0, c.Correlation is not null));
        Assert.True(new SanityReport(9, [(Disorder.Whole, 9, 0.1)]).MapsDependOnTheModel);
        Assert.False(new SanityReport(9, [(Disorder.Whole, 9, 0.9)]).MapsDependOnTheModel);
        Assert.Null(new SanityReport(9, [(Disorder.Whole, 2, 0.1)]).MapsDependOnTheModel);
    }

    [Fact]
    public void A_run_judges_its_own_validation_images_and_refuses_those_it_was_trained_on()
    {
        ImmutableArray<ImageRecord> images = OutOfFold.Images(trained.Run, trained.Audit);
        ImmutableArray<Judgement> judged = OutOfFold.Judge(trained.Run, images, torch.CPU, null, CancellationToken.None);
        Assert.Equal(10, judged.Length);
        Assert.Equal(images.Select(i => i.Id), judged.Select(j => j.Image.Id));
        Assert.All(judged, j => Assert.InRange(j.Confidence!.Value, 0, 1));
        GradusException e = Assert.Throws<GradusException>(() => OutOfFold.Judge(trained.Run, trained.Audit.Main, torch.CPU, null, CancellationToken.None));
        Assert.Contains("was trained on 20 of the 30 images", e.Message, StringComparison.Ordinal);
    }
}
