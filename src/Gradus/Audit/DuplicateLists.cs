using System.Collections.Immutable;
using CsvHelper;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Audit;

/// <summary>
/// Lists of duplicates as CSV files for other programs: <c>id,source,hash,grade,group</c>, a row an image, images of one group one after the other. Ids and hashes
/// both stand in each, under their names, so that neither is taken for the other.
/// </summary>
public static class DuplicateLists
{
    private static readonly string[] Columns = ["id", "source", "hash", "grade", "group"];

    /// <summary>The first line of every list.</summary>
    public static string Header { get; } = string.Join(',', Columns);

    /// <summary>The names of the files and what is in them.</summary>
    public static ImmutableArray<(string File, string Content)> Files { get; } =
    [
        ("bad_examples.csv", "identical images with different grades"),
        ("all_duplicates.csv", "identical images"),
        ("duplicates_same_grade.csv", "identical images with one grade"),
        ("near_duplicates.csv", "images that show one picture with different bytes, identical ones of either included"),
        ("test_duplicates.csv", "test images and the labelled images that are identical or nearly identical to them"),
    ];

    /// <summary>Writes all lists, empty ones too.</summary>
    /// <returns>The path and the number of groups of each, in the order of <see cref="Files"/>.</returns>
    /// <exception cref="GradusException">A file cannot be written.</exception>
    public static ImmutableArray<(string Path, int Groups)> Write(string folder, AuditReport report)
    {
        Dictionary<ImageKey, ImageRecord> known = report.Readable.ToDictionary(ImageKey.Of);
        HashSet<string> disputed = [.. report.Conflicts.SelectMany(c => c.Images).Where(known.ContainsKey).Select(k => known[k].Hash!.Value.Hex)];
        ILookup<ContentHash, ImageKey> leaks = report.TestLeaks.SelectMany(l => new[] { l.Train, l.Test }).Distinct().ToLookup(k => known[k].Hash!.Value);
        HashSet<ImageKey> test = [.. report.Test.Select(ImageKey.Of)];
        IEnumerable<ImmutableArray<ImageKey>>[] lists =
        [
            report.Conflicts.Select(c => c.Images.Distinct().ToImmutableArray()),
            report.ExactDuplicates,
            report.ExactDuplicates.Where(g => !disputed.Contains(known[g[0]].Hash!.Value.Hex) && g.Any(k => known[k].Grade is not null)),
            report.NearDuplicateGroups.Select(g => g.Images),
            leaks.Select(g => g.ToImmutableArray()).Concat(report.NearDuplicateGroups.Select(g => g.Images).Where(g => g.Any(test.Contains) && !g.All(test.Contains))),
        ];
        return [.. Files.Zip(lists, (file, groups) =>
        {
            string path = Path.Combine(folder, file.File);
            return (path, Write(path, groups, known, report.Scale));
        })];
    }

    private static int Write(string path, IEnumerable<ImmutableArray<ImageKey>> groups, Dictionary<ImageKey, ImageRecord> known, GradeScale scale)
    {
        int number = 0;
        AtomicFile.Write(path, stream =>
        {
            using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace }, leaveOpen: true);
            csv.WriteRecord(Columns);
            foreach (ImmutableArray<ImageKey> group in groups)
            {
                number++;
                foreach (ImageKey image in group)
                {
                    // An id that its CSV gives two grades was never opened: it has no hash, and no one grade.
                    ImageRecord? record = known.GetValueOrDefault(image);
                    csv.WriteRecord([image.Id.Value, image.Source, record?.Hash?.Hex ?? "", record?.Grade is { } grade ? scale.Names[grade] : "", $"{number}"]);
                }
            }
            csv.Flush();
        });
        return number;
    }
}
