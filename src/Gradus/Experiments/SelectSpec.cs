namespace Gradus.Experiments;

/// <summary>The validation figure by which checkpoints are kept.</summary>
public enum SelectBy
{
    /// <summary>Lowest loss.</summary>
    Loss,

    /// <summary>Highest QWK at default thresholds.</summary>
    Qwk,

    /// <summary>Highest QWK at tuned thresholds.</summary>
    TunedQwk,

    /// <summary>Highest AUC.</summary>
    Auc,

    /// <summary>Highest accuracy at default thresholds.</summary>
    Accuracy,

    /// <summary>Highest QWK at thresholds that were fitted to other folds of the validation images.</summary>
    CrossFittedQwk,

    /// <summary>Highest mean of the QWK at default thresholds over an epoch and its two neighbours.</summary>
    SmoothedQwk,

    /// <summary>
    /// The last epoch, whatever its figures: nothing is chosen, so none flatters. For rates that fall to almost nothing.
    /// </summary>
    Last,
}

/// <summary>Which checkpoints are kept.</summary>
/// <param name="By">The rule.</param>
/// <param name="Keep">How many of the best stay on disk, null for all; the last epoch's stays too.</param>
public sealed record SelectSpec(SelectBy By = SelectBy.Loss, int? Keep = 3)
{
    /// <summary>
    /// What an experiment that names no rule means: the last epoch where the schedule ends at almost nothing, since
    /// neighbouring epochs are then alike and what is chosen among them fits the noise of the validation images; else
    /// the lowest loss, since under a high rate any single epoch may be a bad one. See docs/experiments.md for the evidence.
    /// </summary>
    public static SelectBy DefaultRule(ScheduleSpec schedule) =>
        schedule is OneCycleSchedule or CosineSchedule { FinalRatio: <= 0.1 } ? SelectBy.Last : SelectBy.Loss;
}
