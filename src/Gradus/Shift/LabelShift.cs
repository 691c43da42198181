using System.Collections.Immutable;
using Gradus.Grading;
using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>
/// The grades' distribution in a set without grades, estimated twice from what a network says of it. Both estimates assume
/// that only the grades' shares changed: that images of one grade look alike in both sets.
/// </summary>
public sealed record LabelShift
{
    /// <summary>From this condition number on, noise in the confusion matrix decides the estimate.</summary>
    public const double LargestCondition = 50;

    private const int FewestImages = 5;
    private const double WidestInterval = 0.35;
    private const double FarApart = 0.2;

    /// <summary>(K) the shares among the validation images.</summary>
    public required ImmutableArray<double> Validation { get; init; }

    /// <summary>Black-box shift estimation (Lipton, Wang and Smola 2018).</summary>
    public required ShiftEstimate Bbse { get; init; }

    /// <summary>Expectation maximisation with calibrated probabilities (Saerens, Latinne and Decaestecker 2002).</summary>
    public required ShiftEstimate Em { get; init; }

    /// <summary>Of the confusion matrix: its largest over its smallest singular value, 1 for a perfect network.</summary>
    public required double Condition { get; init; }

    /// <summary>
    /// Expected grades of the test set against those of validation weighted to the estimate: what the estimate leaves unexplained.
    /// </summary>
    public required KsTest Fit { get; init; }

    /// <summary>True where a grade's validation share is outside both intervals: the sets differ in their grades.</summary>
    public bool IsShifted => Enumerable.Range(0, Validation.Length).Any(k => Outside(Bbse, k) && Outside(Em, k));

    /// <summary>Estimates from the scores of two sets that the network has not learnt.</summary>
    /// <param name="scale">K grades.</param>
    /// <param name="validation">(N) scores of images whose grades are known.</param>
    /// <param name="truth">(N) their grades, 0 to K-1.</param>
    /// <param name="test">(M) scores of the others.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <param name="resamples">At least 1.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="ArgumentException">A set is empty, lengths differ, or a score is not finite.</exception>
    public static LabelShift Estimate(GradeScale scale, GradedScores validation, int[] truth, GradedScores test, long seed, int resamples = 200, CancellationToken ct = default)
    {
        if (validation.Rows == 0 || test.Rows == 0 || truth.Length != validation.Rows)
            throw new ArgumentException($"scores of both sets and a grade for each validation image expected: {validation.Rows} scores, {truth.Length} grades, {test.Rows} test images", nameof(truth));
        if (!validation.Score.Concat(test.Score).All(double.IsFinite))
            throw new ArgumentException("finite scores expected", nameof(test));
        int grades = scale.Count;
        double[] once = [.. Enumerable.Repeat(1.0, truth.Length)], testOnce = [.. Enumerable.Repeat(1.0, test.Rows)];
        double[] shares = [.. Enumerable.Range(0, grades).Select(k => (double)truth.Count(t => t == k) / truth.Length)];
        GradeCalibration calibration = GradeCalibration.Fit(validation, truth, grades, once);
        (double[] bbse, double[] em, double condition) = Both(calibration, once, testOnce);

        int[][] ofGrade = [.. Enumerable.Range(0, grades).Select(k => Enumerable.Range(0, truth.Length).Where(i => truth[i] == k).ToArray())];
        var drawn = new (double[] Bbse, double[] Em)[resamples];
        Parallel.For(0, resamples, new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount }, r =>
        {
            Random random = RandomStream.Create(seed, "shift estimate", r);
            var times = new double[truth.Length];
            foreach (int[] images in ofGrade)
            {
                for (int i = 0; i < images.Length; i++)
                    times[images[random.Next(images.Length)]]++;
            }
            var testTimes = new double[test.Rows];
            for (int i = 0; i < testTimes.Length; i++)
                testTimes[random.Next(testTimes.Length)]++;
            (double[] b, double[] e, _) = Both(GradeCalibration.Fit(validation, truth, grades, times, calibration), times, testTimes);
            drawn[r] = (b, e);
        });

        double[] weights = Weights(em, shares, truth);
        KsTest fit = KolmogorovSmirnov.Compare(validation.Score, weights, test.Score);
        string[] few = [.. Enumerable.Range(0, grades).Where(k => ofGrade[k].Length < FewestImages).Select(k => $"validation has {ofGrade[k].Length} images of grade {k} {scale.Names[k]}")];
        string[] unexplained = fit.Distance >= PropertyDrift.Smallest && fit.P < 0.01 ? [$"no mixture of the validation's grades predicts like the test set (KS {fit.Distance:0.00})"] : [];
        string[] apart = bbse.Zip(em, (b, e) => Math.Abs(b - e)).Sum() > FarApart ? ["the two estimates contradict each other"] : [];
        string[] singular = condition > LargestCondition ? [$"the confusion matrix is nearly singular (condition number {(double.IsFinite(condition) ? $"{condition:0}" : "infinite")}): the network cannot tell some grades apart"] : [];
        return new LabelShift
        {
            Validation = [.. shares],
            Bbse = Interval(bbse, [.. drawn.Select(d => d.Bbse)], [.. singular, .. few, .. unexplained, .. apart]),
            Em = Interval(em, [.. drawn.Select(d => d.Em)], [.. singular, .. few, .. unexplained, .. apart]),
            Condition = condition,
            Fit = fit,
        };

        (double[] Bbse, double[] Em, double Condition) Both(GradeCalibration fitted, double[] times, double[] testTimes)
        {
            double[] known = fitted.Probabilities(validation), unknown = fitted.Probabilities(test);
            Matrix<double> confusion = BlackBoxShift.Confusion(known, truth, times, grades);
            return (BlackBoxShift.Solve(confusion, BlackBoxShift.Mean(unknown, testTimes, grades)), PriorMaximisation.Estimate(unknown, testTimes, shares), BlackBoxShift.Condition(confusion));
        }
    }

    /// <summary>(N) how often an image of each known grade stands for one of a set with the estimated shares; grades that are unknown to the known set weigh nothing.</summary>
    /// <param name="estimated">(K).</param>
    /// <param name="shares">(K) of the known set.</param>
    /// <param name="grades">(N) its grades.</param>
    internal static double[] Weights(IReadOnlyList<double> estimated, IReadOnlyList<double> shares, IEnumerable<int> grades)
    {
        double[] weights = [.. grades.Select(k => shares[k] > 0 ? estimated[k] / shares[k] : 0)];
        return weights.Any(w => w > 0) ? weights : [.. weights.Select(_ => 1.0)];
    }

    private bool Outside(ShiftEstimate estimate, int k) => Validation[k] < estimate.Low[k] || Validation[k] > estimate.High[k];

    private static ShiftEstimate Interval(double[] estimate, double[][] drawn, ImmutableArray<string> doubts)
    {
        var low = new double[estimate.Length];
        var high = new double[estimate.Length];
        for (int k = 0; k < estimate.Length; k++)
        {
            double[] values = [.. drawn.Select(d => d[k]).Order()];
            // The estimate itself is always inside, though a boundary at zero can push all resamples to one side of it.
            (low[k], high[k]) = (Math.Min(estimate[k], At(values, 0.025)), Math.Max(estimate[k], At(values, 0.975)));
        }
        int widest = Enumerable.Range(0, estimate.Length).MaxBy(k => high[k] - low[k]);
        return new ShiftEstimate([.. estimate], [.. low], [.. high], high[widest] - low[widest] > WidestInterval
            ? [.. doubts, $"it is too uncertain: the share of grade {widest} lies anywhere from {low[widest]:0.00} to {high[widest]:0.00}"]
            : doubts);
    }

    private static double At(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
