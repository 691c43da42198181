namespace Gradus.Metrics;

/// <summary>The figures of a confusion matrix as one row of numbers, so that a resample yields all of them. NaN where undefined.</summary>
internal readonly ref struct MatrixFigures<T>(ReadOnlySpan<T> row)
{
    private const int PerClass = 4;
    private readonly ReadOnlySpan<T> _row = row;

    public T Qwk => _row[0];

    public T LinearKappa => _row[1];

    public T Kappa => _row[2];

    public T Accuracy => _row[3];

    public T Mae => _row[4];

    /// <summary>Sensitivity, specificity, precision and F1: mean over the grades that occur or are predicted.</summary>
    public ReadOnlySpan<T> Macro => _row.Slice(5, PerClass);

    /// <summary>Over all pairs of image and grade; the other three micro averages are the accuracy.</summary>
    public T MicroSpecificity => _row[9];

    /// <summary>Sensitivity, specificity, precision and F1 of a grade.</summary>
    public ReadOnlySpan<T> Class(int grade) => _row.Slice(10 + PerClass * grade, PerClass);
}

/// <summary>Makes the row that <see cref="MatrixFigures{T}"/> names.</summary>
internal static class MatrixFigures
{
    /// <summary>(10 + 4K) figures of (K, K) counts.</summary>
    public static double[] Row(int grades, int[] counts)
    {
        var matrix = new ConfusionMatrix(grades, counts);
        ClassMetrics[] classes = [.. Enumerable.Range(0, grades).Select(matrix.Class)];
        // As scikit-learn counts: a grade that is predicted and never true is a mistake that costs, one that is neither is no grade.
        ClassMetrics[] present = [.. classes.Where((c, k) => matrix.Counted(k))];
        double negatives = (grades - 1.0) * matrix.Total;
        return
        [
            Kappa.Quadratic(matrix),
            Kappa.Linear(matrix),
            Kappa.Unweighted(matrix),
            matrix.Accuracy ?? double.NaN,
            matrix.MeanAbsoluteError ?? double.NaN,
            Mean(present, c => c.Sensitivity ?? 0),
            Mean(present, c => c.Specificity),
            Mean(present, c => c.Precision ?? 0),
            Mean(present, c => c.F1),
            negatives > 0 ? (negatives - matrix.Total + matrix.Correct) / negatives : double.NaN,
            .. classes.SelectMany(c => new[] { c.Sensitivity, c.Specificity, c.Precision, c.F1 }).Select(v => v ?? double.NaN),
        ];
    }

    private static double Mean(ClassMetrics[] classes, Func<ClassMetrics, double?> figure) =>
        classes.Length == 0 ? double.NaN : classes.Average(c => figure(c) ?? double.NaN);
}
