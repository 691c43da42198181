using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Gradus.Metrics;

namespace Gradus.Thresholds;

/// <summary>What tuned thresholds do to the shares of the grades on the images that they were tuned on; a checkpoint keeps it.</summary>
/// <param name="Truth">(K) images of each grade.</param>
/// <param name="Default">(K) images predicted as each grade before tuning.</param>
/// <param name="Tuned">(K) images predicted as each grade at the tuned thresholds.</param>
public sealed record ThresholdEffect(ImmutableArray<int> Truth, ImmutableArray<int> Default, ImmutableArray<int> Tuned)
{
    /// <summary>The effect, from the metrics of the same images at both kinds of threshold.</summary>
    public static ThresholdEffect Of(MetricSet byDefault, MetricSet tuned) =>
        new([.. byDefault.PerClass.Select(c => c.Support)], byDefault.PredictedCounts, tuned.PredictedCounts);

    /// <summary>The effect, from the gradings of the same images at both kinds of threshold.</summary>
    /// <param name="truth">(N) true grades, 0 to K-1.</param>
    /// <param name="byDefault">(N) grades before tuning.</param>
    /// <param name="tuned">(N) grades at the tuned thresholds.</param>
    /// <param name="grades">K.</param>
    public static ThresholdEffect Of(IReadOnlyList<int> truth, int[] byDefault, int[] tuned, int grades)
    {
        return new ThresholdEffect(Count(truth), Count(byDefault), Count(tuned));

        ImmutableArray<int> Count(IEnumerable<int> given) => [.. Enumerable.Range(0, grades).Select(k => given.Count(g => g == k))];
    }

    /// <summary>True where the counts are of one set of images and one scale; another program may have written them.</summary>
    [JsonIgnore]
    public bool IsWhole => !Truth.IsDefaultOrEmpty && !Default.IsDefault && !Tuned.IsDefault
        && Default.Length == Truth.Length && Tuned.Length == Truth.Length && Truth.Sum() > 0 && Tuned.Sum() == Truth.Sum();

    /// <summary>
    /// One line where tuned thresholds leave a grade without any prediction that occurs among the images, or move a grade's share
    /// out of the 95 % interval of its true one and further from it than it was before; null where they do neither.
    /// </summary>
    /// <param name="names">(K) of the grades; null calls them by their numbers.</param>
    /// <param name="images">What the images are called: "validation", "these images".</param>
    public string? Warning(IReadOnlyList<string>? names = null, string images = "validation")
    {
        if (!IsWhole)
            return null;
        GradeShare[] shares = [.. Enumerable.Range(0, Truth.Length).Select(k => GradeShare.Of(k, Truth[k], Tuned[k], Truth.Sum()))];
        string[] emptied = [.. shares.Where(s => Truth[s.Grade] > 0 && Tuned[s.Grade] == 0).Select(Emptied)];
        string[] moved = [.. shares.Where(s => Tuned[s.Grade] > 0 && IsMoved(s)).Select(Moved)];
        string[] parts =
        [
            .. emptied.Length > 0 ? (string[])[$"leave no image of {string.Join(" and of ", emptied)}"] : [],
            .. moved.Length > 0 ? (string[])[$"predict {string.Join(" and ", moved)}"] : [],
        ];
        return parts.Length > 0 ? $"tuned thresholds {string.Join("; they ", parts)}" : null;

        string Emptied(GradeShare s) => $"{Name(s.Grade)} ({images} {(images.EndsWith('s') ? "have" : "has")} {Truth[s.Grade]})";

        string Moved(GradeShare s) =>
            $"{Name(s.Grade)} for {Percent(s.Predicted)} of the images ({images}: {Percent(s.True)}, 95 % interval {Percent(s.Low)} to {Percent(s.High)})";

        string Name(int grade) => names is null || names[grade] == grade.ToString(CultureInfo.InvariantCulture) ? $"grade {grade}" : $"grade {grade} {names[grade]}";
    }

    private bool IsMoved(GradeShare tuned)
    {
        double before = (double)Default[tuned.Grade] / Truth.Sum();
        return (tuned.Predicted < tuned.Low || tuned.Predicted > tuned.High) && Math.Abs(tuned.Predicted - tuned.True) > Math.Abs(before - tuned.True);
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}
