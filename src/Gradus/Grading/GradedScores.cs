namespace Gradus.Grading;

/// <summary>Outputs of a head after its link; what thresholds and metrics work on.</summary>
public sealed class GradedScores
{
    /// <summary>Takes the linked outputs and what follows from them.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public GradedScores(int rows, int columns, float[] outputs, double[] score, double[]? probabilities)
    {
        if (outputs.Length != (long)rows * columns || score.Length != rows || (probabilities is not null && (rows == 0 ? probabilities.Length != 0 : probabilities.Length % rows != 0)))
            throw new ArgumentException($"{rows} rows of {columns} outputs, a score and K probabilities expected", nameof(outputs));
        (Rows, Columns, Outputs, Score, Probabilities) = (rows, columns, outputs, score, probabilities);
    }

    /// <summary>N images.</summary>
    public int Rows { get; }

    /// <summary>M outputs an image.</summary>
    public int Columns { get; }

    /// <summary>(N, M) after the link: cumulative or class probabilities in 0 to 1, or the regressed grade.</summary>
    public float[] Outputs { get; }

    /// <summary>(N) the expected grade, 0 to K-1 (regression: unbounded; two grades: the probability of the second).</summary>
    public double[] Score { get; }

    /// <summary>(N, K) probability of each grade, or null for regression.</summary>
    public double[]? Probabilities { get; }

    /// <summary>The outputs of one image, (M).</summary>
    public ReadOnlySpan<float> Row(int i) => Outputs.AsSpan(i * Columns, Columns);

    /// <summary>The scores of some images, in the order of <paramref name="rows"/>; one may be there more than once.</summary>
    public GradedScores At(ReadOnlySpan<int> rows)
    {
        int grades = Probabilities is { } all && Rows > 0 ? all.Length / Rows : 0;
        var outputs = new float[rows.Length * Columns];
        var score = new double[rows.Length];
        double[]? probabilities = Probabilities is null ? null : new double[rows.Length * grades];
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(outputs.AsSpan(i * Columns));
            score[i] = Score[rows[i]];
            Probabilities?.AsSpan(rows[i] * grades, grades).CopyTo(probabilities.AsSpan(i * grades));
        }
        return new GradedScores(rows.Length, Columns, outputs, score, probabilities);
    }
}
