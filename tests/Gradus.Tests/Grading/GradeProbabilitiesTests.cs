using CsCheck;
using Gradus.Grading;

namespace Gradus.Tests.Grading;

public sealed class GradeProbabilitiesTests
{
    private static readonly GradeScale Five = new(["none", "mild", "moderate", "severe", "proliferative"]), Two = new(["no", "yes"]);

    public static TheoryData<Target> Targets => [new OrdinalTarget(), new OrdinalTarget(AllOutputs: true), new CoralTarget(), new CornTarget(), new ClassTarget(), new SoftLabelTarget(), new BinaryTarget()];

    [Theory]
    [MemberData(nameof(Targets))]
    public void From_linked_outputs_the_same_probabilities_follow_as_from_logits(Target target)
    {
        GradeScale scale = target is BinaryTarget ? Two : Five;
        int outputs = target.OutputCount(scale);
        Gen.Float[-8, 8].Array[outputs * 3].Sample(values =>
        {
            GradedScores linked = target.Link(new Logits(3, outputs, values));
            double[] expected = linked.Probabilities!, found = GradeProbabilities.Of(target, scale, new GradedScores(3, outputs, linked.Outputs, linked.Score, null))!;
            Assert.Equal(expected.Length, found.Length);
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], found[i], 1e-6);
        });
    }

    [Fact]
    public void Regression_has_none() => Assert.Null(GradeProbabilities.Of(new RegressionTarget(), Five, new GradedScores(1, 1, [1.5f], [1.5], null)));
}
