using Gradus.Grading;

namespace Gradus.Thresholds;

/// <summary>What tuning found.</summary>
/// <param name="Rule">The rule with tuned thresholds, or the default rule where tuning could not better it.</param>
/// <param name="InSampleQwk">Its QWK on the very images it was tuned on, which flatters it.</param>
public sealed record TunedThresholds(DecodingRule Rule, double InSampleQwk);
