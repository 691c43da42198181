using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Grading;

/// <summary>How linked outputs become a grade. It lives in the checkpoint, once with default and once with tuned thresholds.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "rule")]
[JsonDerivedType(typeof(LeadingOnes), "leading_ones")]
[JsonDerivedType(typeof(CutPoints), "cut_points")]
[JsonDerivedType(typeof(MostProbable), "most_probable")]
public abstract record DecodingRule
{
    /// <summary>The thresholds, empty for <see cref="MostProbable"/>.</summary>
    [JsonIgnore]
    public ImmutableArray<double> Values => this switch { LeadingOnes rule => rule.Thresholds, CutPoints rule => rule.Points, _ => [] };

    /// <summary>The grade of every image, (N), 0 to K-1.</summary>
    public int[] Grades(GradedScores scores)
    {
        var grades = new int[scores.Rows];
        for (int i = 0; i < grades.Length; i++)
            grades[i] = Grade(scores, i);
        return grades;
    }

    /// <summary>The grade of image <paramref name="i"/>.</summary>
    protected abstract int Grade(GradedScores scores, int i);
}

/// <summary>
/// For cumulative outputs: the number of leading outputs above their thresholds; an output above its threshold behind one
/// below does not count, <c>[1,0,1,0] → 1</c>.
/// </summary>
/// <param name="Thresholds">(M) one an output.</param>
/// <param name="FirstIsCertain">True for the variant with K outputs, whose first says "at least grade 0" and is not counted: <c>[1,1,0,0,1] → 1</c>.</param>
public sealed record LeadingOnes(ImmutableArray<double> Thresholds, bool FirstIsCertain = false) : DecodingRule
{
    /// <summary>The share of images (0 to 1) with an output above its threshold behind one below: the head contradicted itself.</summary>
    public double NonMonotoneRate(GradedScores scores)
    {
        int contradictory = 0;
        for (int i = 0; i < scores.Rows; i++)
        {
            ReadOnlySpan<float> row = scores.Row(i);
            int leading = Leading(row);
            for (int k = leading + 1; k < row.Length; k++)
            {
                if (row[k] > Thresholds[k])
                {
                    contradictory++;
                    break;
                }
            }
        }
        return scores.Rows == 0 ? 0 : (double)contradictory / scores.Rows;
    }

    /// <inheritdoc/>
    protected override int Grade(GradedScores scores, int i) => Math.Max(0, Leading(scores.Row(i)) - (FirstIsCertain ? 1 : 0));

    private int Leading(ReadOnlySpan<float> row)
    {
        int k = 0;
        while (k < row.Length && row[k] > Thresholds[k])
            k++;
        return k;
    }
}

/// <summary>The number of cut points that the score lies above.</summary>
/// <param name="Points">(K-1), rising.</param>
public sealed record CutPoints(ImmutableArray<double> Points) : DecodingRule
{
    /// <inheritdoc/>
    protected override int Grade(GradedScores scores, int i)
    {
        int k = 0;
        while (k < Points.Length && scores.Score[i] > Points[k])
            k++;
        return k;
    }
}

/// <summary>The grade with the highest probability, the lower one on a tie.</summary>
public sealed record MostProbable : DecodingRule
{
    /// <inheritdoc/>
    protected override int Grade(GradedScores scores, int i)
    {
        ReadOnlySpan<float> row = scores.Row(i);
        int best = 0;
        for (int k = 1; k < row.Length; k++)
        {
            if (row[k] > row[best])
                best = k;
        }
        return best;
    }
}
