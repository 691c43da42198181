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
}

/// <summary>Which checkpoints are kept.</summary>
/// <param name="By">The rule.</param>
/// <param name="Keep">How many of the best stay on disk, null for all; the last epoch's stays too.</param>
public sealed record SelectSpec(SelectBy By = SelectBy.Loss, int? Keep = 3);
