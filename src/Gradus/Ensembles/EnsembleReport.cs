using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Ensembles;

/// <summary>A QWK and its 95 % bootstrap interval over images.</summary>
public sealed record QwkEstimate(double Qwk, double Low, double High);

/// <summary>How good scores are on out-of-fold images.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Weight">Its share in the ensemble, 0 to 1; 1 for the ensemble itself.</param>
/// <param name="Default">At the cut points 0.5, 1.5 and so on; weights, where there are any, fitted on the other folds.</param>
/// <param name="Tuned">At cut points fitted on all these images, which flatters.</param>
/// <param name="CrossFitted">At cut points, and with weights, fitted on the other folds.</param>
/// <param name="Auc">Two grades only.</param>
public sealed record OutOfFoldFigures(string Name, double Weight, QwkEstimate Default, double Tuned, QwkEstimate CrossFitted, double? Auc)
{
    /// <summary>Accuracy, macro F1 and shares beside QWK; null in files of earlier versions.</summary>
    public OutOfFoldGradings? Gradings { get; init; }
}

/// <summary>What scores grade at each kind of cut points, on out-of-fold images.</summary>
/// <param name="Default">At the cut points 0.5, 1.5 and so on.</param>
/// <param name="Tuned">At cut points fitted on all these images.</param>
/// <param name="CrossFitted">At cut points fitted on the other folds.</param>
public sealed record OutOfFoldGradings(GradingFigures Default, GradingFigures Tuned, GradingFigures CrossFitted);

/// <summary>An ensemble fitted on out-of-fold scores, and what it is worth on images that neither weights nor cut points were fitted on.</summary>
public sealed record EnsembleReport
{
    private const int DealtFolds = 5;

    private EnsembleReport()
    {
    }

    /// <summary>N.</summary>
    public required int Images { get; init; }

    /// <summary>Folds of the cross-fitting.</summary>
    public required int Folds { get; init; }

    /// <summary>How members are combined, fitted on all images.</summary>
    public required Combination Combination { get; init; }

    /// <summary>The cut points fitted on all images.</summary>
    public required CutPoints Tuned { get; init; }

    /// <summary>Each member by itself, in the order given.</summary>
    public required ImmutableArray<OutOfFoldFigures> Members { get; init; }

    /// <summary>All together.</summary>
    public required OutOfFoldFigures Ensemble { get; init; }

    /// <summary>What the cut points fitted on all images do to the shares of the grades.</summary>
    public required ThresholdEffect Effect { get; init; }

    /// <summary>
    /// Fits and measures. Cross-fitting goes by the folds that the members were trained on, which keep what belongs together on one side;
    /// where there is only one, the images are dealt.
    /// </summary>
    /// <param name="members">At least one; all of the same images.</param>
    /// <param name="method">How to combine.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="options">Choice and seed of the cut points; its folds are not used.</param>
    /// <exception cref="GradusException">The members' images differ, or all have one grade (fault: request).</exception>
    public static EnsembleReport Create(IReadOnlyList<(string Name, OutOfFoldSet Set)> members, EnsembleMethod method, GradeScale scale, CutPointOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(members.Count);
        foreach ((string name, OutOfFoldSet set) in members.Skip(1))
            members[0].Set.RequireSameImages(set, members[0].Name, name);
        int[] truth = members[0].Set.Truth;
        if (truth.Distinct().Take(2).Count() == 1)
            throw new GradusException("all out-of-fold images have one grade, so there is nothing to fit", members[0].Name, $"grade {truth[0]} only", fault: Fault.Request);
        int[] foldOf = FoldOf(members[0].Set, scale.Count, options.Seed);
        double[][] scores = [.. members.Select(m => m.Set.Values)];
        var fitting = new Fitting(truth, foldOf, scale.Count, options);

        var combination = Combination.Fit(method, scores, truth, scale.Count);
        (OutOfFoldFigures figures, CutPoints tuned, ThresholdEffect effect) = fitting.Measure("ensemble", 1, scores, method);
        return new EnsembleReport
        {
            Images = truth.Length,
            Folds = foldOf.Distinct().Count(),
            Combination = combination,
            Tuned = tuned,
            Members = [.. members.Select((m, i) => fitting.Measure(m.Name, combination.Weights[i], [scores[i]], EnsembleMethod.Mean).Figures)],
            Ensemble = figures,
            Effect = effect,
        };
    }

    private static int[] FoldOf(OutOfFoldSet set, int grades, long seed)
    {
        int?[] planned = [.. set.Scores.Select(s => s.Fold)];
        return planned.All(f => f is not null) && planned.Distinct().Count() > 1
            ? [.. planned.Select(f => f!.Value)]
            : CrossFitting.Deal(set.Truth, grades, Math.Min(DealtFolds, planned.Length), seed);
    }

    private sealed record Fitting(int[] Truth, int[] FoldOf, int Grades, CutPointOptions Options)
    {
        public (OutOfFoldFigures Figures, CutPoints Tuned, ThresholdEffect Effect) Measure(string name, double weight, double[][] members, EnsembleMethod method)
        {
            var others = new double[Truth.Length]; // scores of the combination that was fitted on the other folds
            var grades = new int[Truth.Length];
            foreach (int fold in FoldOf.Distinct().Order())
            {
                int[] fit = [.. Enumerable.Range(0, Truth.Length).Where(i => FoldOf[i] != fold)];
                double[][] fitScores = [.. members.Select(m => (double[])[.. fit.Select(i => m[i])])];
                int[] fitTruth = [.. fit.Select(i => Truth[i])];
                var combination = Combination.Fit(method, fitScores, fitTruth, Grades);
                double[] cuts = CutPointFit.Choose(ScoreGroups.Of(combination.Combine(fitScores), fitTruth), Grades, Options, place: fold + 1);
                for (int i = 0; i < Truth.Length; i++)
                {
                    if (FoldOf[i] != fold)
                        continue;
                    others[i] = combination.Combine([.. members.Select(m => m[i])]);
                    grades[i] = CutPointFit.Grade(others[i], cuts);
                }
            }
            double[] all = Combination.Fit(method, members, Truth, Grades).Combine(members);
            var groups = ScoreGroups.Of(all, Truth);
            double[] tuned = CutPointFit.Choose(groups, Grades, Options, place: 0);
            double[] usual = CutPointSearch.Usual(Grades);
            int[] atDefault = [.. others.Select(s => CutPointFit.Grade(s, usual))], atTuned = [.. all.Select(s => CutPointFit.Grade(s, tuned))];
            return (
                new OutOfFoldFigures(
                    name,
                    weight,
                    Estimate(atDefault, "default QWK"),
                    new CutPointSearch(groups, Grades).Value(tuned),
                    Estimate(grades, "cross-fitted QWK"),
                    Grades == 2 ? Auc.Binary(others, [.. Truth.Select(t => t == 1)]) : null)
                {
                    Gradings = new OutOfFoldGradings(Of(atDefault), Of(atTuned), Of(grades)),
                },
                new CutPoints([.. tuned]),
                ThresholdEffect.Of(Truth, atDefault, atTuned, Grades));
        }

        private GradingFigures Of(int[] given) => GradingFigures.Of(ConfusionMatrix.Of(Truth, given, Grades));

        private QwkEstimate Estimate(int[] grades, string purpose)
        {
            ConfusionMatrix matrix = ConfusionMatrix.Of(Truth, grades, Grades);
            ConfidenceInterval interval = Bootstrap.Interval(matrix, Kappa.Quadratic, RandomStream.Create(Options.Seed, purpose));
            return new QwkEstimate(Kappa.Quadratic(matrix), interval.Low, interval.High);
        }
    }
}
