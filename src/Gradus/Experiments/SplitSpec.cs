namespace Gradus.Experiments;

/// <summary>Stratified group k-fold over the main sources.</summary>
/// <param name="Folds">Number of folds, at least 2.</param>
/// <param name="Fold">The one that validates, 0 to Folds-1.</param>
public sealed record SplitSpec(int Folds = 5, int Fold = 0);
