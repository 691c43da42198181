using Gradus.Datasets;

namespace Gradus.Mistakes;

/// <summary>How wrong an image was judged by runs that had not seen it.</summary>
/// <param name="Image">The image.</param>
/// <param name="Predicted">The grade that most of the runs predict; of equally many the one farthest from the person's.</param>
/// <param name="Score">Mean over the runs.</param>
/// <param name="Error">How far that is from the person's grade.</param>
/// <param name="Confidence">Mean probability of each run's own prediction, 0 to 1; null for regression.</param>
/// <param name="Runs">How many runs judged it.</param>
/// <param name="IsCandidate">Whether every one of them was confident and wrong: the label may be the error.</param>
public sealed record Mistake(ImageRecord Image, int Predicted, double Score, double Error, double? Confidence, int Runs, bool IsCandidate);
