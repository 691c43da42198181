namespace Gradus.Thresholds;

/// <summary>An image whose grade changes where a threshold passes a value.</summary>
/// <param name="Truth">Its true grade.</param>
/// <param name="Below">Its grade while the value is not above the threshold.</param>
/// <param name="Above">Its grade while it is.</param>
internal readonly record struct Crossing(int Truth, int Below, int Above);

/// <summary>
/// The exact search for one threshold: it passes from above all values to below all of them, and between any two distinct values
/// lies one candidate. Equal values cross together.
/// </summary>
internal static class ThresholdSweep
{
    /// <summary>What every place of the threshold from <paramref name="low"/> to <paramref name="high"/> gives, from above.</summary>
    /// <param name="atTop">The sums while no value is above the threshold.</param>
    /// <param name="values">Rising.</param>
    /// <param name="crossings">What happens at each value.</param>
    /// <param name="low">The threshold's lower bound.</param>
    /// <param name="high">The threshold's upper bound.</param>
    public static List<Gap> Gaps(QwkSums atTop, ReadOnlySpan<double> values, ReadOnlySpan<Crossing> crossings, double low, double high)
    {
        var gaps = new List<Gap>(values.Length + 1);
        QwkSums sums = atTop;
        int i = values.Length - 1;
        for (; i >= 0 && values[i] > high; i--)
            sums.Move(crossings[i].Truth, crossings[i].Below, crossings[i].Above);
        for (double upper = high; ;)
        {
            bool last = i < 0 || values[i] <= low;
            gaps.Add(new Gap(last ? low : values[i], upper, sums.Value));
            if (last)
                return gaps;
            upper = values[i];
            for (; i >= 0 && values[i] == upper; i--)
                sums.Move(crossings[i].Truth, crossings[i].Below, crossings[i].Above);
        }
    }

    /// <summary>The best place for the threshold: the middle of the widest of equally good ones.</summary>
    /// <param name="gaps">All places, from above.</param>
    /// <param name="preferred">Decides between plateaus of equal QWK and width: the nearer one.</param>
    public static (double Threshold, double Qwk) Best(List<Gap> gaps, double preferred)
    {
        double best = gaps.Max(gap => gap.Value);
        return (MiddleOfWidest(gaps, best, preferred), best);
    }

    // A plateau may span several gaps, where what crosses between them changes nothing. Its middle may then be a value of the data;
    // the middle of the gap in which it lies is not.
    private static double MiddleOfWidest(List<Gap> gaps, double best, double preferred)
    {
        (int First, int Last, double Width, double Distance) chosen = (-1, -1, double.NegativeInfinity, 0);
        for (int first = 0; first < gaps.Count; first++)
        {
            if (gaps[first].Value != best)
                continue;
            int last = first;
            while (last + 1 < gaps.Count && gaps[last + 1].Value == best)
                last++;
            double width = gaps[first].Upper - gaps[last].Lower;
            double distance = Math.Abs(Gap.Middle(gaps[last].Lower, gaps[first].Upper) - preferred);
            if (width > chosen.Width || (width == chosen.Width && distance < chosen.Distance))
                chosen = (first, last, width, distance);
            first = last;
        }
        double middle = Gap.Middle(gaps[chosen.Last].Lower, gaps[chosen.First].Upper);
        int at = chosen.First;
        while (at < chosen.Last && middle < gaps[at].Lower)
            at++;
        return Gap.Middle(gaps[at].Lower, gaps[at].Upper);
    }
}

/// <summary>Every threshold from <paramref name="Lower"/> (inclusive) to <paramref name="Upper"/> (exclusive) gives the same grades.</summary>
internal readonly record struct Gap(double Lower, double Upper, double Value)
{
    /// <summary>The middle; between neighbouring floating-point numbers, where there is none, the lower of them.</summary>
    public static double Middle(double lower, double upper) => At(lower, upper, 0.5);

    /// <summary>The place at a share (above 0, below 1) of the way up.</summary>
    public static double At(double lower, double upper, double share)
    {
        double place = lower + (upper - lower) * share;
        return place < upper ? place : lower;
    }
}
