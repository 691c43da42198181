using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;

namespace Gradus.Thresholds;

/// <summary>Images whose thresholds are looked for: what a report and cross-fitting need to know of them.</summary>
internal abstract class ThresholdProblem(string source, int[] truth, int grades, double[] usual)
{
    /// <summary>Where the images come from, for messages.</summary>
    public string Source => source;

    /// <summary>(N) true grades.</summary>
    public int[] Truth => truth;

    /// <summary>K.</summary>
    public int Grades => grades;

    /// <summary>(N) groups that are drawn, and dealt into folds, as a whole; null where each image stands alone.</summary>
    public abstract int[]? Groups { get; }

    /// <summary>(N) the grades before tuning, where they are not those of the default thresholds.</summary>
    public virtual int[]? GivenGrades => null;

    /// <summary>Where the grades before tuning come from, as a clause.</summary>
    public abstract string Origin { get; }

    /// <summary>(M) the default thresholds.</summary>
    public double[] Usual => usual;

    /// <summary>The thresholds before this one are no matter of choice.</summary>
    public virtual int First => 0;

    /// <summary>True where no threshold can tell the images apart.</summary>
    public abstract bool AllAlike { get; }

    /// <summary>(M) thresholds chosen on some of the images; the place keeps the random numbers of several fits apart.</summary>
    public abstract double[] Choose(int[] rows, CutPointOptions options, int place);

    /// <summary>The grades of some images.</summary>
    public int[] GradesAt(double[] thresholds, int[] rows) => Rule(thresholds).Grades(At(rows));

    /// <summary>The rule with these thresholds.</summary>
    public abstract DecodingRule Rule(double[] thresholds);

    /// <summary>The metric of all images, and what each threshold moved alone gives; one sweep where all outputs share theirs.</summary>
    public abstract (double Value, List<Gap>[] Sweeps) Around(double[] thresholds, CutPointOptions options);

    /// <summary>The metric of all images at thresholds.</summary>
    public abstract double Value(double[] thresholds, CutPointOptions options);

    /// <summary>Some of the images.</summary>
    protected abstract GradedScores At(int[] rows);
}

/// <summary>Cut points of a score.</summary>
internal sealed class ScoreProblem(ScoreTable table) : ThresholdProblem(table.Source, [.. table.Truth], table.Grades, CutPointSearch.Usual(table.Grades))
{
    private readonly double[] _scores = [.. table.Scores];

    public override int[]? Groups => table.Groups;

    public override int[]? GivenGrades => table.Predicted.IsEmpty ? null : [.. table.Predicted];

    public override string Origin => table.Origin ?? PredictionColumns.AtDefault;

    public override bool AllAlike => _scores.AsSpan().IndexOfAnyExcept(_scores[0]) < 0;

    public override double[] Choose(int[] rows, CutPointOptions options, int place) =>
        CutPointFit.Choose(ScoreGroups.Of([.. rows.Select(i => _scores[i])], [.. rows.Select(i => Truth[i])]), Grades, options, place);

    public override DecodingRule Rule(double[] thresholds) => new CutPoints([.. thresholds]);

    public override (double Value, List<Gap>[] Sweeps) Around(double[] thresholds, CutPointOptions options)
    {
        CutPointSearch search = Search(options);
        return (search.Value(thresholds), [.. Enumerable.Range(0, thresholds.Length).Select(k => search.Sweep(thresholds, k))]);
    }

    public override double Value(double[] thresholds, CutPointOptions options) => Search(options).Value(thresholds);

    protected override GradedScores At(int[] rows) => new(rows.Length, 0, [], [.. rows.Select(i => _scores[i])], null);

    private CutPointSearch Search(CutPointOptions options) => new(ScoreGroups.Of(_scores, Truth), Grades, options.Metric, options.Bounds);
}

/// <summary>Thresholds of cumulative outputs.</summary>
internal sealed class CumulativeProblem(CumulativeTable table) : ThresholdProblem(table.Source, [.. table.Truth], table.Grades, [.. table.Usual.Thresholds])
{
    public override int First => table.Usual.FirstIsCertain ? 1 : 0;

    public override int[]? Groups => table.Groups;

    public override string Origin => PredictionColumns.AboveHalf;

    public override bool AllAlike => Enumerable.Range(1, table.Scores.Rows - 1).All(i => table.Scores.Row(i).SequenceEqual(table.Scores.Row(0)));

    public override double[] Choose(int[] rows, CutPointOptions options, int place) => CumulativeFit.Choose(table.Usual, At(rows), [.. rows.Select(i => Truth[i])], options, place);

    public override DecodingRule Rule(double[] thresholds) => table.Usual with { Thresholds = [.. thresholds] };

    public override (double Value, List<Gap>[] Sweeps) Around(double[] thresholds, CutPointOptions options)
    {
        CumulativeSearch search = Search(options);
        return (search.Value(thresholds), options.Outputs == ThresholdTuning.Shared ? [search.SweepShared()] : [.. Enumerable.Range(First, thresholds.Length - First).Select(k => search.Sweep(thresholds, k))]);
    }

    public override double Value(double[] thresholds, CutPointOptions options) => Search(options).Value(thresholds);

    protected override GradedScores At(int[] rows) => table.Scores.At(rows);

    private CumulativeSearch Search(CutPointOptions options) => new(table.Usual, table.Scores, Truth, options);
}
