using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Predictions;

namespace Gradus.Diagnosis;

/// <summary>Which images a change of counts is about.</summary>
public enum DiagnosedSet
{
    /// <summary>The validation images of the run.</summary>
    Validation,

    /// <summary>The images of a sweep.</summary>
    Test,
}

/// <summary>
/// How the images predicted as each grade changed between two epochs at their tuned thresholds, and what of it is due to other scores
/// and what to other thresholds. The two parts add up to the change: each is the mean of what it does before and after the other
/// (the Shapley value of a game of two players).
/// </summary>
/// <param name="Set">Whose images.</param>
/// <param name="From">The earlier epoch.</param>
/// <param name="To">The later epoch.</param>
/// <param name="Before">(K) images a grade at the earlier epoch.</param>
/// <param name="After">(K) images a grade at the later epoch.</param>
/// <param name="ScoreEffect">(K) the change that other scores make; may be halves.</param>
/// <param name="ThresholdEffect">(K) the change that other thresholds make.</param>
/// <param name="AtDefault">(K) the change at default thresholds, which only scores can make.</param>
public sealed record CountChange(
    DiagnosedSet Set, int From, int To, ImmutableArray<int> Before, ImmutableArray<int> After, ImmutableArray<double> ScoreEffect, ImmutableArray<double> ThresholdEffect, ImmutableArray<int> AtDefault)
{
    /// <summary>Images, in grades' counts, that moved in all.</summary>
    public double Moved => Moves(After.Zip(Before, (a, b) => (double)(a - b)));

    /// <summary>Images that other scores moved.</summary>
    public double MovedByScores => Moves(ScoreEffect);

    /// <summary>Images that other thresholds moved.</summary>
    public double MovedByThresholds => Moves(ThresholdEffect);

    /// <summary>Images that moved at default thresholds.</summary>
    public double MovedAtDefault => Moves(AtDefault.Select(n => (double)n));

    /// <summary>N.</summary>
    public int Images => Before.Sum();

    /// <summary>Splits the change between two epochs.</summary>
    /// <param name="set">Whose images.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="usual">The default rule.</param>
    /// <param name="before">Epoch, scores and tuned rule of the earlier.</param>
    /// <param name="after">The same of the later; of the same images.</param>
    public static CountChange Between(DiagnosedSet set, GradeScale scale, DecodingRule usual, (int Epoch, ScoredImages Images, DecodingRule Rule) before, (int Epoch, ScoredImages Images, DecodingRule Rule) after)
    {
        ImmutableArray<int> first = Counts(before.Images, before.Rule), last = Counts(after.Images, after.Rule);
        ImmutableArray<int> newScores = Counts(after.Images, before.Rule), newThresholds = Counts(before.Images, after.Rule);
        return new CountChange(
            set,
            before.Epoch,
            after.Epoch,
            first,
            last,
            [.. first.Select((_, k) => (newScores[k] - first[k] + last[k] - newThresholds[k]) / 2.0)],
            [.. first.Select((_, k) => (newThresholds[k] - first[k] + last[k] - newScores[k]) / 2.0)],
            [.. Counts(after.Images, usual).Zip(Counts(before.Images, usual), (a, b) => a - b)]);

        ImmutableArray<int> Counts(ScoredImages images, DecodingRule rule) => images.Counts(rule, scale.Count);
    }

    // Whoever leaves a grade enters another, so half of the sum.
    private static double Moves(IEnumerable<double> effect) => effect.Sum(Math.Abs) / 2;
}
