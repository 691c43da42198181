using Gradus.Thresholds;

namespace Gradus.Metrics;

/// <summary>
/// One temperature T for all images, by maximum likelihood (Guo et al. 2017): probabilities become <c>softmax(log p / T)</c>. Above 1 the
/// model was too sure of itself, below 1 not sure enough. No image's most probable grade changes.
/// </summary>
/// <param name="Temperature">Fitted on all images, 0.01 to 100.</param>
/// <param name="Ece">Expected calibration error where each image is scaled by a temperature that was fitted on other images.</param>
/// <param name="LogLoss">Log loss, likewise, in nats.</param>
public sealed record TemperatureScaling(double Temperature, double Ece, double LogLoss)
{
    private const int Folds = 5;
    private const double Hottest = 100;

    /// <summary>Fits a temperature, and says by cross-fitting in five folds what it is worth.</summary>
    /// <param name="probabilities">(N, K) row-major, rows adding up to 1.</param>
    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="seed">Deals the folds.</param>
    public static TemperatureScaling Fit(double[] probabilities, int[] truth, long seed)
    {
        int grades = probabilities.Length / truth.Length;
        double[] logs = [.. probabilities.Select(p => Math.Log(Math.Max(p, CalibrationFigures.Least)))];
        int[] foldOf = CrossFitting.Deal(truth, grades, Folds, seed);
        var scaled = new double[probabilities.Length];
        for (int fold = 0; fold < Folds; fold++)
        {
            int held = fold;
            double inverse = Inverse(logs, truth, i => foldOf[i] != held);
            for (int i = 0; i < truth.Length; i++)
            {
                if (foldOf[i] == fold)
                    Softmax(logs.AsSpan(i * grades, grades), inverse, scaled.AsSpan(i * grades, grades));
            }
        }
        double logLoss = truth.Select((t, i) => -Math.Log(Math.Max(scaled[i * grades + t], CalibrationFigures.Least))).Average();
        return new TemperatureScaling(1 / Inverse(logs, truth, _ => true), CalibrationFigures.Ece(scaled, truth), logLoss);
    }

    // The log loss is convex in the inverse temperature b, with slope E[log p] under softmax(b log p) minus log p of the truth, and the
    // variance as its curvature. Newton's steps are kept between bounds that close in on the root of the slope.
    private static double Inverse(double[] logs, int[] truth, Func<int, bool> counts)
    {
        int grades = logs.Length / truth.Length;
        var row = new double[grades];
        double low = 1 / Hottest, high = Hottest, b = 1;
        for (int step = 0; step < 100 && high - low > 1e-10 * b; step++)
        {
            double slope = 0, curvature = 0;
            for (int i = 0; i < truth.Length; i++)
            {
                if (!counts(i))
                    continue;
                ReadOnlySpan<double> log = logs.AsSpan(i * grades, grades);
                Softmax(log, b, row);
                double mean = 0, square = 0;
                for (int k = 0; k < grades; k++)
                {
                    mean += row[k] * log[k];
                    square += row[k] * log[k] * log[k];
                }
                slope += mean - log[truth[i]];
                curvature += square - mean * mean;
            }
            if (slope == 0)
                return b;
            (low, high) = slope > 0 ? (low, b) : (b, high);
            double next = b - slope / curvature;
            if (Math.Abs(next - b) <= 1e-12 * b)
                return b;
            b = next > low && next < high ? next : Math.Sqrt(low * high);
        }
        return b;
    }

    private static void Softmax(ReadOnlySpan<double> logs, double inverse, Span<double> result)
    {
        double top = double.NegativeInfinity, sum = 0;
        foreach (double log in logs)
            top = Math.Max(top, log);
        for (int k = 0; k < logs.Length; k++)
            sum += result[k] = Math.Exp(inverse * (logs[k] - top));
        for (int k = 0; k < logs.Length; k++)
            result[k] /= sum;
    }
}
