using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>
/// Black-box shift estimation (Lipton, Wang and Smola 2018), with probabilities instead of grades: the mean prediction over the test
/// set is a mixture of the mean predictions over the images of each grade. The shares of the mixture are the estimate, by least squares without negative shares.
/// </summary>
internal static class BlackBoxShift
{
    /// <summary>(K, K) column y: the mean probabilities over validation images of grade y; a grade without images has zeros.</summary>
    /// <param name="probabilities">(N, K).</param>
    /// <param name="truth">(N).</param>
    /// <param name="times">(N) how often each image counts.</param>
    /// <param name="grades">K.</param>
    public static Matrix<double> Confusion(double[] probabilities, int[] truth, double[] times, int grades)
    {
        var sums = new double[grades, grades];
        var counts = new double[grades];
        for (int i = 0; i < truth.Length; i++)
        {
            counts[truth[i]] += times[i];
            for (int k = 0; k < grades; k++)
                sums[k, truth[i]] += times[i] * probabilities[i * grades + k];
        }
        return Matrix<double>.Build.Dense(grades, grades, (k, y) => counts[y] > 0 ? sums[k, y] / counts[y] : 0);
    }

    /// <summary>(K) mean probabilities over (M) images.</summary>
    public static double[] Mean(double[] probabilities, double[] times, int grades)
    {
        var mean = new double[grades];
        for (int i = 0; i < times.Length; i++)
        {
            for (int k = 0; k < grades; k++)
                mean[k] += times[i] * probabilities[i * grades + k];
        }
        double total = times.Sum();
        return [.. mean.Select(m => m / total)];
    }

    /// <summary>The largest over the smallest singular value, of the grades that have images; infinite where one is zero.</summary>
    public static double Condition(Matrix<double> confusion)
    {
        int[] present = [.. Enumerable.Range(0, confusion.ColumnCount).Where(y => confusion.Column(y).AbsoluteMaximum() > 0)];
        Vector<double> singular = Matrix<double>.Build.Dense(confusion.RowCount, present.Length, (k, y) => confusion[k, present[y]]).Svd(computeVectors: false).S;
        return singular.Minimum() > 0 ? singular.Maximum() / singular.Minimum() : double.PositiveInfinity;
    }

    /// <summary>(K) shares that sum to 1.</summary>
    public static double[] Solve(Matrix<double> confusion, double[] testMean)
    {
        double[] shares = NonNegativeLeastSquares.Solve(confusion, Vector<double>.Build.Dense(testMean));
        double sum = shares.Sum();
        return sum > 0 ? [.. shares.Select(s => s / sum)] : [.. testMean]; // zero only where validation has no images
    }
}
