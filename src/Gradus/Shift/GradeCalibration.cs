using Gradus.Grading;
using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>
/// Probabilities of the grades that can be believed, fitted on validation by maximum likelihood. Where the head gives probabilities p:
/// <c>softmax(t log p + b)</c>, a temperature and a bias a grade (Alexandari, Kundaje and Shrikumar 2020, BCTS). Where it gives a score s alone
/// (regression): <c>softmax(a + b s)</c>, multinomial logistic regression. Both are linear in their parameters, so the likelihood has one summit and Newton's method finds it.
/// </summary>
internal sealed class GradeCalibration
{
    // As if a tenth of an image more spoke for the usual parameters: it only matters where a grade is absent or the grades are perfectly apart.
    private const double Ridge = 0.1;

    // Outputs that contradict each other give probabilities of exactly zero, which no temperature could ever raise.
    private const double Floor = 1e-4;

    private readonly int _grades;
    private readonly bool _fromScore;
    private readonly (double Centre, double Scale) _score;
    private readonly double[] _parameters;

    private GradeCalibration(int grades, bool fromScore, (double, double) score, double[] parameters) =>
        (_grades, _fromScore, _score, _parameters) = (grades, fromScore, score, parameters);

    /// <summary>The temperature's inverse t; null for a score.</summary>
    public double? Sharpening => _fromScore ? null : _parameters[0];

    /// <summary>Fits to (N) scores with true grades.</summary>
    /// <param name="scores">Of the images that the network has not learnt.</param>
    /// <param name="truth">(N) 0 to K-1.</param>
    /// <param name="grades">K.</param>
    /// <param name="times">(N) how often each image counts.</param>
    /// <param name="start">A fit of nearly the same images, to begin from; null begins from the probabilities as they are.</param>
    public static GradeCalibration Fit(GradedScores scores, int[] truth, int grades, double[] times, GradeCalibration? start = null)
    {
        GradeCalibration calibration = start is null ? Usual(scores, grades) : new GradeCalibration(grades, start._fromScore, start._score, [.. start._parameters]);
        double[] usual = Usual(scores, grades)._parameters;
        double[] features = calibration.Features(scores);
        double[] parameters = calibration._parameters;
        double loss = calibration.Loss(features, truth, times, parameters, usual);
        for (int round = 0; round < 50; round++)
        {
            double[] step = calibration.NewtonStep(features, truth, times, usual);
            double size = 1, better = double.PositiveInfinity;
            double[] next = parameters;
            for (; size > 1e-6; size /= 2)
            {
                next = [.. parameters.Zip(step, (p, s) => p - size * s)];
                better = calibration.Loss(features, truth, times, next, usual);
                if (better <= loss)
                    break;
            }
            if (!(better < loss))
                break;
            bool settled = loss - better < 1e-9 * (1 + loss);
            next.CopyTo(parameters, 0);
            loss = better;
            if (settled)
                break;
        }
        return calibration;
    }

    /// <summary>(N, K) calibrated probabilities.</summary>
    public double[] Probabilities(GradedScores scores) => Probabilities(Features(scores), _parameters);

    private static GradeCalibration Usual(GradedScores scores, int grades)
    {
        bool fromScore = scores.Probabilities is null;
        double centre = scores.Score.Average();
        double deviation = Math.Sqrt(scores.Score.Average(s => (s - centre) * (s - centre)));
        var parameters = new double[fromScore ? 2 * (grades - 1) : grades];
        if (!fromScore)
            parameters[0] = 1;
        return new GradeCalibration(grades, fromScore, (centre, deviation > 0 ? deviation : 1), parameters);
    }

    private int Width => _fromScore ? 1 : _grades;

    // (N, 1) standardised scores, or (N, K) logarithms of probabilities.
    private double[] Features(GradedScores scores) => scores.Probabilities is { } p && !_fromScore
        ? [.. p.Select(v => Math.Log((v + Floor) / (1 + _grades * Floor)))]
        : [.. scores.Score.Select(s => (s - _score.Centre) / _score.Scale)];

    // What parameter j adds to the logit of grade k.
    private double Slope(ReadOnlySpan<double> row, int k, int j) => _fromScore
        ? (j / 2 == k - 1 ? (j % 2 == 0 ? 1 : row[0]) : 0)
        : j == 0 ? row[k] : j == k ? 1 : 0;

    private double[] Probabilities(double[] features, double[] parameters)
    {
        var probabilities = new double[features.Length / Width * _grades];
        for (int i = 0; i * Width < features.Length; i++)
            Softmax(features.AsSpan(i * Width, Width), parameters, probabilities.AsSpan(i * _grades, _grades));
        return probabilities;
    }

    private void Softmax(ReadOnlySpan<double> row, double[] parameters, Span<double> result)
    {
        double top = double.NegativeInfinity, sum = 0;
        for (int k = 0; k < _grades; k++)
        {
            result[k] = _fromScore
                ? (k == 0 ? 0 : parameters[2 * (k - 1)] + parameters[2 * (k - 1) + 1] * row[0])
                : parameters[0] * row[k] + (k == 0 ? 0 : parameters[k]);
            top = Math.Max(top, result[k]);
        }
        for (int k = 0; k < _grades; k++)
            sum += result[k] = Math.Exp(result[k] - top);
        for (int k = 0; k < _grades; k++)
            result[k] /= sum;
    }

    private double Loss(double[] features, int[] truth, double[] times, double[] parameters, double[] usual)
    {
        double loss = 0;
        for (int j = 0; j < parameters.Length; j++)
            loss += Ridge / 2 * (parameters[j] - usual[j]) * (parameters[j] - usual[j]);
        Span<double> p = stackalloc double[_grades];
        for (int i = 0; i < truth.Length; i++)
        {
            if (times[i] == 0)
                continue;
            Softmax(features.AsSpan(i * Width, Width), parameters, p);
            loss -= times[i] * Math.Log(Math.Max(p[truth[i]], 1e-300));
        }
        return loss;
    }

    private double[] NewtonStep(double[] features, int[] truth, double[] times, double[] usual)
    {
        int size = _parameters.Length;
        var gradient = new double[size];
        var hessian = new double[size, size];
        Span<double> p = stackalloc double[_grades], mean = stackalloc double[size];
        for (int i = 0; i < truth.Length; i++)
        {
            if (times[i] == 0)
                continue;
            ReadOnlySpan<double> row = features.AsSpan(i * Width, Width);
            Softmax(row, _parameters, p);
            mean.Clear();
            for (int j = 0; j < size; j++)
            {
                for (int k = 0; k < _grades; k++)
                    mean[j] += p[k] * Slope(row, k, j);
                gradient[j] += times[i] * (mean[j] - Slope(row, truth[i], j));
            }
            for (int j = 0; j < size; j++)
            {
                for (int l = 0; l <= j; l++)
                {
                    double product = 0;
                    for (int k = 0; k < _grades; k++)
                        product += p[k] * Slope(row, k, j) * Slope(row, k, l);
                    hessian[j, l] += times[i] * (product - mean[j] * mean[l]);
                }
            }
        }
        for (int j = 0; j < size; j++)
        {
            gradient[j] += Ridge * (_parameters[j] - usual[j]);
            hessian[j, j] += Ridge;
            for (int l = 0; l < j; l++)
                hessian[l, j] = hessian[j, l];
        }
        return [.. Matrix<double>.Build.DenseOfArray(hessian).Cholesky().Solve(Vector<double>.Build.Dense(gradient))];
    }
}
