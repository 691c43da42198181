using System.Collections.Immutable;
using Gradus.Imaging;

namespace Gradus.Explanations;

/// <summary>How much each place of an image speaks for an answer: (H, W) numbers, 0 and up, rows from the top. Only their proportions mean something.</summary>
public sealed class HeatMap
{
    /// <summary>Wraps row-major values.</summary>
    /// <exception cref="ArgumentException">There are not width x height of them, or one is negative or no finite number.</exception>
    public HeatMap(int width, int height, ImmutableArray<float> values)
    {
        if (width < 1 || height < 1 || values.Length != (long)width * height)
            throw new ArgumentException($"{width} x {height} values expected, {values.Length} given", nameof(values));
        if (values.Any(v => !(v >= 0 && float.IsFinite(v))))
            throw new ArgumentException("finite values from 0 expected", nameof(values));
        (Width, Height, Values) = (width, height, values);
        Peak = values.Max();
    }

    /// <summary>W.</summary>
    public int Width { get; }

    /// <summary>H.</summary>
    public int Height { get; }

    /// <summary>(H, W), row-major.</summary>
    public ImmutableArray<float> Values { get; }

    /// <summary>The greatest value; 0 where no place speaks for the answer.</summary>
    public float Peak { get; }

    /// <summary>The centre of mass as shares of width and height, 0 to 1 each; null where all values are 0.</summary>
    public (double X, double Y)? Centre
    {
        get
        {
            double mass = 0, x = 0, y = 0;
            for (int i = 0; i < Values.Length; i++)
            {
                mass += Values[i];
                x += Values[i] * (i % Width + 0.5);
                y += Values[i] * (i / Width + 0.5);
            }
            return mass > 0 ? (x / mass / Width, y / mass / Height) : null;
        }
    }

    /// <summary>The map spread over the photograph that the network's square was cut from, interpolated linearly; 0 where the recipe cut it off.</summary>
    /// <param name="geometry">Of the photograph's preparation.</param>
    /// <param name="width">Pixels across of the result, whatever the photograph has.</param>
    /// <param name="height">Pixels down of the result.</param>
    public HeatMap OnPhotograph(RecipeGeometry geometry, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        var values = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (geometry.ToSquare((x + 0.5) * geometry.Width / width, (y + 0.5) * geometry.Height / height) is var (across, down))
                    values[y * width + x] = At(across * Width / geometry.Size, down * Height / geometry.Size);
            }
        }
        return new HeatMap(width, height, [.. values]);
    }

    /// <summary>
    /// Spearman's rank correlation with a map of the same size, ties sharing their mean rank: 1 for the same order of places, 0 for no relation. A map
    /// without any difference orders nothing, and the correlation is 0.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public double RankCorrelation(HeatMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if ((Width, Height) != (other.Width, other.Height))
            throw new ArgumentException($"a map of {Width} x {Height} expected, {other.Width} x {other.Height} given", nameof(other));
        double[] a = Ranks(Values), b = Ranks(other.Values);
        double mean = (a.Length - 1) / 2.0, together = 0, own = 0, others = 0;
        for (int i = 0; i < a.Length; i++)
        {
            together += (a[i] - mean) * (b[i] - mean);
            own += (a[i] - mean) * (a[i] - mean);
            others += (b[i] - mean) * (b[i] - mean);
        }
        return own > 0 && others > 0 ? together / Math.Sqrt(own * others) : 0;
    }

    // Values stand at the centres of their cells; towards the border the outermost one holds.
    private float At(double x, double y)
    {
        double left = Math.Clamp(x - 0.5, 0, Width - 1), top = Math.Clamp(y - 0.5, 0, Height - 1);
        int column = (int)left, row = (int)top, next = Math.Min(column + 1, Width - 1), below = Math.Min(row + 1, Height - 1);
        double across = left - column, down = top - row;
        return (float)((Values[row * Width + column] * (1 - across) + Values[row * Width + next] * across) * (1 - down)
            + (Values[below * Width + column] * (1 - across) + Values[below * Width + next] * across) * down);
    }

    private static double[] Ranks(ImmutableArray<float> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (int first = 0, end; first < order.Length; first = end)
        {
            for (end = first + 1; end < order.Length && values[order[end]] == values[order[first]];)
                end++;
            for (int i = first; i < end; i++)
                ranks[order[i]] = (first + end - 1) / 2.0;
        }
        return ranks;
    }
}
