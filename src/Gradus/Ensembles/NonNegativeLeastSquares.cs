using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Ensembles;

/// <summary>
/// <c>min |A x - b|</c> over x that are nowhere negative, by the active-set method of Lawson and Hanson (1974, chapter 23). It ends at the
/// optimum: no gradient of a zero points upwards, and the gradient of every positive entry is zero.
/// </summary>
public static class NonNegativeLeastSquares
{
    private const double Tolerance = 1e-10; // of the gradient, relative to the columns' length times that of b

    /// <summary>The weights of the columns.</summary>
    /// <param name="columns">(m) columns of N values.</param>
    /// <param name="target">(N).</param>
    /// <returns>(m), 0 or more.</returns>
    /// <exception cref="ArgumentException">No columns, or lengths that differ.</exception>
    public static double[] Solve(double[][] columns, double[] target)
    {
        if (columns.Length == 0 || columns.Any(c => c.Length != target.Length))
            throw new ArgumentException($"at least one column of {target.Length} values expected", nameof(columns));
        int m = columns.Length;
        // The columns are few and the rows many, so the normal equations are formed once; each is scaled to length 1 first.
        double[] lengths = [.. columns.Select(c => Math.Sqrt(Dot(c, c)))];
        double[] inverse = [.. lengths.Select(l => l > 0 ? 1 / l : 0)];
        Matrix<double> gram = Matrix<double>.Build.Dense(m, m, (i, j) => Dot(columns[i], columns[j]) * inverse[i] * inverse[j]);
        double[] pull = [.. columns.Select((c, j) => Dot(c, target) * inverse[j])];
        double least = Tolerance * Math.Sqrt(Dot(target, target));

        var x = new double[m];
        var free = new SortedSet<int>();
        var refused = new HashSet<int>(); // columns that lie in the span of the free ones, up to rounding
        while (true)
        {
            double[] gradient = [.. Enumerable.Range(0, m).Select(i => pull[i] - Enumerable.Range(0, m).Sum(j => gram[i, j] * x[j]))];
            int[] candidates = [.. Enumerable.Range(0, m).Where(i => !free.Contains(i) && !refused.Contains(i) && gradient[i] > least).OrderByDescending(i => gradient[i])];
            if (candidates.Length == 0)
                return [.. x.Select((value, i) => value * inverse[i])];
            int entering = candidates[0];
            free.Add(entering);
            double[] step = Unconstrained(gram, pull, free);
            if (!(step[entering] > 0))
            {
                free.Remove(entering);
                refused.Add(entering);
                continue;
            }
            refused.Clear();
            while (free.Any(i => step[i] <= 0))
            {
                double share = free.Where(i => step[i] <= 0).Min(i => x[i] / (x[i] - step[i]));
                foreach (int i in free.ToArray())
                {
                    x[i] += share * (step[i] - x[i]);
                    if (x[i] <= 1e-15)
                    {
                        x[i] = 0;
                        free.Remove(i);
                    }
                }
                step = Unconstrained(gram, pull, free);
            }
            x = step;
        }
    }

    // Least squares over the free columns alone; all others are 0.
    private static double[] Unconstrained(Matrix<double> gram, double[] pull, SortedSet<int> free)
    {
        var x = new double[pull.Length];
        if (free.Count == 0)
            return x;
        int[] at = [.. free];
        Vector<double> solution = Matrix<double>.Build.Dense(at.Length, at.Length, (i, j) => gram[at[i], at[j]]).Svd().Solve(Vector<double>.Build.Dense(at.Length, i => pull[at[i]]));
        for (int i = 0; i < at.Length; i++)
            x[at[i]] = solution[i];
        return x;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
