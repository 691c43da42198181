namespace Gradus.Runs;

/// <summary>What a run that ended tells others, as JSON in camelCase.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Directory">Its folder.</param>
/// <param name="Status">finished or failed.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="BestEpoch">The selected epoch; null where none was done.</param>
/// <param name="Qwk">The selected epoch's validation QWK at default thresholds; null where there is none.</param>
/// <param name="TunedQwk">The same at tuned thresholds.</param>
/// <param name="Auc">The same epoch's AUC; null where it is undefined.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record RunNotice(string Run, string Directory, RunStatus Status, int Epochs, int? BestEpoch, double? Qwk, double? TunedQwk, double? Auc, string? Failure)
{
    /// <summary>One sentence, which chat programs show.</summary>
    public string Text => Status == RunStatus.Finished
        ? FormattableString.Invariant($"{Run} finished after {Epochs} epoch{(Epochs == 1 ? "" : "s")}: validation QWK {Figure(Qwk)} at default and {Figure(TunedQwk)} at tuned thresholds, epoch {BestEpoch}.")
        : $"{Run} failed after {Epochs} epochs: {Failure}";

    private static string Figure(double? value) => value is { } v ? FormattableString.Invariant($"{v:0.000}") : "–";

    /// <summary>Of a run as its folder tells it.</summary>
    public static RunNotice Of(LoggedRun run) => new(
        run.Name, run.Folder.Root, run.Info.Status, run.Records.Count, run.Best?.Epoch, run.Best?.Validation.Default.Qwk, run.Best?.Validation.Tuned.Qwk, run.Best?.Validation.Default.Auc, run.Info.Failure);
}
