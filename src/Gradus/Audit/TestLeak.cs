using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>A labelled image that is identical to a test image.</summary>
/// <param name="Train">The labelled image.</param>
/// <param name="Test">The test image.</param>
public sealed record TestLeak(ImageKey Train, ImageKey Test);
