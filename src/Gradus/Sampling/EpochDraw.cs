using System.Diagnostics.CodeAnalysis;

namespace Gradus.Sampling;

/// <summary>Which training images an epoch shows, in which order, with the account that <see cref="DrawCheck"/> checks.</summary>
/// <param name="Indices">(N) positions in the training set's records.</param>
/// <param name="Plan">What the experiment asks for.</param>
/// <param name="Realised">What was drawn, counted from the grades of the images and not from the plan.</param>
[SuppressMessage("Performance", "CA1819", Justification = "The hot loop indexes it; the draw belongs to its epoch alone.")]
public sealed record EpochDraw(int[] Indices, EpochPlan Plan, ClassHistogram Realised)
{
    /// <summary>The mean weight of the drawn images; null where images have none.</summary>
    public double? MeanWeight { get; init; }
}
