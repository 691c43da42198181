using Gradus.Predictions;

namespace Gradus.Thresholds;

/// <summary>
/// Grades of images at cut points that were fitted without them: the images are dealt into folds, grade by grade, and each fold is
/// graded at the cut points of the others.
/// </summary>
internal static class CrossFitting
{
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

    /// <summary>(N) the grade of each image at the cut points of the other folds.</summary>
    public static int[] Grades(ScoreTable table, CutPointOptions options)
    {
        int[] foldOf = Deal(table.Truth.AsSpan(), table.Grades, options.Folds, options.Seed);
        var grades = new int[foldOf.Length];
        for (int fold = 0; fold < options.Folds; fold++)
        {
            int[] others = [.. Enumerable.Range(0, foldOf.Length).Where(i => foldOf[i] != fold)];
            var groups = ScoreGroups.Of([.. others.Select(i => table.Scores[i])], [.. others.Select(i => table.Truth[i])]);
            double[] cuts = CutPointFit.Choose(groups, table.Grades, options, place: fold + 1);
            for (int i = 0; i < grades.Length; i++)
            {
                if (foldOf[i] == fold)
                    grades[i] = CutPointFit.Grade(table.Scores[i], cuts);
            }
        }
        return grades;
    }
}
