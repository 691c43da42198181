using System.Collections.Immutable;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Runs.Notes;

namespace Gradus.Reports;

/// <summary>Whether a figure of the validation images tells what a leaderboard will say.</summary>
/// <param name="Figure">Of the selected epoch: "QWK at tuned thresholds".</param>
/// <param name="Board">"public" or "private".</param>
/// <param name="Runs">Runs that have both.</param>
/// <param name="Pearson">Correlation of the values.</param>
/// <param name="Spearman">Correlation of the ranks.</param>
public sealed record LeaderboardTrust(string Figure, string Board, int Runs, Estimate Pearson, Estimate Spearman)
{
    /// <summary>Fewer have no interval.</summary>
    private const int Fewest = 4;

    /// <summary>The figures that are held against leaderboards.</summary>
    internal static ImmutableArray<(string Name, Func<EpochRecord, double?> Of)> Figures { get; } =
    [
        ("QWK at tuned thresholds", e => e.Validation.Tuned.Qwk),
        ("QWK at default thresholds", e => e.Validation.Default.Qwk),
        ("cross-fitted QWK", e => e.CrossFittedQwk),
        ("AUC", e => e.Validation.Default.Auc),
    ];

    /// <summary>The answer in a sentence.</summary>
    public string Sentence => this switch
    {
        { Runs: < Fewest } => $"Too few to say: {Runs} {(Runs == 1 ? "run has" : "runs have")} a {Board} score and a validation {Figure}; {Fewest} are the least for an interval.",
        { Spearman.Value: null } => $"Nothing to say: the {Board} scores or the validation {Figure} are the same in all {Runs} runs.",
        { Spearman: { Low: null, Value: > 0 } } => $"The {Board} scores rank {Runs} runs exactly as the validation {Figure} does; an exact agreement has no interval.",
        { Spearman: { Low: null } } => $"The {Board} scores rank {Runs} runs exactly the other way round than the validation {Figure} does: do not select by it.",
        { Spearman.Low: > 0 } => $"The {Board} scores rise with the validation {Figure}: a rank correlation of {Spearman.Value:0.00} (95 % interval {Spearman.Low:0.00} to {Spearman.High:0.00}) over {Runs} runs.",
        { Spearman.High: < 0 } => $"The {Board} scores fall as the validation {Figure} rises: a rank correlation of {Spearman.Value:0.00} (95 % interval {Spearman.Low:0.00} to {Spearman.High:0.00}) over {Runs} runs. Do not select by it.",
        _ => $"Cannot be told: the rank correlation of the {Board} scores with the validation {Figure} is {Spearman.Value:0.00} over {Runs} runs, but its 95 % interval goes from {Spearman.Low:0.00} to {Spearman.High:0.00}.",
    };

    /// <summary>What to keep in mind with any of the answers.</summary>
    /// <param name="runs">The runs compared.</param>
    public static string Caution(IReadOnlyCollection<LoggedRun> runs)
    {
        int sets = runs.Where(r => r.Notes.Public is not null || r.Notes.Private is not null).Select(r => string.Join(',', r.Info.Counts.Validation)).Distinct().Count();
        return "The intervals take the runs for independent, which runs that descend from each other are not; epoch and thresholds were chosen on the validation images, which flatters all figures there."
            + (sets > 1 ? $" These runs have {sets} different sets of validation images, which blurs the correlation." : "");
    }

    /// <summary>All figures against both leaderboards, of runs that grade alike, the figure that is usual for their number of grades first; those with too few runs too.</summary>
    public static ImmutableArray<LeaderboardTrust> Of(IReadOnlyCollection<LoggedRun> runs) =>
    [
        .. new (string Name, Func<RunNotes, double?> Of)[] { ("public", n => n.Public), ("private", n => n.Private) }.SelectMany(board => Usual(runs).Select(figure =>
        {
            (double X, double Y)[] pairs = [.. runs.Where(r => r.Best is not null)
                .Select(r => (X: figure.Of(r.Best!), Y: board.Of(r.Notes)))
                .Where(p => p.X is { } x && p.Y is { } y && double.IsFinite(x) && double.IsFinite(y)).Select(p => (p.X!.Value, p.Y!.Value))];
            double[] x = [.. pairs.Select(p => p.X)], y = [.. pairs.Select(p => p.Y)];
            return new LeaderboardTrust(figure.Name, board.Name, pairs.Length, Correlation.Pearson(x, y), Correlation.Spearman(x, y));
        })),
    ];

    // Two grades are ranked by AUC, more by kappa.
    private static IEnumerable<(string Name, Func<EpochRecord, double?> Of)> Usual(IReadOnlyCollection<LoggedRun> runs) =>
        runs.FirstOrDefault()?.Description.Grades.Length == 2 ? Figures.Reverse() : Figures;

    /// <summary>Runs whose scores can be compared: those with the same grades, oldest group first.</summary>
    public static IEnumerable<IGrouping<string, LoggedRun>> Groups(IEnumerable<LoggedRun> runs) => runs.GroupBy(r => string.Join(", ", r.Description.Grades));
}
