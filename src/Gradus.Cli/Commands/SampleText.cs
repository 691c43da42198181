using Gradus.Cli.Terminal;
using Gradus.Experiments;
using Gradus.Splitting;

namespace Gradus.Cli.Commands;

/// <summary>What audit, split and train say about sources that are sampled.</summary>
internal static class SampleText
{
    /// <summary>A table a source: what is there, wanted, taken and missing of each grade.</summary>
    public static void Write(Output output, Experiment experiment, DataPartition partition)
    {
        foreach (SourceSample sample in partition.Samples)
        {
            string all = sample.Requested is { } requested ? $"{requested} asked for" : "as many as the target allows";
            if (sample.Requested is null && sample.Shares is { } limiting && Enumerable.Range(0, limiting.Length).Where(k => limiting[k] > 0).MinBy(k => sample.Counts.Available[k] / limiting[k]) is var scarce)
                all += $": grade {scarce} {experiment.Scale.Names[scarce]}, of which there {(sample.Counts.Available[scarce] == 1 ? "is" : "are")} {sample.Counts.Available[scarce]}, sets the limit";
            output.Heading($"Of '{sample.Source}': {sample.Taken} images taken, {all}{(sample.Shares is null ? ", at random" : "")}");
            output.Table(
                ["grade", "there", "target", "wanted", "taken", "share", "missing"],
                experiment.Scale.Names.Select((name, k) => (string[])
                [
                    $"{k} {name}", $"{sample.Counts.Available[k]}", sample.Shares is { } shares ? $"{shares[k]:0.000}" : "", $"{sample.Counts.Wanted[k]}", $"{sample.Counts.Taken[k]}",
                    sample.Taken == 0 ? "" : $"{(double)sample.Counts.Taken[k] / sample.Taken:0.000}", $"{sample.Counts.Missing[k]}",
                ]),
                numbers: true);
        }
    }
}
