using System.Collections.Immutable;
using Gradus.Metrics;

namespace Gradus.Predictions;

/// <summary>Predictions with true grades, from CSVs of whatever origin.</summary>
/// <param name="Source">The file of the predictions, for messages.</param>
/// <param name="Ids">(N) ids of the images; empty where the file has none.</param>
/// <param name="Images">The grades, scores and probabilities.</param>
/// <param name="Origin">Where the predicted grades come from, as a clause: "column 'prediction'", "the most probable grade".</param>
public sealed record LabelledPredictions(string Source, ImmutableArray<string> Ids, GradedImages Images, string Origin)
{
    private const int Shown = 5;

    /// <summary>Reads predictions, and their true grades from the same file or from another one.</summary>
    /// <param name="path">
    /// A CSV with true grades (unless <paramref name="gradesPath"/> has them) and predicted grades, scores, or probabilities p0, p1 and so on.
    /// Without predicted grades they are the most probable ones, or the scores' at 0.5, 1.5 and so on.
    /// </param>
    /// <param name="columns">Columns with unusual names.</param>
    /// <param name="gradesPath">A CSV with ids and true grades.</param>
    /// <exception cref="GradusException">
    /// A column is missing or may be one of several; a value is empty, no number or out of range; an id stands twice, or in one file only; there
    /// are no rows; all scores are the same.
    /// </exception>
    public static LabelledPredictions Read(string path, PredictionColumns columns, string? gradesPath = null)
    {
        var table = PredictionTable.Read(path, columns, graded: gradesPath is not null);
        (int[] truth, int[]? groups) = Truth(table, columns, gradesPath);
        LabelledPredictions labelled = table.Label(truth);
        Check(table, labelled, gradesPath ?? path);
        return labelled with { Images = labelled.Images.WithGroups(groups) };
    }

    /// <summary>The true grades of a table's rows and, where they are asked for, the numbers of their groups.</summary>
    /// <exception cref="GradusException">The files have different images, or none of them the column of the groups.</exception>
    internal static (int[] Truth, int[]? Groups) Truth(PredictionTable table, PredictionColumns columns, string? gradesPath)
    {
        if (gradesPath is null)
            return (table.Truth!, Groups(table, columns, null, table.Path));
        (Dictionary<string, int> grades, Dictionary<string, string>? groups) = GradesOf(gradesPath, columns, table);
        return (Joined(table.Ids, table.Path, grades, gradesPath), Groups(table, columns, groups, gradesPath));
    }

    // An image whose group is not known stands alone, as in a data set.
    private static int[]? Groups(PredictionTable table, PredictionColumns columns, Dictionary<string, string>? elsewhere, string path)
    {
        if (columns.Group is not { } column)
            return null;
        string[] names = table.Groups ?? (elsewhere is null ? throw PredictionColumns.Missing(path, column, PredictionTable.Headers(path), "--group") : [.. table.Ids.Select(id => elsewhere[id])]);
        return GradedImages.Numbered(names) ?? throw new GradusException($"all images have the same '{column}', so there is nothing to resample", path, names[0], "Name another column with --group, or leave it out", Fault.Request);
    }

    /// <summary>Reads two sets of predictions for the same images. The second is put in the order of the first.</summary>
    /// <exception cref="GradusException">As <see cref="Read"/>; a file has no ids, the images are not the same, or their true grades differ.</exception>
    public static (LabelledPredictions First, LabelledPredictions Second) ReadPair(string first, string second, PredictionColumns columns, string? gradesPath = null)
    {
        // The groups are of the images: it is enough that one of the files has them.
        bool Grouped(string? path) => columns.Group is { } by && path is not null && PredictionTable.Headers(path).Contains(by);
        bool ofBoth = Grouped(gradesPath), ofFirst = ofBoth || Grouped(first), ofSecond = ofBoth || (!ofFirst && Grouped(second));
        LabelledPredictions a = Read(first, ofFirst || !ofSecond ? columns : columns with { Group = null }, gradesPath);
        LabelledPredictions b = Read(second, ofSecond ? columns : columns with { Group = null }, gradesPath);
        foreach (LabelledPredictions file in new[] { a, b })
        {
            if (file.Ids.IsEmpty)
                throw new GradusException("has no ids, so its images cannot be paired with others", $"{file.Source}:1", remedy: "Name their column with --id", fault: Fault.Request);
        }
        Dictionary<string, int> rows = b.Ids.Index().ToDictionary(i => i.Item, i => i.Index, StringComparer.Ordinal);
        var known = a.Ids.ToHashSet(StringComparer.Ordinal);
        Refuse([.. a.Ids.Where(id => !rows.ContainsKey(id))], n => $"{n} of the images of {first} are not in it", second);
        Refuse([.. b.Ids.Where(id => !known.Contains(id))], n => $"{n} of the images of {second} are not in it", first);
        int[] order = [.. a.Ids.Select(id => rows[id])];
        Refuse([.. a.Ids.Where((_, i) => a.Images.Truth[i] != b.Images.Truth[order[i]])], n => $"{n} images have another true grade than in {first}", second);
        int grades = Math.Max(a.Images.Grades, b.Images.Grades);
        b = b with { Ids = a.Ids, Images = b.Images.InOrder(order) };
        int[]? groups = a.Images.Groups ?? b.Images.Groups;
        return (a.Widened(grades, groups), b.Widened(grades, groups));
    }

    /// <summary>(N) the grades of images, from another file; both must have the same images.</summary>
    /// <exception cref="GradusException">There are no ids, or one stands in one file only.</exception>
    internal static int[] Joined(string[] ids, string path, Dictionary<string, int> grades, string gradesPath)
    {
        if (ids.Length == 0)
            throw new GradusException("has no ids, so true grades cannot be joined to it", $"{path}:1", remedy: "Name their column with --id", fault: Fault.Request);
        var known = ids.ToHashSet(StringComparer.Ordinal);
        Refuse([.. ids.Where(id => !grades.ContainsKey(id))], n => $"{n} of the {ids.Length} images in {path} have no grade in it", gradesPath);
        Refuse([.. grades.Keys.Where(id => !known.Contains(id))], n => $"{n} of the {grades.Count} images graded in {gradesPath} have no prediction in it", path);
        return [.. ids.Select(id => grades[id])];
    }

    private static (Dictionary<string, int> Grades, Dictionary<string, string>? Groups) GradesOf(string path, PredictionColumns columns, PredictionTable table)
    {
        string[] headers = PredictionTable.Headers(path);
        // The ids of the two files may have different names, and the one that was given need be in one of them only.
        bool inPredictions = columns.Id is { } named && PredictionTable.Headers(table.Path).Contains(named);
        string id = columns.IdIn(path, headers, elsewhere: inPredictions) ?? throw new GradusException("has no column of ids", $"{path}:1", string.Join(", ", headers.Take(20)), "Name it with --id", Fault.Request);
        string grade = columns.GradeIn(path, headers) ?? throw new GradusException("has no column of true grades", $"{path}:1", string.Join(", ", headers.Take(20)), "Name it with --grade", Fault.Request);
        string? group = table.Groups is null && columns.Group is { } by && headers.Contains(by) ? by : null;
        return PredictionTable.Grades(path, id, grade, table.Known, columns.Scale, group);
    }

    private static void Check(PredictionTable table, LabelledPredictions labelled, string gradesPath)
    {
        int[] truth = labelled.Images.Truth;
        if (table.Scores is { } scores && scores.AsSpan().IndexOfAnyExcept(scores[0]) < 0)
            throw new GradusException("all images have the same score", table.Path, FormattableString.Invariant($"{scores[0]}"), "Check the column of the scores", Fault.Request);
        if (table.Probabilities is { } p && Enumerable.Range(0, table.Columns).All(k => Enumerable.Range(0, truth.Length).All(i => p[i * table.Columns + k] == p[k])))
            throw new GradusException("all images have the same probabilities", table.Path, remedy: "Check the columns p0, p1 and so on", fault: Fault.Request);
    }

    private static void Refuse(string[] ids, Func<int, string> problem, string where)
    {
        if (ids.Length > 0)
            throw new GradusException(problem(ids.Length), where, string.Join(", ", ids.Take(Shown)) + (ids.Length > Shown ? $" and {ids.Length - Shown} more" : ""), "Give both files the same images, with the same ids", Fault.Request);
    }

    private LabelledPredictions Widened(int grades, int[]? groups) => this with { Images = (grades == Images.Grades ? Images : Images.Widened(grades)).WithGroups(groups) };
}
