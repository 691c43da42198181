using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Splitting;

namespace Gradus.Reports;

/// <summary>What was taken of a source that is sampled, as a table.</summary>
/// <param name="Title">The source, how many, and what sets the limit.</param>
/// <param name="Rows">A row a grade, in the order of <see cref="Columns"/>.</param>
public sealed record SampleTable(string Title, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>Titles of the columns.</summary>
    public static ImmutableArray<string> Columns { get; } = ["grade", "there", "target", "wanted", "taken", "share", "missing"];

    /// <summary>The table of a sample.</summary>
    public static SampleTable Of(SourceSample sample, GradeScale scale)
    {
        string all = sample.Requested is { } requested ? $"{requested} asked for" : "as many as the target allows";
        if (sample.Requested is null && sample.Shares is { } limiting && Enumerable.Range(0, limiting.Length).Where(k => limiting[k] > 0).MinBy(k => sample.Counts.Available[k] / limiting[k]) is var scarce)
            all += $": grade {scarce} {scale.Names[scarce]}, of which there {(sample.Counts.Available[scarce] == 1 ? "is" : "are")} {sample.Counts.Available[scarce]}, sets the limit";
        return new SampleTable(
            $"Of '{sample.Source}': {sample.Taken} images taken, {all}{(sample.Shares is null ? ", at random" : "")}",
            [
                .. scale.Names.Select((name, k) => (ImmutableArray<string>)
                [
                    $"{k} {name}", $"{sample.Counts.Available[k]}", sample.Shares is { } shares ? FormattableString.Invariant($"{shares[k]:0.000}") : "", sample.Shares is null ? "" : $"{sample.Counts.Wanted[k]}",
                    $"{sample.Counts.Taken[k]}", sample.Taken == 0 ? "" : FormattableString.Invariant($"{(double)sample.Counts.Taken[k] / sample.Taken:0.000}"), sample.Shares is null ? "" : $"{sample.Counts.Missing[k]}",
                ]),
            ]);
    }
}
