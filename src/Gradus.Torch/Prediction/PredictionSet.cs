using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Predictions;

namespace Gradus.Torch.Prediction;

/// <summary>Answers for a set of images, and what could not be answered.</summary>
/// <param name="Images">In the order asked.</param>
/// <param name="Failed">Images that could not be read, each with the reason.</param>
/// <param name="DefaultCounts">(K) grades predicted at default thresholds.</param>
/// <param name="TunedCounts">(K) grades predicted at tuned thresholds.</param>
public sealed record PredictionSet(ImmutableArray<ImagePrediction> Images, ImmutableArray<(ImageId Id, string Problem)> Failed, ImmutableArray<int> DefaultCounts, ImmutableArray<int> TunedCounts);
