using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gradus.Sampling;

/// <summary>Which training images an epoch shows, in which order, with the account that <see cref="DrawCheck"/> checks.</summary>
/// <param name="Indices">(N) positions in the training set's records.</param>
/// <param name="Configured">What the experiment asks for: expected counts under class weights, exact ones without.</param>
/// <param name="Realised">What was drawn, counted from the grades of the images and not from the weights.</param>
[SuppressMessage("Performance", "CA1819", Justification = "The hot loop indexes it; the draw belongs to its epoch alone.")]
public sealed record EpochDraw(int[] Indices, ClassHistogram Configured, ClassHistogram Realised)
{
    /// <summary>True where images are drawn in proportion to class weights, false where each is shown once.</summary>
    public required bool WithReplacement { get; init; }

    /// <summary>Sentences about weights that cannot take effect; empty where all do.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
