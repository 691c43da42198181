using System.Collections.Immutable;

namespace Gradus.Metrics;

/// <summary>
/// Every metric of graded images, with 95 % intervals over images: BCa for what a confusion matrix gives, DeLong for the AUC of one
/// grade against the rest, bias-corrected percentiles for everything else. Where images have groups (patients), whole groups are
/// drawn, and AUCs of one grade have bias-corrected percentiles too.
/// </summary>
/// <remarks>
/// An interval says how much the choice of images matters, not how much training with another seed would. A share of exactly 0 or 1
/// has an interval of no width, since no resample shows an error that did not occur.
/// </remarks>
public sealed record Evaluation
{
    /// <summary>Quadratic weighted kappa, -1 to 1; no value where all images have one true grade, like the other two kappas.</summary>
    public required Estimate Qwk { get; init; }

    /// <summary>Linearly weighted kappa, -1 to 1.</summary>
    public required Estimate LinearKappa { get; init; }

    /// <summary>Unweighted kappa (Cohen's), -1 to 1.</summary>
    public required Estimate Kappa { get; init; }

    /// <summary>Share of images graded right, 0 to 1.</summary>
    public required Estimate Accuracy { get; init; }

    /// <summary>Mean absolute error in grades, 0 to K-1.</summary>
    public required Estimate Mae { get; init; }

    /// <summary>
    /// The mean over the grades that occur or are predicted, each counting the same, as scikit-learn does: what would divide by
    /// nothing counts as 0. A grade that neither occurs nor is predicted is left out.
    /// </summary>
    public required AveragedMetrics Macro { get; init; }

    /// <summary>
    /// Over all pairs of an image and a grade, so that frequent grades count more. As each image has one grade and one prediction,
    /// micro sensitivity, precision and F1 are all the accuracy.
    /// </summary>
    public required AveragedMetrics Micro { get; init; }

    /// <summary>AUC, 0 to 1: two grades, of the score; more, the macro mean of each grade's against the rest. No value without scores.</summary>
    public required Estimate Auc { get; init; }

    /// <summary>Average precision, 0 to 1, step by step: two grades, of the second; more, the macro mean.</summary>
    public required Estimate AveragePrecision { get; init; }

    /// <summary>(K) each grade against all others.</summary>
    public required ImmutableArray<ClassEvaluation> PerClass { get; init; }

    /// <summary>(K, K) counts, rows truth, columns prediction.</summary>
    public required ImmutableArray<ImmutableArray<int>> Confusion { get; init; }

    /// <summary>How far the probabilities can be believed; null without probabilities.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>The AUC of each resample; the same seed draws the same images for any predictions, so these pair.</summary>
    internal double[] AucReplicates { get; private init; } = [];

    /// <summary>Computes everything. The same arguments give the same bits on any number of threads.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="seed">Fixes resamples and folds.</param>
    /// <param name="resamples">At least 1.</param>
    public static Evaluation Compute(GradedImages images, long seed, int resamples = CellBootstrap.Resamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        int grades = images.Grades;
        var matrix = ConfusionMatrix.Of(images.Truth, images.Predicted, grades);
        var sample = new CellSample(grades * grades, [.. images.Truth.Select((t, i) => t * grades + images.Predicted[i])], images.Groups);
        Estimate[] counted = CellBootstrap.Estimates(sample, counts => MatrixFigures.Row(grades, counts), RandomStream.Create(seed, "bootstrap"), resamples);
        var figures = new MatrixFigures<Estimate>(counted);
        bool several = matrix.HasSeveralGrades;
        (Estimate[] scored, double[] aucReplicates) = Scored(images, seed, resamples);
        bool ranked = scored.Length > 6;
        var classes = ImmutableArray.CreateBuilder<ClassEvaluation>(grades);
        for (int k = 0; k < grades; k++)
        {
            ReadOnlySpan<Estimate> c = figures.Class(k);
            classes.Add(new ClassEvaluation(matrix.Support[k], matrix.Predicted[k], c[0], c[1], c[2], c[3], ranked ? scored[6 + k] : default, ranked ? scored[6 + grades + k] : default));
        }
        return new Evaluation
        {
            Qwk = several ? figures.Qwk : default,
            LinearKappa = several ? figures.LinearKappa : default,
            Kappa = several ? figures.Kappa : default,
            Accuracy = figures.Accuracy,
            Mae = figures.Mae,
            Macro = new AveragedMetrics(figures.Macro[0], figures.Macro[1], figures.Macro[2], figures.Macro[3]) { Grades = matrix.CountedGrades },
            Micro = new AveragedMetrics(figures.Accuracy, figures.MicroSpecificity, figures.Accuracy, figures.Accuracy),
            Auc = scored[0],
            AucReplicates = aucReplicates,
            AveragePrecision = scored[1],
            PerClass = classes.MoveToImmutable(),
            Confusion = matrix.ToRows(),
            Calibration = images.Probabilities is not { } probabilities ? null : new Calibration
            {
                Ece = Around(scored[2]),
                ClasswiseEce = Around(scored[3]),
                Brier = scored[4],
                LogLoss = scored[5],
                Reliability = CalibrationFigures.Reliability(probabilities, images.Truth),
                Temperature = TemperatureScaling.Fit(probabilities, images.Truth, seed),
            },
        };
    }

    // Resampling makes bins noisier and their errors larger, so the replicates of a calibration error may lie on one side of it: no interval is better than one beside the value.
    private static Estimate Around(Estimate e) => e.Low <= e.Value && e.Value <= e.High ? e : new Estimate(e.Value, null, null);

    // In the order of ScoreFigures.Row; areas of one grade have DeLong's interval.
    private static (Estimate[] Estimates, double[] AucReplicates) Scored(GradedImages images, long seed, int resamples)
    {
        var figures = new ScoreFigures(images);
        var once = new ushort[images.Count];
        Array.Fill(once, (ushort)1);
        double[] values = figures.Row(once);
        double[][] replicates = ImageBootstrap.Replicates(images.Count, images.Groups, figures.Row, seed, resamples);
        Estimate[] estimates = [.. values.Select((value, m) => CellBootstrap.Interval(value, replicates[m], acceleration: 0))];
        // DeLong's variance takes images for independent, which those of one group are not.
        for (int k = 0; images.Groups is null && k < figures.Columns.Length; k++)
            estimates[6 + k] = DeLong.Interval(figures.Columns[k], [.. images.Truth.Select(t => t == k)]);
        if (figures.Columns.Length == 2)
            estimates[0] = estimates[7];
        return (estimates, replicates[0]);
    }
}
