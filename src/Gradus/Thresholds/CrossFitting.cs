using Gradus.Predictions;

namespace Gradus.Thresholds;

/// <summary>
/// Grades of images at thresholds that were fitted without them: the images are dealt into folds, grade by grade, and each fold is
/// graded at the thresholds of the others.
/// </summary>
internal static class CrossFitting
{
    private const int FewImages = 5_000, DivisionsOfFew = 5;

    /// <summary>(N) the fold of each image; folds differ by at most one image, in size and in every grade.</summary>
    public static int[] Deal(ReadOnlySpan<int> truth, int grades, int folds, long seed)
    {
        int[] order = [.. Enumerable.Range(0, truth.Length)];
        RandomStream.Create(seed, "cross-fitting").Shuffle(order);
        var foldOf = new int[truth.Length];
        int next = 0;
        for (int grade = 0; grade < grades; grade++)
        {
            foreach (int i in order)
            {
                if (truth[i] == grade)
                    foldOf[i] = next++ % folds;
            }
        }
        return foldOf;
    }

    /// <summary>(N) the fold of each image, where whole groups are dealt: by the highest grade in each, so that folds resemble each other.</summary>
    public static int[] Deal(ReadOnlySpan<int> truth, int[]? groups, int grades, int folds, long seed)
    {
        if (groups is null)
            return Deal(truth, grades, folds, seed);
        var highest = new int[groups.Max() + 1];
        for (int i = 0; i < groups.Length; i++)
            highest[groups[i]] = Math.Max(highest[groups[i]], truth[i]);
        int[] foldOf = Deal(highest, grades, folds, seed);
        return [.. groups.Select(group => foldOf[group])];
    }

    /// <summary>
    /// (D, N) grades by several divisions into folds: one division of few images says as much of itself as of the thresholds. Of many images one is enough.
    /// </summary>
    public static int[][] Divisions(ThresholdProblem problem, CutPointOptions options)
    {
        int divisions = problem.Truth.Length <= FewImages ? DivisionsOfFew : 1;
        return [.. Enumerable.Range(0, divisions).Select(d => Grades(problem, d == 0 ? options : options with { Seed = RandomStream.Derive(options.Seed, "division", d) }))];
    }

    /// <summary>(N) the grade of each image at the cut points of the other folds.</summary>
    public static int[] Grades(ScoreTable table, CutPointOptions options) => Grades(new ScoreProblem(table), options);

    /// <summary>(N) the grade of each image at the thresholds of the other folds.</summary>
    public static int[] Grades(ThresholdProblem problem, CutPointOptions options)
    {
        int[] foldOf = Deal(problem.Truth, problem.Groups, problem.Grades, options.Folds, options.Seed);
        var grades = new int[foldOf.Length];
        for (int fold = 0; fold < options.Folds; fold++)
        {
            int[] own = [.. Enumerable.Range(0, foldOf.Length).Where(i => foldOf[i] == fold)];
            double[] thresholds = problem.Choose([.. Enumerable.Range(0, foldOf.Length).Where(i => foldOf[i] != fold)], options, place: fold + 1);
            foreach ((int at, int grade) in problem.GradesAt(thresholds, own).Index())
                grades[own[at]] = grade;
        }
        return grades;
    }
}
