using System.Collections.Immutable;

namespace Gradus.Torch.Models;

/// <summary>Which part of a network is filled from a file.</summary>
public enum LoadScope
{
    /// <summary>The backbone; the head stays as it is, and a classifier or head in the file is left out and reported.</summary>
    Backbone,

    /// <summary>The backbone, and the head too where every tensor of it fits; for a run that starts from another's checkpoint.</summary>
    Parent,

    /// <summary>Backbone and head, every tensor, exactly; for a checkpoint that predicts.</summary>
    All,
}

/// <summary>What loading did and left out; a load that succeeded has filled everything else in its scope.</summary>
/// <param name="Convention">Whose names the file has, for a person: <c>timm behind 'module.'</c>.</param>
/// <param name="Missing">Tensors of the network that the file lacks and that kept their values: counters of batches, and the head with <see cref="LoadScope.Backbone"/>.</param>
/// <param name="Unexpected">Tensors of the file that were left out: a head, a projection, whatever belongs to no part
/// of the backbone.</param>
/// <param name="WrongShape">Tensors of the head that the file has in another shape, each with both shapes.</param>
/// <param name="SkippedClassifier">The file's classifier that was left out, for a person: <c>classifier.1 (1000x1280)</c>; null where there was none.</param>
/// <param name="AdaptedInput">What was done to the first convolution where the network's images have other channels than the file's, for a person; null where nothing.</param>
public sealed record LoadReport(
    string Convention,
    ImmutableArray<string> Missing,
    ImmutableArray<string> Unexpected,
    ImmutableArray<string> WrongShape,
    string? SkippedClassifier,
    string? AdaptedInput);
