namespace Gradus.Metrics;

/// <summary>
/// Images sorted once by falling score, so that AUC and average precision of any resample, given as how often each image was drawn,
/// take one pass.
/// </summary>
internal sealed class Ranking
{
    private const int Positive = 1;
    private const int LastOfTie = 2;
    private const int Flags = 2;

    private readonly int[] _order; // image number and flags, by falling score

    /// <param name="scores">(N) finite; fewer than 2^29.</param>
    /// <param name="positive">Whether an image is of the grade that the scores speak for.</param>
    public Ranking(ReadOnlySpan<double> scores, Func<int, bool> positive)
    {
        var falling = new double[scores.Length];
        _order = new int[scores.Length];
        for (int i = 0; i < falling.Length; i++)
            (falling[i], _order[i]) = (-scores[i], i);
        Array.Sort(falling, _order);
        for (int at = 0; at < _order.Length; at++)
        {
            bool last = at + 1 == falling.Length || falling[at] != falling[at + 1];
            _order[at] = _order[at] << Flags | (positive(_order[at]) ? Positive : 0) | (last ? LastOfTie : 0);
        }
    }

    /// <summary>
    /// The chance that a positive scores above a negative, ties counting half, and the mean over positives of the precision at
    /// their score (step by step, without interpolation); NaN where there are no positives or (AUC) no negatives.
    /// </summary>
    /// <param name="times">(N) how often each image counts.</param>
    public (double Auc, double AveragePrecision) Measure(ReadOnlySpan<ushort> times)
    {
        long won = 0; // twice the pairs won
        long positives = 0, negatives = 0, before = 0, negativesBefore = 0;
        double precision = 0;
        foreach (int image in _order)
        {
            int count = times[image >> Flags];
            int positive = count * (image & Positive);
            positives += positive;
            negatives += count - positive;
            if ((image & LastOfTie) == 0)
                continue;
            won += (negatives - negativesBefore) * (before + positives);
            if (positives > before)
                precision += (positives - before) * ((double)positives / (positives + negatives));
            (before, negativesBefore) = (positives, negatives);
        }
        return ((double)won / (2 * positives * negatives), precision / positives); // 0/0 is NaN
    }
}
