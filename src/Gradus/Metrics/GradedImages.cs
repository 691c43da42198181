namespace Gradus.Metrics;

/// <summary>True and predicted grades of images, and what the predictions came from: all that an evaluation needs.</summary>
public sealed class GradedImages
{
    /// <summary>Takes the columns, a row an image.</summary>
    /// <param name="grades">K, at least 2.</param>
    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="predicted">(N) predicted grades, 0 to K-1.</param>
    /// <param name="scores">(N) finite, rising with the grade, or null.</param>
    /// <param name="probabilities">(N, K) row-major, 0 to 1, rows adding up to 1, or null.</param>
    /// <param name="groups">(N) the group of each image, 0 to G-1 without gaps, such as the patient; null where each stands alone.</param>
    /// <exception cref="ArgumentException">No images, or lengths that do not fit together.</exception>
    public GradedImages(int grades, int[] truth, int[] predicted, double[]? scores = null, double[]? probabilities = null, int[]? groups = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grades, 2);
        if (truth.Length == 0 || predicted.Length != truth.Length || (scores is not null && scores.Length != truth.Length) || (probabilities is not null && probabilities.Length != truth.Length * grades) || (groups is not null && groups.Length != truth.Length))
            throw new ArgumentException($"at least one image, a prediction for each, and a score and {grades} probabilities where there are any expected: {truth.Length} images, {predicted.Length} predictions, {scores?.Length} scores, {probabilities?.Length} probabilities", nameof(truth));
        (Grades, Truth, Predicted, Scores, Probabilities, Groups) = (grades, truth, predicted, scores, probabilities, groups);
    }

    /// <summary>K.</summary>
    public int Grades { get; }

    /// <summary>N.</summary>
    public int Count => Truth.Length;

    /// <summary>(N) true grades.</summary>
    public int[] Truth { get; }

    /// <summary>(N) predicted grades.</summary>
    public int[] Predicted { get; }

    /// <summary>(N) or null.</summary>
    public double[]? Scores { get; }

    /// <summary>(N, K) or null.</summary>
    public double[]? Probabilities { get; }

    /// <summary>(N) the group of each image, 0 to G-1, which intervals draw as a whole; null where images are drawn one by one.</summary>
    public int[]? Groups { get; }

    /// <summary>G, or N where each image stands alone: how many things intervals draw from.</summary>
    public int Units => Groups is { } groups ? groups.Max() + 1 : Count;

    /// <summary>(N) numbers from 0 for the names of groups; an image without one stands alone.</summary>
    /// <param name="names">(N) null or empty where the group is not known.</param>
    /// <returns>Null where each image stands alone, or all are of one group.</returns>
    public static int[]? Numbered(IReadOnlyList<string?> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new int[names.Count];
        int next = 0;
        for (int i = 0; i < groups.Length; i++)
        {
            string? name = names[i];
            groups[i] = !string.IsNullOrEmpty(name) && numbers.TryGetValue(name, out int known) ? known : next++;
            if (!string.IsNullOrEmpty(name))
                numbers.TryAdd(name, groups[i]);
        }
        return next > 1 && numbers.Count > 0 ? groups : null;
    }

    /// <summary>The images at the given places, in that order.</summary>
    public GradedImages InOrder(int[] places) => new(
        Grades,
        [.. places.Select(i => Truth[i])],
        [.. places.Select(i => Predicted[i])],
        Scores is { } scores ? [.. places.Select(i => scores[i])] : null,
        Probabilities is { } all ? [.. places.SelectMany(i => all[(i * Grades)..((i + 1) * Grades)])] : null,
        Groups is { } groups ? [.. places.Select(i => groups[i])] : null);

    /// <summary>The same on a scale with more grades, whose probabilities are 0.</summary>
    public GradedImages Widened(int grades) => new(
        grades,
        Truth,
        Predicted,
        Scores,
        Probabilities is { } all ? [.. Enumerable.Range(0, Count).SelectMany(i => all[(i * Grades)..((i + 1) * Grades)].Concat(new double[grades - Grades]))] : null,
        Groups);

    /// <summary>The same images, drawn by groups.</summary>
    /// <param name="groups">(N) 0 to G-1 without gaps; null draws image by image.</param>
    public GradedImages WithGroups(int[]? groups) => new(Grades, Truth, Predicted, Scores, Probabilities, groups);
}
