using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Ensembles;

/// <summary>
/// Makes sure that scores from a file are what ensembles may be fitted on: every image is one of the fold plan, by content, grade and fold, and
/// the fold's model has not seen it. A test set is in no plan, so its predictions never pass, whatever their columns are called.
/// </summary>
public static class OutOfFoldCheck
{
    /// <summary>Checks every row.</summary>
    /// <param name="set">The scores.</param>
    /// <param name="where">Their file, for messages.</param>
    /// <param name="models">For each fold the split.csv of its run, and how many of some images its checkpoint was trained on.</param>
    /// <exception cref="GradusException">A row fails; with the ids (fault: request).</exception>
    public static void Verify(OutOfFoldSet set, string where, IReadOnlyDictionary<int, (string SplitFile, Func<IEnumerable<ContentHash>, int> Seen)> models)
    {
        Refuse(set.Scores.Where(s => s.Fold is not { } fold || !models.ContainsKey(fold)), $"are of no fold that the member has a checkpoint of ({string.Join(", ", models.Keys.Order())})");
        foreach (IGrouping<int, OutOfFoldScore> fold in set.Scores.GroupBy(s => s.Fold!.Value))
        {
            Dictionary<ImageKey, (string Hash, int Grade, int Fold)> plan = Plan(models[fold.Key].SplitFile);
            Refuse(fold.Where(s => !plan.TryGetValue(s.Key, out var p) || p.Hash != s.Hash.Hex), "are no training or validation images of the run, by id and content");
            Refuse(fold.Where(s => plan[s.Key].Fold != fold.Key), "were in another fold");
            Refuse(fold.Where(s => plan[s.Key].Grade != s.Grade), "have another grade in the run");
            Refuse(fold.Where(s => models[fold.Key].Seen([s.Hash]) > 0), "were trained on by the checkpoint that is said to have scored them");
        }

        void Refuse(IEnumerable<OutOfFoldScore> wrong, string how)
        {
            ImageId[] ids = [.. wrong.Select(s => s.Key.Id)];
            if (ids.Length > 0)
                throw new GradusException("an ensemble is fitted on out-of-fold scores of graded images only", where, $"{ids.Length} that {how}: {AuditFinding.Few(ids)}", "Give the oof.csv of gradus train --fold all", Fault.Request);
        }
    }

    private static Dictionary<ImageKey, (string Hash, int Grade, int Fold)> Plan(string splitFile)
    {
        var plan = new Dictionary<ImageKey, (string, int, int)>();
        using var table = new CsvTable(splitFile, ["id", "source", "hash", "grade", "fold"], separator: ',', trim: false);
        foreach (CsvLine line in table.Lines())
        {
            if (line.Problem is not null || !int.TryParse(line.Fields[3], CultureInfo.InvariantCulture, out int grade) || !int.TryParse(line.Fields[4], CultureInfo.InvariantCulture, out int fold))
                throw new GradusException("is damaged", $"{splitFile}:{line.Number}", remedy: "Restore the run's folder");
            plan[new ImageKey(line.Fields[1], new ImageId(line.Fields[0]))] = (line.Fields[2], grade, fold);
        }
        return plan;
    }
}
