using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>Least squares with no negative unknown (Lawson and Hanson 1974, chapter 23), for a handful of unknowns.</summary>
internal static class NonNegativeLeastSquares
{
    // Keeps the equations solvable where columns are alike; far below the noise of any estimate.
    private const double Ridge = 1e-10;
    private const double Tolerance = 1e-12;

    /// <summary>The x with x >= 0 and the least |A x - b|.</summary>
    public static double[] Solve(Matrix<double> a, Vector<double> b)
    {
        Matrix<double> gram = a.TransposeThisAndMultiply(a);
        Vector<double> projected = a.TransposeThisAndMultiply(b);
        int size = a.ColumnCount;
        var x = new double[size];
        var free = new bool[size];
        for (int round = 0; round < 10 * size; round++)
        {
            Vector<double> pull = projected - gram * Vector<double>.Build.Dense(x);
            int enter = Enumerable.Range(0, size).Where(j => !free[j] && gram[j, j] > 0).DefaultIfEmpty(-1).MaxBy(j => j < 0 ? double.NegativeInfinity : pull[j]);
            if (enter < 0 || pull[enter] <= Tolerance)
                break;
            free[enter] = true;
            while (true)
            {
                double[] wanted = Unbounded(gram, projected, free);
                if (!Enumerable.Range(0, size).Any(j => free[j] && wanted[j] <= 0))
                {
                    wanted.CopyTo(x, 0);
                    break;
                }
                // As far towards the unbounded solution as no unknown turns negative; the one that would is held at zero.
                double far = Enumerable.Range(0, size).Where(j => free[j] && wanted[j] <= 0).Min(j => x[j] / (x[j] - wanted[j]));
                if (double.IsNaN(far))
                    far = 0;
                for (int j = 0; j < size; j++)
                    x[j] += far * (wanted[j] - x[j]);
                for (int j = 0; j < size; j++)
                {
                    if (free[j] && x[j] <= Tolerance)
                        (free[j], x[j]) = (false, 0);
                }
            }
        }
        return x;
    }

    private static double[] Unbounded(Matrix<double> gram, Vector<double> projected, bool[] free)
    {
        int[] at = [.. Enumerable.Range(0, free.Length).Where(j => free[j])];
        var solution = new double[free.Length];
        if (at.Length == 0)
            return solution;
        Matrix<double> part = Matrix<double>.Build.Dense(at.Length, at.Length, (i, j) => gram[at[i], at[j]] + (i == j ? Ridge : 0));
        Vector<double> solved = part.Cholesky().Solve(Vector<double>.Build.Dense(at.Length, i => projected[at[i]]));
        for (int i = 0; i < at.Length; i++)
            solution[at[i]] = solved[i];
        return solution;
    }
}
