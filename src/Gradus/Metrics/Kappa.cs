namespace Gradus.Metrics;

/// <summary>
/// Agreement beyond chance (Cohen 1960; weighted: Cohen 1968): <c>1 - observed disagreement / disagreement expected of independent
/// raters with the same marginals</c>. 1 is perfect, 0 is chance, negative is worse than chance.
/// </summary>
/// <remarks>
/// Where truth and prediction are one and the same constant, or there are no images, no disagreement is expected and the ratio is
/// 0/0. It is taken as 0: such data show no agreement beyond chance, and a model that says one grade for everything never looks good.
/// </remarks>
public static class Kappa
{
    /// <summary>A disagreement costs the square of its distance in grades: QWK.</summary>
    public static double Quadratic(ConfusionMatrix matrix) => Weighted(matrix, static distance => (long)distance * distance);

    /// <summary>QWK, or null where all images have one true grade, so that there is nothing to agree about.</summary>
    public static double? QuadraticOrNone(ConfusionMatrix matrix) => matrix.HasSeveralGrades ? Quadratic(matrix) : null;

    /// <summary>A disagreement costs its distance in grades.</summary>
    public static double Linear(ConfusionMatrix matrix) => Weighted(matrix, static distance => distance);

    /// <summary>Every disagreement costs the same.</summary>
    public static double Unweighted(ConfusionMatrix matrix) => Weighted(matrix, static distance => distance == 0 ? 0 : 1);

    // Sums of integers, so two ways to the same table give the same bits.
    private static double Weighted(ConfusionMatrix matrix, Func<int, long> cost)
    {
        long observed = 0;
        long expected = 0;
        for (int t = 0; t < matrix.Grades; t++)
        {
            for (int p = 0; p < matrix.Grades; p++)
            {
                long weight = cost(Math.Abs(t - p));
                observed += weight * matrix[t, p];
                expected += weight * matrix.Support[t] * matrix.Predicted[p];
            }
        }
        return expected == 0 ? 0 : 1 - (double)(observed * matrix.Total) / expected;
    }
}
