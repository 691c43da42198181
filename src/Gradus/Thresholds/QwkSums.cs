namespace Gradus.Thresholds;

/// <summary>
/// The six sums that quadratic weighted kappa depends on. One image that changes its grade changes them in constant time, which
/// makes a sweep over all thresholds linear. Whole numbers, so equal tables compare equal.
/// </summary>
internal struct QwkSums
{
    private long _count;
    private long _truth;
    private long _truthSquares;
    private long _predicted;
    private long _predictedSquares;
    private long _disagreement;

    /// <summary>Images that are all predicted as grade 0.</summary>
    /// <param name="images">How many.</param>
    /// <param name="truth">The sum of their true grades.</param>
    /// <param name="truthSquares">The sum of the squares of their true grades.</param>
    public QwkSums(long images, long truth, long truthSquares) => (_count, _truth, _truthSquares, _disagreement) = (images, truth, truthSquares, truthSquares);

    /// <summary>1 - observed / expected disagreement; 0 where none is expected.</summary>
    public readonly double Value
    {
        get
        {
            long expected = Expected;
            return expected == 0 ? 0 : 1 - (double)(_count * _disagreement) / expected;
        }
    }

    /// <summary>Observed over expected disagreement, which the best thresholds make small; infinite where none is expected.</summary>
    public readonly double Ratio => Expected == 0 ? double.PositiveInfinity : (double)(_count * _disagreement) / Expected;

    /// <summary>Mean true grade.</summary>
    public readonly double MeanTruth => (double)_truth / _count;

    private readonly long Expected => _count * (_truthSquares + _predictedSquares) - 2 * _truth * _predicted;

    /// <summary>Counts images of one true grade with one prediction.</summary>
    public void Add(int truth, int predicted, long images = 1)
    {
        _count += images;
        _truth += images * truth;
        _truthSquares += images * truth * truth;
        _predicted += images * predicted;
        _predictedSquares += images * predicted * predicted;
        _disagreement += images * (truth - predicted) * (truth - predicted);
    }

    /// <summary>Changes the prediction of one counted image.</summary>
    public void Move(int truth, int from, int to)
    {
        _predicted += to - from;
        _predictedSquares += (long)to * to - (long)from * from;
        _disagreement += (long)(truth - to) * (truth - to) - (long)(truth - from) * (truth - from);
    }

    /// <summary>Changes the prediction of counted images from one grade to the next.</summary>
    /// <param name="from">The grade that they were predicted as.</param>
    /// <param name="images">How many.</param>
    /// <param name="truth">The sum of their true grades.</param>
    public void Raise(int from, long images, long truth)
    {
        _predicted += images;
        _predictedSquares += (2L * from + 1) * images;
        _disagreement += (2L * from + 1) * images - 2 * truth;
    }
}
