namespace Gradus;

/// <summary>One report of a long piece of work, for <see cref="IProgress{T}"/>; whoever shows it derives rate and remaining time.</summary>
/// <param name="Stage">What is being done, for a person: "prepare", "epoch 3/15 train".</param>
/// <param name="Done">Units finished so far.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Unit">What is counted: "images", "batches".</param>
public readonly record struct WorkProgress(string Stage, long Done, long Total, string Unit);
