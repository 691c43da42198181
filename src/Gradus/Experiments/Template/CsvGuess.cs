using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>Finds out which columns of a CSV are which, by what they hold and what they are called.</summary>
internal sealed class CsvGuess(string labels, string images, string? id, string? grade)
{
    public DataGuess Guess()
    {
        if (!Directory.Exists(images))
            throw new GradusException("the folder of images does not exist", images, remedy: "Correct --images", fault: Fault.Request);
        LabelTable table = LabelTable.Read(labels);
        if (table.Rows.Count == 0)
            throw new GradusException("the file has no rows", labels, remedy: "Name the CSV that lists the images", fault: Fault.Request);
        var folder = new ImageFolder(images, null);
        IdGuess ids = IdGuess.Of(table, folder, images, Stated(table, id, "--id"));
        GradeGuess grades = GradeGuess.Of(table, ids.Column, Stated(table, grade, "--grade"), grade);
        GroupGuess groups = GroupGuess.Of(table, ids.Column, grades.Columns);
        var source = new CsvSource
        {
            Name = Path.GetFileNameWithoutExtension(labels),
            Labels = Path.GetFullPath(labels),
            Id = table.Headers[ids.Column],
            Grade = grades.IsOneHot ? null : table.Headers[grades.Columns[0]],
            OneHot = grades.IsOneHot ? [.. grades.Columns.Select(c => table.Headers[c])] : null,
            Images = Path.GetFullPath(images),
            Extension = ids.Extension,
            Group = groups.Column is { } column ? table.Headers[column] : null,
            GroupPattern = groups.Pattern,
        };
        var notes = ImmutableArray.CreateBuilder<string>();
        notes.Add(ids.Note);
        notes.AddRange(grades.Notes);
        notes.AddRange(groups.Notes);
        CsvSource? test = Test(source);
        if (test is not null)
            notes.Add($"{Path.GetFileName(test.Labels)} and {Path.GetFileName(test.Images)} beside the labels are taken for the test set; remove test: where that is wrong.");
        return new DataGuess(
            grades.Scale, [source], test, ImageLook.At([.. ImageFolder.Below(images)]), notes.ToImmutable());
    }

    /// <summary>A test.csv and a folder test beside the labels, as competitions hand them out.</summary>
    private static CsvSource? Test(CsvSource source)
    {
        string beside = Path.GetDirectoryName(source.Labels)!;
        (string csv, string folder) = (Path.Combine(beside, "test.csv"), Path.Combine(beside, "test"));
        if (csv == source.Labels || folder == source.Images || !File.Exists(csv) || !Directory.Exists(folder))
            return null;
        LabelTable table = LabelTable.Read(csv);
        int column = Array.IndexOf(table.Headers, source.Id);
        if (column < 0)
            return null;
        var files = new ImageFolder(folder, null);
        if (!table.Column(column).Any(v => v.Length > 0 && files.Find(v).Path is not null))
            return null;
        return source with
        {
            Name = "test",
            Role = SourceRole.Test,
            Labels = csv,
            Images = folder,
            Grade = table.Headers.Contains(source.Grade) ? source.Grade : null,
            OneHot = source.OneHot is { } columns && columns.All(table.Headers.Contains) ? columns : null,
            Group = null,
            GroupPattern = null,
        };
    }

    private int? Stated(LabelTable table, string? name, string option)
    {
        if (name is null)
            return null;
        int index = Array.IndexOf(table.Headers, name.Trim());
        return index >= 0
            ? index
            : throw new GradusException(
                $"there is no column '{name}'", labels, string.Join(", ", table.Headers.Take(20)),
                NearestWord.Remedy(name, table.Headers, $"Correct {option}"), Fault.Request);
    }
}
