using CsCheck;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Shift;
using Gradus.Thresholds;
using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Tests.Shift;

public sealed class LabelShiftTests
{
    private static readonly double[] Before = [0.45, 0.15, 0.24, 0.08, 0.08], After = [0.20, 0.12, 0.30, 0.20, 0.18];

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.5)] // overconfident: without calibration expectation maximisation is off
    public void Both_estimates_find_a_known_shift_and_their_intervals_hold_it(double sure)
    {
        int[] truth = SimulatedNetwork.Grades(3000, Before), hidden = SimulatedNetwork.Grades(3000, After);
        LabelShift shift = LabelShift.Estimate(
            SimulatedNetwork.Scale, SimulatedNetwork.Look(truth, Before, 1, sure: sure), truth, SimulatedNetwork.Look(hidden, Before, 2, sure: sure), seed: 3, resamples: 60, TestContext.Current.CancellationToken);
        Assert.True(shift.IsShifted);
        foreach (ShiftEstimate estimate in (ShiftEstimate[])[shift.Bbse, shift.Em])
        {
            Assert.True(estimate.Trusted, estimate.Reason);
            Assert.InRange(estimate.DistanceTo(After), 0, 0.05);
            Assert.Equal(1, estimate.Distribution.Sum(), 1e-9);
            for (int k = 0; k < After.Length; k++)
                Assert.InRange(After[k], estimate.Low[k] - 0.01, estimate.High[k] + 0.01);
        }
    }

    [Fact]
    public void A_regression_that_gives_no_probabilities_is_estimated_as_well()
    {
        int[] truth = SimulatedNetwork.Grades(3000, Before), hidden = SimulatedNetwork.Grades(3000, After);
        LabelShift shift = LabelShift.Estimate(SimulatedNetwork.Scale, SimulatedNetwork.Regress(truth, 1), truth, SimulatedNetwork.Regress(hidden, 2), 3, 40, TestContext.Current.CancellationToken);
        Assert.InRange(shift.Bbse.DistanceTo(After), 0, 0.06);
        Assert.InRange(shift.Em.DistanceTo(After), 0, 0.06);
    }

    [Fact]
    public void Where_nothing_shifted_none_is_reported()
    {
        int[] truth = SimulatedNetwork.Grades(800, Before), hidden = SimulatedNetwork.Grades(800, Before);
        LabelShift shift = LabelShift.Estimate(SimulatedNetwork.Scale, SimulatedNetwork.Look(truth, Before, 4), truth, SimulatedNetwork.Look(hidden, Before, 5), 3, 100, TestContext.Current.CancellationToken);
        Assert.False(shift.IsShifted);
        Assert.True(shift.Em.Trusted, shift.Em.Reason);
    }

    [Fact]
    public void A_network_that_cannot_tell_grades_apart_is_said_to_be_nearly_singular()
    {
        int[] truth = SimulatedNetwork.Grades(1000, Before), hidden = SimulatedNetwork.Grades(1000, After);
        LabelShift shift = LabelShift.Estimate(SimulatedNetwork.Scale, SimulatedNetwork.Look(truth, Before, 6, noise: 3), truth, SimulatedNetwork.Look(hidden, Before, 7, noise: 3), 3, 40, TestContext.Current.CancellationToken);
        Assert.True(shift.Condition > LabelShift.LargestCondition);
        Assert.Contains("nearly singular", shift.Bbse.Reason, StringComparison.Ordinal);
        Assert.False(shift.Em.Trusted);
    }

    [Fact]
    public void Predictions_that_no_mixture_of_grades_gives_are_not_believed()
    {
        // The network is sure of everything on validation and of nothing on the test set.
        int[] truth = SimulatedNetwork.Grades(1000, Before), hidden = SimulatedNetwork.Grades(1000, After);
        LabelShift shift = LabelShift.Estimate(SimulatedNetwork.Scale, SimulatedNetwork.Look(truth, Before, 8, noise: 0.2), truth, SimulatedNetwork.Look(hidden, Before, 9, noise: 0.2, sure: 0.05), 3, 20, TestContext.Current.CancellationToken);
        Assert.False(shift.Em.Trusted);
        Assert.Contains("no mixture", shift.Em.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grade_that_validation_lacks_withdraws_the_trust()
    {
        int[] truth = SimulatedNetwork.Grades(500, 0.5, 0.2, 0.3, 0, 0), hidden = SimulatedNetwork.Grades(500, Before);
        LabelShift shift = LabelShift.Estimate(SimulatedNetwork.Scale, SimulatedNetwork.Look(truth, Before, 1), truth, SimulatedNetwork.Look(hidden, Before, 2), 3, 10, TestContext.Current.CancellationToken);
        Assert.Contains("validation has 0 images of grade 3 severe", shift.Em.Reason, StringComparison.Ordinal);
        Assert.Equal(0, shift.Bbse.Distribution[4]);
        Assert.Equal(0, shift.Em.Distribution[4]);
    }

    [Fact]
    public void Calibration_takes_back_what_a_temperature_did()
    {
        int[] truth = SimulatedNetwork.Grades(4000, Before);
        GradedScores scores = SimulatedNetwork.Look(truth, Before, 1, sure: 2.5);
        GradeCalibration calibration = GradeCalibration.Fit(scores, truth, 5, [.. truth.Select(_ => 1.0)]);
        Assert.InRange(calibration.Sharpening!.Value, 0.4, 0.6); // 1 / 2.5, and more where the floor has taken some of the overconfidence already
        double[] mean = BlackBoxShift.Mean(calibration.Probabilities(scores), [.. truth.Select(_ => 1.0)], 5);
        for (int k = 0; k < 5; k++)
            Assert.Equal(Before[k], mean[k], 3); // the summit of the likelihood: mean probabilities are the shares
    }

    [Fact]
    public void Least_squares_without_negative_unknowns_meets_the_conditions_of_the_optimum() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        Random random = RandomStream.Create(seed, "nnls");
        Matrix<double> a = Matrix<double>.Build.Dense(6, 4, (_, _) => random.NextDouble());
        Vector<double> b = Vector<double>.Build.Dense(6, _ => random.NextDouble() - 0.3);
        double[] x = NonNegativeLeastSquares.Solve(a, b);
        Vector<double> gradient = a.TransposeThisAndMultiply(a * Vector<double>.Build.Dense(x) - b);
        for (int j = 0; j < x.Length; j++)
        {
            Assert.True(x[j] >= 0);
            Assert.True(x[j] > 0 ? Math.Abs(gradient[j]) < 1e-6 : gradient[j] > -1e-6, $"{x[j]} {gradient[j]}");
        }
    }, iter: 500);

    [Fact]
    public void Corrected_thresholds_are_best_for_the_shifted_set_where_the_tuned_ones_are_not()
    {
        int[] truth = SimulatedNetwork.Grades(3000, Before), hidden = SimulatedNetwork.Grades(3000, After);
        GradedScores validation = SimulatedNetwork.Regress(truth, 1, 0.8), test = SimulatedNetwork.Regress(hidden, 2, 0.8);
        var target = new RegressionTarget();
        DecodingRule tuned = ThresholdTuner.Tune(target, SimulatedNetwork.Scale, validation, truth, ThresholdTuning.Shared).Rule;
        ThresholdShift shift = ThresholdShift.Create(target, SimulatedNetwork.Scale, (target.DefaultRule(SimulatedNetwork.Scale), tuned), ThresholdTuning.Shared, validation, truth, test, After);
        Assert.True(shift.Corrected.ExpectedQwk > shift.Tuned.ExpectedQwk);
        Assert.True(Qwk(shift.Corrected.Rule) > Qwk(tuned), "on the hidden grades too");
        Assert.All((ThresholdOutcome[])[shift.Default, shift.Tuned, shift.Corrected], o => Assert.Equal(3000, o.Counts.Sum()));

        double Qwk(DecodingRule rule) => Kappa.Quadratic(ConfusionMatrix.Of(hidden, rule.Grades(test), 5));
    }

    [Fact]
    public void Validation_is_repeated_in_the_estimated_shares()
    {
        int[] truth = SimulatedNetwork.Grades(400, Before);
        int[] images = ThresholdShift.Repeated(truth, After);
        for (int k = 0; k < After.Length; k++)
            Assert.Equal(After[k], images.Count(i => truth[i] == k) / (double)images.Length, 2e-3);
    }
}
