using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>Looks at a MedMNIST archive.</summary>
internal static class NpzGuess
{
    private static readonly string[] Splits = ["train", "val", "test"];

    public static DataGuess Guess(string npz)
    {
        NpzArchive archive = NpzArchive.Open(npz);
        if (!archive.Keys.Contains("train_images") || !archive.Keys.Contains("train_labels"))
            throw new GradusException("a MedMNIST archive has train_images and train_labels", npz, string.Join(", ", archive.Keys.Take(20)), "Name a MedMNIST .npz", Fault.Request);
        // All splits are opened as the audit will open them: what init accepts, everything reads.
        string[] names = [.. Splits.Where(s => archive.Keys.Contains($"{s}_images"))];
        NpzSplit[] splits = [.. names.Select(s => NpzSplit.Open(archive, s, mayLackLabels: s == "test"))];
        long highest = splits.Select(s => s.Labels).OfType<NpyArray>().Max(Highest);
        if (highest is < 1 or > 19)
            throw new GradusException("grades are 2 to 20 different numbers from 0", $"{npz}#train_labels", $"up to {highest}", "Name an archive with grades", Fault.Request);

        SlotLayout layout = SlotLayout.Of(splits[0].Images, npz);
        var sources = ImmutableArray.CreateBuilder<SourceSpec>();
        sources.Add(Array(archive, "train", SourceRole.Main));
        if (archive.Keys.Contains("val_images"))
            sources.Add(Array(archive, "val", SourceRole.Validation));
        SourceSpec? test = archive.Keys.Contains("test_images") ? Array(archive, "test", SourceRole.Test) : null;
        int side = Math.Clamp(Math.Max(layout.Height, layout.Width), 8, 4096);
        return new DataGuess(
            [.. Enumerable.Range(0, (int)highest + 1).Select(g => $"{g}")], sources.ToImmutable(), test, new ImageLook(side, false),
            [$"Grades 0 to {highest} are called by their numbers; give them names."]);
    }

    private static long Highest(NpyArray labels) => Enumerable.Range(0, labels.Count).Select(labels.Integer).DefaultIfEmpty(0).Max();

    private static NpzSource Array(NpzArchive archive, string split, SourceRole role) => new() { Name = split, Role = role, Npz = archive.Path, Split = split };
}
