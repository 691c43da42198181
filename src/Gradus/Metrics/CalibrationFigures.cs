using System.Collections.Immutable;

namespace Gradus.Metrics;

/// <summary>What calibration needs of each image, prepared once, so that a resample takes one pass.</summary>
internal sealed class CalibrationFigures
{
    /// <summary>The least probability whose log is taken.</summary>
    public const double Least = 2.220446049250313e-16;

    private readonly int _grades;
    private readonly byte[] _bin; // (N)
    private readonly float[] _gap; // (N) hit or not, minus the probability of the most probable grade
    private readonly byte[] _classBin; // (N, K)
    private readonly float[] _classGap; // (N, K)
    private readonly double[] _brier; // (N)
    private readonly double[] _logLoss; // (N)

    /// <param name="probabilities">(N, K) row-major, rows adding up to 1.</param>
    /// <param name="truth">(N) 0 to K-1.</param>
    public CalibrationFigures(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> truth)
    {
        int images = truth.Length;
        _grades = probabilities.Length / images;
        (_bin, _gap, _brier, _logLoss) = (new byte[images], new float[images], new double[images], new double[images]);
        (_classBin, _classGap) = (new byte[images * _grades], new float[images * _grades]);
        for (int i = 0; i < images; i++)
        {
            ReadOnlySpan<double> row = probabilities.Slice(i * _grades, _grades);
            int top = 0;
            for (int k = 0; k < _grades; k++)
            {
                double hit = truth[i] == k ? 1 : 0;
                _classBin[i * _grades + k] = BinOf(row[k]);
                _classGap[i * _grades + k] = (float)(hit - row[k]);
                _brier[i] += (hit - row[k]) * (hit - row[k]) / (_grades == 2 ? 2 : 1);
                if (row[k] > row[top])
                    top = k;
            }
            _bin[i] = BinOf(row[top]);
            _gap[i] = (float)((truth[i] == top ? 1 : 0) - row[top]);
            _logLoss[i] = -Math.Log(Math.Max(row[truth[i]], Least));
        }
    }

    /// <summary>Expected calibration error, class-wise expected calibration error, Brier score, log loss.</summary>
    /// <param name="times">(N) how often each image counts; at least one does.</param>
    public (double Ece, double ClasswiseEce, double Brier, double LogLoss) Measure(ReadOnlySpan<ushort> times)
    {
        Span<double> gaps = stackalloc double[Calibration.Bins];
        gaps.Clear();
        var classGaps = new double[_grades * Calibration.Bins];
        double brier = 0, logLoss = 0;
        long images = 0;
        for (int i = 0; i < times.Length; i++)
        {
            int count = times[i];
            if (count == 0)
                continue;
            images += count;
            gaps[_bin[i]] += count * _gap[i];
            brier += count * _brier[i];
            logLoss += count * _logLoss[i];
            for (int k = 0, at = i * _grades; k < _grades; k++, at++)
                classGaps[k * Calibration.Bins + _classBin[at]] += count * _classGap[at];
        }
        return (Distance(gaps) / images, Distance(classGaps) / (images * _grades), brier / images, logLoss / images);
    }

    /// <summary>Expected calibration error of the most probable grade.</summary>
    public static double Ece(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> truth) =>
        Reliability(probabilities, truth).Sum(bin => bin.Images == 0 ? 0 : bin.Images * Math.Abs(bin.Accuracy!.Value - bin.Confidence!.Value)) / truth.Length;

    /// <summary>(15) bins of the most probable grade.</summary>
    public static ImmutableArray<ReliabilityBin> Reliability(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> truth)
    {
        int grades = probabilities.Length / truth.Length;
        var images = new int[Calibration.Bins];
        var hits = new int[Calibration.Bins];
        var confidence = new double[Calibration.Bins];
        for (int i = 0; i < truth.Length; i++)
        {
            ReadOnlySpan<double> row = probabilities.Slice(i * grades, grades);
            int top = 0;
            for (int k = 1; k < grades; k++)
                top = row[k] > row[top] ? k : top;
            int bin = BinOf(row[top]);
            images[bin]++;
            hits[bin] += truth[i] == top ? 1 : 0;
            confidence[bin] += row[top];
        }
        return [.. images.Select((n, b) => new ReliabilityBin((double)b / Calibration.Bins, (b + 1.0) / Calibration.Bins, n, n == 0 ? null : confidence[b] / n, n == 0 ? null : (double)hits[b] / n))];
    }

    private static byte BinOf(double probability) => (byte)Math.Clamp((int)Math.Ceiling(probability * Calibration.Bins) - 1, 0, Calibration.Bins - 1);

    private static double Distance(ReadOnlySpan<double> gaps)
    {
        double sum = 0;
        foreach (double gap in gaps)
            sum += Math.Abs(gap);
        return sum;
    }
}
