using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>The directions in which features vary most, by random projection and two power iterations (Halko, Martinsson and Tropp 2011, algorithm 4.4).</summary>
internal static class PrincipalAxes
{
    private const int Oversampling = 8;

    /// <summary>Standardises the columns of (N, D) features and projects them onto at most <paramref name="most"/> axes, (N, k).</summary>
    public static Matrix<double> Project(Matrix<double> features, int most, Random random)
    {
        Matrix<double> x = Standardised(features);
        if (x.ColumnCount <= most)
            return x;
        int width = Math.Min(most + Oversampling, Math.Min(x.RowCount, x.ColumnCount));
        Matrix<double> basis = (x * Matrix<double>.Build.Dense(x.ColumnCount, width, (_, _) => Normal.Sample(random, 0, 1))).QR().Q; // (N, width)
        for (int round = 0; round < 2; round++)
            basis = (x * x.TransposeThisAndMultiply(basis)).QR().Q;
        Matrix<double> small = basis.TransposeThisAndMultiply(x); // (width, D)
        Matrix<double> gram = small.TransposeAndMultiply(small); // (width, width): its eigenvectors turn the basis to the axes
        var eigen = gram.Evd(Symmetricity.Symmetric);
        Matrix<double> axes = basis * eigen.EigenVectors; // (N, width), the last the strongest
        int kept = Math.Min(most, width);
        return Matrix<double>.Build.Dense(x.RowCount, kept, (i, j) => axes[i, width - 1 - j] * Math.Sqrt(Math.Max(0, eigen.EigenValues[width - 1 - j].Real)));
    }

    private static Matrix<double> Standardised(Matrix<double> features)
    {
        var result = features.Clone();
        for (int j = 0; j < features.ColumnCount; j++)
        {
            Vector<double> column = features.Column(j);
            double mean = column.Average(), deviation = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
            // A column of one value tells nothing; dividing by its rounding errors would make noise of it.
            result.SetColumn(j, deviation > 1e-9 ? (column - mean) / deviation : column - mean);
        }
        return result;
    }
}
