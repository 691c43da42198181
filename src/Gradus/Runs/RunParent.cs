namespace Gradus.Runs;

/// <summary>The checkpoint that a run starts from.</summary>
/// <param name="Run">The parent's name.</param>
/// <param name="Epoch">The parent's epoch.</param>
/// <param name="Checkpoint">The file, absolute.</param>
/// <param name="TopLr">The head's learning rate that the person stated for the continuation.</param>
/// <param name="ParentRates">The rates of the parent's epoch; null where its run is not beside the checkpoint any more.</param>
/// <param name="SeenInValidation">Validation images of this run that the parent was trained on.</param>
public sealed record RunParent(string Run, int Epoch, string Checkpoint, double TopLr, GroupRates? ParentRates, int SeenInValidation);
