using Gradus.Experiments;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Torch.Explanation;
using Gradus.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Explanation;

public sealed class GradCamTests
{
    private static readonly GradeScale Five = new(["none", "mild", "moderate", "severe", "proliferative"]);

    // The smallest of each family and block; the others differ in depth and width alone.
    public static TheoryData<string> Families => ["densenet121", "efficientnet_b0", "mobilenet_v2", "nasnetamobile", "resnet18", "resnet50", "se_resnext50_32x4d"];

    public static TheoryData<string> Targets => ["ordinal", "ordinal_all", "coral", "corn", "classes", "soft", "regression", "binary"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_family_gives_maps_channels_last_the_same_each_time_and_leaves_no_tensor_behind(string name)
    {
        using GradedClassifier model = Model(name, new OrdinalTarget(), Five);
        using Tensor images = rand(2, 3, 64, 64, generator: new Generator(1));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (CamMethod method in Enum.GetValues<CamMethod>())
        {
            HeatMap[] first = [.. Maps(method)], second = [.. Maps(method)];
            Assert.Equal(4, first.Length);
            Assert.All(first, m => Assert.Equal((2, 2), (m.Width, m.Height)));
            if (name != "nasnetamobile") // untrained, its signal dies away before the last layer
                Assert.All(first.Zip(first.Skip(2)), pair => Assert.True(pair.First.Peak > 0 || pair.Second.Peak > 0)); // what speaks not for the one speaks for the other
            Assert.Equal(first.SelectMany(m => m.Values), second.SelectMany(m => m.Values));
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.All(model.parameters(), p => Assert.True(p.grad is null));

        IEnumerable<HeatMap> Maps(CamMethod method) => ((CamScalar[])[new OutputScalar(0), new GradeScalar(0)])
            .SelectMany(of => GradCam.Maps(model, images, method, of, new OrdinalTarget(), new OrdinalTarget().DefaultRule(Five)).Maps);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void The_score_that_is_explained_is_the_score_that_is_predicted(string name)
    {
        (Target target, GradeScale scale) = Of(name);
        using var scope = NewDisposeScope();
        Tensor logits = randn(6, target.OutputCount(scale), generator: new Generator(3));
        GradedScores scores = target.Link(new Logits(6, target.OutputCount(scale), [.. logits.data<float>()]));
        float[] explained = [.. new ScoreScalar().Of(logits, target, new int[6]).data<float>()];
        for (int i = 0; i < 6; i++)
            Assert.Equal(scores.Score[i], explained[i], 1e-5);
    }

    [Theory]
    [InlineData("corn")]
    [InlineData("binary")]
    public void The_evidence_for_a_grade_orders_grades_as_their_probabilities_do(string name)
    {
        (Target target, GradeScale scale) = Of(name);
        using var scope = NewDisposeScope();
        Tensor logits = randn(1, target.OutputCount(scale), generator: new Generator(4));
        double[] p = target.Link(new Logits(1, target.OutputCount(scale), [.. logits.data<float>()])).Probabilities!;
        double[] evidence = [.. Enumerable.Range(0, scale.Count).Select(k => (double)new GradeScalar(k).Of(logits, target, [0]).item<float>())];
        if (name == "corn")
            Assert.All(p.Zip(evidence), x => Assert.Equal(Math.Log(x.First), x.Second, 4));
        Assert.Equal(Enumerable.Range(0, scale.Count).OrderBy(k => p[k]), Enumerable.Range(0, scale.Count).OrderBy(k => evidence[k]));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_target_gives_maps_of_all_that_it_can_be_asked_for(string name)
    {
        (Target target, GradeScale scale) = Of(name);
        using GradedClassifier model = Model("resnet18", target, scale);
        using Tensor images = rand(2, 3, 64, 64, generator: new Generator(1));
        string[] words = target is RegressionTarget ? ["score", "output:0"] : ["score", "grade", "grade:0", "grade:1", $"output:{target.OutputCount(scale) - 1}"];
        foreach (string of in words)
            Assert.Equal(2, GradCam.Maps(model, images, CamMethod.GradCam, CamScalar.Parse(of, target, scale), target, target.DefaultRule(scale)).Maps.Length);
        foreach (string wrong in (string[])["", "grade:9", $"output:{target.OutputCount(scale)}", "score:1", "output", "class:1"])
            Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => CamScalar.Parse(wrong, target, scale)).Fault);
    }

    [Fact]
    public void With_average_pooling_and_one_linear_layer_the_map_is_the_class_activation_map()
    {
        // Selvaraju et al. 2017, section 3.1: there Grad-CAM is CAM, the features weighed by the layer's weights, up to a constant factor.
        var target = new ClassTarget();
        using GradedClassifier model = Model("resnet18", target, Five);
        using var scope = NewDisposeScope();
        Tensor images = rand(1, 3, 96, 96, generator: new Generator(2));
        HeatMap map = GradCam.Maps(model, images, CamMethod.GradCam, new OutputScalar(3), target, target.DefaultRule(Five)).Maps[0];
        using IDisposable noGrad = no_grad();
        Tensor weight = model.HeadParameters.First(p => p.Parameter.ndim == 2).Parameter; // (K, C)
        Tensor cam = (model.Features(images) * weight[3].reshape(1, -1, 1, 1)).sum(1).relu().reshape(-1);
        float[] expected = [.. (cam / cam.max()).data<float>()];
        Assert.Equal(9, map.Values.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], map.Values[i] / map.Peak, 4);
    }

    [Fact]
    public void A_network_that_trains_is_refused()
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18" }, PaddingStyle.Symmetric, new OrdinalTarget(), Five, 1);
        using Tensor images = rand(1, 3, 32, 32);
        Assert.Throws<InvalidOperationException>(() => GradCam.Maps(model, images, CamMethod.GradCam, new ScoreScalar(), new OrdinalTarget(), new OrdinalTarget().DefaultRule(Five)));
    }

    private static (Target, GradeScale) Of(string name) => name switch
    {
        "ordinal" => (new OrdinalTarget(), Five),
        "ordinal_all" => (new OrdinalTarget(AllOutputs: true), Five),
        "coral" => (new CoralTarget(), Five),
        "corn" => (new CornTarget(), Five),
        "classes" => (new ClassTarget(), Five),
        "soft" => (new SoftLabelTarget(), Five),
        "regression" => (new RegressionTarget(), Five),
        _ => (new BinaryTarget(), new GradeScale(["no", "yes"])),
    };

    private static GradedClassifier Model(string name, Target target, GradeScale scale)
    {
        GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name }, PaddingStyle.Symmetric, target, scale, 1);
        model.ToChannelsLast();
        model.SetTraining(false, BatchNormMode.Frozen);
        return model;
    }
}
