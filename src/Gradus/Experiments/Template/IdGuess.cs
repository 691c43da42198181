using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>The column of the ids: the one most of whose values name files.</summary>
/// <param name="Column">Its place.</param>
/// <param name="Extension">What must be appended to each id, nothing where ids are file names; null where that
/// differs.</param>
/// <param name="Note">How many rows have a file.</param>
internal sealed record IdGuess(int Column, string? Extension, string Note)
{
    public static IdGuess Of(LabelTable table, ImageFolder folder, string images, int? stated)
    {
        // Numbers such as grades may be the numbers of files too, once zeros are forgiven: exact names come first.
        Candidate best = (stated is { } only ? [only] : Enumerable.Range(0, table.Headers.Length))
            .Select(c =>
                new Candidate(c, [.. table.Column(c).Where(v => v.Length > 0).Select(v => (v, folder.Find(v)))]))
            .MaxBy(c => (c.Exact, c.Files))!;
        if (best.Matches == 0)
        {
            string file = ImageFolder.Below(images).Select(p => Path.GetRelativePath(images, p)).FirstOrDefault()
                ?? "none at all";
            throw new GradusException(
                $"no column of {Path.GetFileName(table.Path)} names images in {images}", table.Path,
                $"'{table.Rows[0][stated ?? 0]}' and so on, beside files such as '{file}'", "Check --images",
                    Fault.Request);
        }
        string note = $"'{table.Headers[best.Column]}' names the images: {best.Matches} of {table.Rows.Count} " +
            "rows have a file.";
        int loose = best.Matches - best.Exact;
        if (loose > 0)
            note += $" {loose} of them {(loose == 1 ? "is" : "are")} not written as the file is named, such as " +
                $"{best.Example}; the audit says how each kind is read.";
        if (best.Ambiguous > 0)
            note += $" {best.Ambiguous} may mean several files and will be left out; the audit lists them.";
        return new IdGuess(best.Column, best.Extension, note);
    }

    private sealed record Candidate(int Column, (string Id, FoundImage Image)[] Found)
    {
        public int Matches => Found.Count(f => f.Image.Path is not null);

        public int Exact => Found.Count(f => f.Image is { Path: not null, Difference: NameDifference.None });

        public int Files => Found.Select(f => f.Image.Path).OfType<string>().Distinct().Count();

        public int Ambiguous => Found.Count(f => f.Image.Problem == Audit.FindingKind.AmbiguousImage);

        public string Example => Found.Where(f => f.Image is { Path: not null, Difference: not NameDifference.None })
            .Select(f => $"'{f.Id}' for '{Path.GetFileName(f.Image.Path)}'").First();

        public string? Extension
        {
            get
            {
                if (Matches != Exact)
                    return null;
                string[] appended = [.. Found.Where(f => f.Image.Path is not null)
                    .Select(f => f.Image.Path!.EndsWith(f.Id, StringComparison.Ordinal) ? ""
                        : Path.GetExtension(f.Image.Path!)).Distinct().Take(2)];
                return appended.Length == 1 ? appended[0] : null;
            }
        }
    }
}
