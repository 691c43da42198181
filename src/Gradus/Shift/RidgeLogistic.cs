using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>Logistic regression with weights and an L2 penalty on all but the constant, by Newton's method.</summary>
internal static class RidgeLogistic
{
    private const int MostRounds = 30;

    /// <summary>(D + 1) coefficients, the last the constant.</summary>
    /// <param name="x">(N, D) standardised features.</param>
    /// <param name="rows">The images to learn from.</param>
    /// <param name="positive">(N).</param>
    /// <param name="weights">(N).</param>
    /// <param name="penalty">Of a squared coefficient, in images.</param>
    public static double[] Fit(Matrix<double> x, int[] rows, bool[] positive, double[] weights, double penalty)
    {
        int size = x.ColumnCount + 1;
        var beta = new double[size];
        double loss = Loss(beta);
        for (int round = 0; round < MostRounds; round++)
        {
            var gradient = new double[size];
            var hessian = new double[size, size];
            var row = new double[size];
            foreach (int i in rows)
            {
                double p = Logistic(Linear(x, i, beta));
                Fill(i, row);
                double residual = weights[i] * (p - (positive[i] ? 1 : 0)), curvature = weights[i] * Math.Max(p * (1 - p), 1e-10);
                for (int j = 0; j < size; j++)
                {
                    gradient[j] += residual * row[j];
                    for (int l = 0; l <= j; l++)
                        hessian[j, l] += curvature * row[j] * row[l];
                }
            }
            for (int j = 0; j < size; j++)
            {
                gradient[j] += j < size - 1 ? penalty * beta[j] : 0;
                hessian[j, j] += j < size - 1 ? penalty : 1e-9;
                for (int l = 0; l < j; l++)
                    hessian[l, j] = hessian[j, l];
            }
            Vector<double> step = Matrix<double>.Build.DenseOfArray(hessian).Cholesky().Solve(Vector<double>.Build.Dense(gradient));
            double[] next = beta;
            double better = double.PositiveInfinity;
            for (double scale = 1; scale > 1e-4 && !(better <= loss); scale /= 2)
            {
                next = [.. beta.Zip(step, (b, s) => b - scale * s)];
                better = Loss(next);
            }
            if (!(better < loss))
                break;
            bool settled = loss - better < 1e-7 * (1 + loss);
            (beta, loss) = (next, better);
            if (settled)
                break;
        }
        return beta;

        void Fill(int i, double[] row)
        {
            for (int j = 0; j < size - 1; j++)
                row[j] = x[i, j];
            row[^1] = 1;
        }

        double Loss(double[] at)
        {
            double sum = 0;
            for (int j = 0; j < size - 1; j++)
                sum += penalty / 2 * at[j] * at[j];
            foreach (int i in rows)
            {
                double z = Linear(x, i, at);
                double signed = positive[i] ? -z : z;
                sum += weights[i] * (Math.Max(signed, 0) + Math.Log(1 + Math.Exp(-Math.Abs(signed))));
            }
            return sum;
        }
    }

    /// <summary>The logit of image <paramref name="i"/>.</summary>
    public static double Linear(Matrix<double> x, int i, double[] beta)
    {
        double sum = beta[^1];
        for (int j = 0; j < beta.Length - 1; j++)
            sum += x[i, j] * beta[j];
        return sum;
    }

    private static double Logistic(double z) => z >= 0 ? 1 / (1 + Math.Exp(-z)) : Math.Exp(z) / (1 + Math.Exp(z));
}
