using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Ensembles;

/// <summary>What a model that was not trained on an image says of it.</summary>
/// <param name="Key">The image.</param>
/// <param name="Hash">Its content.</param>
/// <param name="Fold">The fold in which it validates; null beside a validation source.</param>
/// <param name="Grade">Its true grade, 0 to K-1.</param>
/// <param name="Score">Expected grade, or the probability of the second of two grades.</param>
/// <param name="Probabilities">(K), empty for regression.</param>
public sealed record OutOfFoldScore(ImageKey Key, ContentHash Hash, int? Fold, int Grade, double Score, ImmutableArray<double> Probabilities);

/// <summary>Scores of graded images, each from a model that was not trained on it; the only thing that ensembles are fitted on. Ordered by source and id.</summary>
public sealed class OutOfFoldSet
{
    /// <summary>Takes the scores in any order.</summary>
    /// <exception cref="GradusException">None, an image twice, or a score that is no number.</exception>
    public OutOfFoldSet(IEnumerable<OutOfFoldScore> scores)
    {
        Scores = [.. scores.OrderBy(s => s.Key)];
        if (Scores.IsEmpty)
            throw new GradusException("there are no out-of-fold scores");
        ImageId[] again = [.. Scores.Zip(Scores.Skip(1)).Where(p => p.First.Key == p.Second.Key).Select(p => p.First.Key.Id)];
        if (again.Length > 0)
            throw new GradusException("an image has one out-of-fold score", found: $"{AuditFinding.Few(again)} more than once");
        ImageId[] wrong = [.. Scores.Where(s => !double.IsFinite(s.Score)).Select(s => s.Key.Id)];
        if (wrong.Length > 0)
            throw new GradusException("an out-of-fold score is a number", found: $"{AuditFinding.Few(wrong)} without one", remedy: "The training diverged; take another checkpoint");
    }

    /// <summary>(N) ordered by source and id.</summary>
    public ImmutableArray<OutOfFoldScore> Scores { get; }

    /// <summary>(N) true grades.</summary>
    public int[] Truth => [.. Scores.Select(s => s.Grade)];

    /// <summary>(N) scores.</summary>
    public double[] Values => [.. Scores.Select(s => s.Score)];

    /// <summary>Refuses sets of other images, other contents or other grades than this one: their rows would not mean the same.</summary>
    /// <exception cref="GradusException">With the ids that differ (fault: request).</exception>
    public void RequireSameImages(OutOfFoldSet other, string name, string otherName)
    {
        Dictionary<ImageKey, OutOfFoldScore> mine = Scores.ToDictionary(s => s.Key), theirs = other.Scores.ToDictionary(s => s.Key);
        Refuse([.. mine.Keys.Where(k => !theirs.ContainsKey(k)).Select(k => k.Id)], $"only in {name}");
        Refuse([.. theirs.Keys.Where(k => !mine.ContainsKey(k)).Select(k => k.Id)], $"only in {otherName}");
        Refuse([.. mine.Where(p => theirs[p.Key].Hash != p.Value.Hash).Select(p => p.Key.Id)], "other images under the same ids");
        Refuse([.. mine.Where(p => theirs[p.Key].Grade != p.Value.Grade).Select(p => p.Key.Id)], "graded otherwise");

        void Refuse(ImageId[] ids, string how)
        {
            if (ids.Length > 0)
                throw new GradusException("members of an ensemble are compared on the same out-of-fold images", $"{name} and {otherName}", $"{ids.Length} {how}: {AuditFinding.Few(ids)}", "Take members that were trained on the same folds of the same data", Fault.Request);
        }
    }
}
