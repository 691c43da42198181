using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>The epoch that a rule chooses, and the figure by which it does; null for the last epoch, which none chooses.</summary>
public sealed record SelectionChoice(SelectBy By, int Epoch, double? Value);

/// <summary>Which epochs are the best, by a named rule; always by validation figures.</summary>
public static class Selection
{
    /// <summary>All epochs, best first; of equals the earlier, and those where the figure is undefined last.</summary>
    public static IReadOnlyList<int> Rank(IReadOnlyList<EpochRecord> records, SelectSpec spec) =>
        [.. Ranked(records, spec.By).Select(r => r.Epoch)];

    /// <summary>The best epoch; null before the first has ended.</summary>
    public static EpochRecord? Best(IReadOnlyList<EpochRecord> records, SelectSpec spec) => Ranked(records, spec.By).FirstOrDefault();

    /// <summary>The epochs whose checkpoints stay by the rule, best first.</summary>
    public static IReadOnlyList<int> Kept(IReadOnlyList<EpochRecord> records, SelectSpec spec) => [.. Rank(records, spec).Take(spec.Keep ?? int.MaxValue)];

    /// <summary>What each of the rules would have chosen, in the order of <see cref="SelectBy"/>; a rule whose figure is undefined in every epoch is left out.</summary>
    public static IReadOnlyList<SelectionChoice> Alternatives(IReadOnlyList<EpochRecord> records)
    {
        var choices = new List<SelectionChoice>();
        foreach (SelectBy by in Enum.GetValues<SelectBy>())
        {
            if (Ranked(records, by).FirstOrDefault() is not { } best)
                continue;
            double? value = Figure(records, best, by);
            if (value is not null || by == SelectBy.Last)
                choices.Add(new SelectionChoice(by, best.Epoch, value));
        }
        return choices;
    }

    /// <summary>The validation figure that the rule compares; null where it is undefined, and for the last epoch.</summary>
    /// <param name="records">All epochs in order.</param>
    /// <param name="record">One of them.</param>
    /// <param name="by">The rule.</param>
    public static double? Figure(IReadOnlyList<EpochRecord> records, EpochRecord record, SelectBy by)
    {
        double? value = by switch
        {
            SelectBy.Loss => record.Validation.Loss,
            SelectBy.Qwk => record.Validation.Default.Qwk,
            SelectBy.TunedQwk => record.Validation.Tuned.Qwk,
            SelectBy.Auc => record.Validation.Default.Auc,
            SelectBy.Accuracy => record.Validation.Default.Accuracy,
            SelectBy.CrossFittedQwk => record.CrossFittedQwk,
            SelectBy.SmoothedQwk => Smoothed(records, record),
            SelectBy.Last => null,
            _ => throw new ArgumentOutOfRangeException(nameof(by)),
        };
        return value is { } number && double.IsNaN(number) ? null : value;
    }

    /// <summary>The rule in words: "lowest validation loss".</summary>
    public static string Describe(SelectBy by) => by switch
    {
        SelectBy.Loss => "lowest validation loss",
        SelectBy.Qwk => "highest validation QWK at default thresholds",
        SelectBy.TunedQwk => "highest validation QWK at tuned thresholds",
        SelectBy.Auc => "highest validation AUC",
        SelectBy.Accuracy => "highest validation accuracy at default thresholds",
        SelectBy.CrossFittedQwk => "highest cross-fitted validation QWK",
        SelectBy.SmoothedQwk => "highest mean validation QWK of three neighbouring epochs, default thresholds",
        SelectBy.Last => "last epoch",
        _ => throw new ArgumentOutOfRangeException(nameof(by)),
    };

    /// <summary>What the rule takes, as a part of a sentence: "the epoch of lowest validation loss".</summary>
    public static string Taken(SelectBy by) => by == SelectBy.Last ? "the last epoch" : $"the epoch of {Describe(by)}";

    /// <summary>Which checkpoints stay, in words: "the best 3", "the last 3" or "all".</summary>
    public static string KeptInWords(SelectSpec spec) =>
        spec.Keep is not { } keep ? "all" : $"the {(spec.By == SelectBy.Last ? "last" : "best")} {keep}";

    // The last of three or more epochs has no figure before its successor is known: with half a window it could push a better one
    // off the disk that the whole window would have kept.
    private static double? Smoothed(IReadOnlyList<EpochRecord> records, EpochRecord record)
    {
        EpochRecord[] near = [.. records.Where(r => Math.Abs(r.Epoch - record.Epoch) <= 1)];
        return records.Count > 2 && record.Epoch == records.Max(r => r.Epoch) ? null : near.Average(r => r.Validation.Default.Qwk);
    }

    private static IEnumerable<EpochRecord> Ranked(IReadOnlyList<EpochRecord> records, SelectBy by) => records
        .OrderBy(r => Badness(records, r, by))
        .ThenBy(r => r.Epoch);

    private static double Badness(IReadOnlyList<EpochRecord> records, EpochRecord record, SelectBy by)
    {
        if (by == SelectBy.Last)
            return -record.Epoch;
        if (Figure(records, record, by) is not { } value)
            return double.PositiveInfinity;
        return by == SelectBy.Loss ? value : -value;
    }
}
