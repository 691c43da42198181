using System.Collections.Immutable;

namespace Gradus.Metrics;

/// <summary>How often each true grade was predicted as each grade: (K, K) counts, rows truth, columns prediction.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[] _counts;
    private readonly int[] _support;
    private readonly int[] _predicted;

    /// <summary>Takes (K, K) counts, row-major.</summary>
    /// <exception cref="ArgumentException">Not K x K counts, or a negative one.</exception>
    public ConfusionMatrix(int grades, ReadOnlySpan<int> counts)
    {
        if (grades < 1 || counts.Length != grades * grades)
            throw new ArgumentException($"{grades} x {grades} counts expected, {counts.Length} given", nameof(counts));
        Grades = grades;
        _counts = counts.ToArray();
        _support = new int[grades];
        _predicted = new int[grades];
        for (int t = 0; t < grades; t++)
        {
            for (int p = 0; p < grades; p++)
            {
                int count = _counts[t * grades + p];
                ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(counts));
                _support[t] += count;
                _predicted[p] += count;
                Total += count;
                if (t == p)
                    Correct += count;
            }
        }
    }

    /// <summary>Counts (N) true against (N) predicted grades, each 0 to <paramref name="grades"/>-1.</summary>
    /// <exception cref="ArgumentException">The lengths differ or a grade is outside the scale.</exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int grades)
    {
        if (truth.Length != predicted.Length)
            throw new ArgumentException($"as many predictions as truths expected: {truth.Length} and {predicted.Length} given", nameof(predicted));
        var counts = new int[grades * grades];
        for (int i = 0; i < truth.Length; i++)
        {
            if ((uint)truth[i] >= (uint)grades || (uint)predicted[i] >= (uint)grades)
                throw new ArgumentException($"grades are 0 to {grades - 1}; at {i} the truth is {truth[i]} and the prediction {predicted[i]}", nameof(truth));
            counts[truth[i] * grades + predicted[i]]++;
        }
        return new ConfusionMatrix(grades, counts);
    }

    /// <summary>K.</summary>
    public int Grades { get; }

    /// <summary>N, the number of images.</summary>
    public int Total { get; }

    /// <summary>Images whose prediction is the truth: the sum of the diagonal.</summary>
    public int Correct { get; }

    /// <summary>(K) images of each true grade.</summary>
    public ReadOnlySpan<int> Support => _support;

    /// <summary>(K) images predicted as each grade.</summary>
    public ReadOnlySpan<int> Predicted => _predicted;

    /// <summary>Whether at least two grades occur, without which nothing can be said of agreement beyond chance.</summary>
    public bool HasSeveralGrades => _support.Count(s => s > 0) > 1;

    /// <summary>Whether averages over grades count this one, as scikit-learn does: it occurs, or it is predicted.</summary>
    public bool Counted(int grade) => _support[grade] > 0 || _predicted[grade] > 0;

    /// <summary>How many grades averages are over.</summary>
    public int CountedGrades => Enumerable.Range(0, Grades).Count(Counted);

    /// <summary>Images of grade <paramref name="truth"/> that were predicted as <paramref name="predicted"/>.</summary>
    public int this[int truth, int predicted] => _counts[truth * Grades + predicted];

    /// <summary>(K * K) counts, row-major.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Share of images predicted as they are, 0 to 1; null without images.</summary>
    public double? Accuracy => Total == 0 ? null : (double)Correct / Total;

    /// <summary>Mean distance between prediction and truth in grades, 0 to K-1; null without images.</summary>
    public double? MeanAbsoluteError
    {
        get
        {
            long distance = 0;
            for (int t = 0; t < Grades; t++)
            {
                for (int p = 0; p < Grades; p++)
                    distance += (long)Math.Abs(t - p) * this[t, p];
            }
            return Total == 0 ? null : (double)distance / Total;
        }
    }

    /// <summary>Mean F1 over the grades that are counted, as scikit-learn has it; 0 without images.</summary>
    public double MacroF1 => Total == 0 ? 0 : Enumerable.Range(0, Grades).Where(Counted).Average(k => Class(k).F1!.Value);

    /// <summary>Each grade against all others.</summary>
    public ClassMetrics Class(int grade)
    {
        int hit = this[grade, grade];
        int support = Support[grade];
        int predicted = Predicted[grade];
        int others = Total - support;
        return new ClassMetrics(support, Share(hit, support), Share(others - (predicted - hit), others), Share(hit, predicted), Share(2 * hit, support + predicted));
    }

    /// <summary>A row a true grade.</summary>
    public ImmutableArray<ImmutableArray<int>> ToRows() => [.. Enumerable.Range(0, Grades).Select(t => ImmutableArray.Create(_counts, t * Grades, Grades))];

    private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
