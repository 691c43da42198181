using System.Reflection;
using CsCheck;
using Gradus.Grading;
using Gradus.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Losses;

public sealed class TargetLossTests
{
    private static readonly GradeScale Five = new(["none", "mild", "moderate", "severe", "proliferative"]);

    public static TheoryData<Target, float[], int, long[], double> ByHand => new()
    {
        // [ln(1 + e^-0.5) + ln(1 + e^-1)] / 2 for the code [1, 0] of grade 1 of 3
        { new OrdinalTarget(), [0.5f, -1f], 2, [1], (0.4740769842 + 0.3132616875) / 2 },
        // code [1, 1, 0]: the same and ln(1 + e^-2) for the certain output
        { new OrdinalTarget(AllOutputs: true), [2f, 0.5f, -1f], 3, [1], (0.1269280110 + 0.4740769842 + 0.3132616875) / 3 },
        // the same code as ordinal's
        { new CoralTarget(), [0.5f, -1f], 2, [1], (0.4740769842 + 0.3132616875) / 2 },
        // above 0? yes; above 1, given at least 1? no. For grade 0 only the first is asked: ln(1 + e^0.5), and the second counts as 0.
        { new CornTarget(), [0.5f, -1f, 0.5f, -1f], 2, [1, 0], (0.4740769842 + 0.3132616875 + 0.9740769842 + 0) / 4 },
        // labels e^-1, 1, e^-1 over their sum for grade 1; e^-4, e^-2, 1 over their sum for grade 2
        { new SoftLabelTarget(), [1f, 2f, 3f], 3, [1], 1.4076059644 },
        { new SoftLabelTarget(GradeDistance.Absolute, 2), [1f, 2f, 3f], 3, [2], 0.5566688722 },
        // -ln softmax([1, 2, 3])[2] and -ln softmax([1, 2, 3])[0]
        { new ClassTarget(), [1f, 2f, 3f, 1f, 2f, 3f], 3, [2, 0], (0.4076059644 + 2.4076059644) / 2 },
        { new RegressionTarget(), [2.5f, 0f], 1, [3, 1], (0.25 + 1) / 2 },
        // 0.5 * 0.5^2 below the bend at 1, 2 - 0.5 above it
        { new RegressionTarget(RegressionLoss.SmoothL1), [2.5f, 1f], 1, [3, 3], (0.125 + 1.5) / 2 },
        // ln(1 + e^2) and ln(1 + e^-2)
        { new BinaryTarget(), [2f, 2f], 1, [0, 1], (2.1269280110 + 0.1269280110) / 2 },
    };

    [Theory]
    [MemberData(nameof(ByHand))]
    public void Losses_are_those_computed_by_hand(Target target, float[] logits, int outputs, long[] grades, double expected)
    {
        using var scope = NewDisposeScope();
        Tensor loss = TargetLoss.Compute(target, tensor(logits).reshape(-1, outputs), tensor(grades));
        Assert.Equal(0, loss.ndim);
        Assert.Equal(expected, loss.item<float>(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(ByHand))]
    public void Gradients_are_the_slopes_of_the_loss(Target target, float[] logits, int outputs, long[] grades, double expected)
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(logits).reshape(-1, outputs).requires_grad_();
        TargetLoss.Compute(target, x, tensor(grades)).backward();
        float[] gradient = x.grad!.data<float>().ToArray();
        const float Step = 1e-2f;
        for (int i = 0; i < logits.Length; i++)
            Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], 1e-3);
        Assert.Equal(expected, At(0, 0), 1e-6);

        double At(int i, float step)
        {
            float[] moved = [.. logits];
            moved[i] += step;
            return TargetLoss.Compute(target, tensor(moved).reshape(-1, outputs), tensor(grades)).item<float>();
        }
    }

    [Fact]
    public void Cumulative_codes_are_as_documented()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 1, 1, 0], TargetLoss.Encode(new OrdinalTarget(), tensor(new long[] { 3 }), 5).data<float>().ToArray());
        Assert.Equal([1f, 1, 1, 0, 0], TargetLoss.Encode(new OrdinalTarget(AllOutputs: true), tensor(new long[] { 2 }), 5).data<float>().ToArray());
    }

    [Fact]
    public void Decoding_a_perfect_network_gives_the_grade_back()
    {
        Gen.Select(Gen.Bool, Gen.Int[2, 8]).SelectMany((all, k) => Gen.Select(Gen.Const(all), Gen.Const(k), Gen.Long[0, k - 1].Array[1, 20])).Sample((all, k, grades) =>
        {
            using var scope = NewDisposeScope();
            var target = new OrdinalTarget(all);
            var scale = new GradeScale([.. Enumerable.Range(0, k).Select(g => $"g{g}")]);
            Tensor code = TargetLoss.Encode(target, tensor(grades), k); // (B, M)
            Assert.Equal([grades.Length, target.OutputCount(scale)], code.shape);
            float[] logits = code.mul(20).sub(10).data<float>().ToArray();
            Assert.Equal(grades.Select(g => (int)g), target.DefaultRule(scale).Grades(target.Link(new Logits(grades.Length, target.OutputCount(scale), logits))));
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Conditional_outputs_multiply_to_cumulative_ones_which_never_rise()
    {
        Gen.Float[-8, 8].Array[4].Sample(logits =>
        {
            GradedScores scores = new CornTarget().Link(new Logits(1, 4, logits));
            double p = 1;
            for (int k = 0; k < 4; k++)
            {
                p /= 1 + Math.Exp(-logits[k]);
                Assert.Equal(p, scores.Outputs[k], 1e-6);
            }
            Assert.Equal(0, new LeadingOnes([0.5, 0.5, 0.5, 0.5]).NonMonotoneRate(scores));
            Assert.Equal(1, scores.Probabilities!.Sum(), 1e-9);
        }, iter: 300);
    }

    [Theory]
    [InlineData("coral")]
    [InlineData("corn")]
    public void Decoding_a_perfect_rank_consistent_network_gives_the_grade_back(string name)
    {
        Target target = name == "coral" ? new CoralTarget() : new CornTarget();
        for (int grade = 0; grade < 5; grade++)
        {
            float[] logits = [.. Enumerable.Range(1, 4).Select(k => k <= grade ? 10f : -10f)];
            Assert.Equal([grade], target.DefaultRule(Five).Grades(target.Link(new Logits(1, target.OutputCount(Five), logits))));
        }
    }

    [Fact]
    public void An_output_behind_a_gap_does_not_count()
    {
        var target = new OrdinalTarget(AllOutputs: true);
        GradedScores scores = target.Link(new Logits(1, 5, [4, 4, -4, -4, 4])); // [1,1,0,0,1]
        Assert.Equal([1], target.DefaultRule(Five).Grades(scores));
    }

    [Fact]
    public void Ledger_25_a_rule_takes_linked_scores_and_never_logits()
    {
        MethodInfo[] rules = [.. typeof(DecodingRule).GetMethods().Where(m => m.Name == nameof(DecodingRule.Grades))];
        Assert.All(rules, rule => Assert.DoesNotContain(rule.GetParameters(), p => p.ParameterType.IsAssignableFrom(typeof(Logits)) || p.ParameterType == typeof(float[])));
        // A logit of 0.3 lies below the threshold 0.5, its probability of 0.574 above it: a forgotten sigmoid would say grade 0.
        var target = new BinaryTarget();
        Assert.Equal([1], target.DefaultRule(new GradeScale(["no", "yes"])).Grades(target.Link(new Logits(1, 1, [0.3f]))));
    }

    [Fact]
    public void Half_precision_logits_are_widened_before_the_loss()
    {
        using var scope = NewDisposeScope();
        Tensor loss = TargetLoss.Compute(new ClassTarget(), tensor(new[] { 1f, 2f, 3f }).reshape(1, 3).to(ScalarType.BFloat16), tensor(new long[] { 2 }));
        Assert.Equal(ScalarType.Float32, loss.dtype);
        Assert.Equal(0.4076059, loss.item<float>(), 1e-6);
    }

    [Fact]
    public void Shapes_and_types_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => TargetLoss.Compute(new BinaryTarget(), zeros(2, 2), tensor(new long[] { 0, 1 })));
        Assert.Throws<ArgumentException>(() => TargetLoss.Compute(new ClassTarget(), zeros(2, 3), tensor(new long[] { 0 })));
        Assert.Throws<ArgumentException>(() => TargetLoss.Compute(new ClassTarget(), zeros(2), tensor(new long[] { 0, 1 })));
        Assert.Throws<ArgumentException>(() => TargetLoss.Compute(new RegressionTarget(), zeros(2, 1), tensor(new[] { 0f, 1f })));
    }

    [Fact]
    public void A_loss_leaves_only_itself_behind()
    {
        using var scope = NewDisposeScope();
        Tensor logits = zeros(2, 4), grades = tensor(new long[] { 0, 4 });
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (TargetLoss.Compute(new OrdinalTarget(), logits, grades))
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
