namespace Gradus.Grading;

/// <summary>Raw outputs of a head, (N, M), before its link. A type of its own so that a logit is never thresholded as a probability.</summary>
public sealed class Logits
{
    /// <summary>Wraps row-major <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The length is not rows x columns.</exception>
    public Logits(int rows, int columns, float[] values)
    {
        if (values.Length != (long)rows * columns)
            throw new ArgumentException($"{rows} x {columns} values expected, {values.Length} given", nameof(values));
        (Rows, Columns, Values) = (rows, columns, values);
    }

    /// <summary>N images.</summary>
    public int Rows { get; }

    /// <summary>M outputs an image.</summary>
    public int Columns { get; }

    /// <summary>(N, M), row-major, unbounded.</summary>
    public float[] Values { get; }
}
