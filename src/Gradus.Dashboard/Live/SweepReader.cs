using System.Collections.Immutable;
using System.Globalization;
using Gradus.Diagnosis;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;

namespace Gradus.Dashboard.Live;

/// <summary>What <c>gradus predict RUN --all</c> left in a run: the scores of its checkpoints on one set of images, graded anew.</summary>
internal static class SweepReader
{
    /// <summary>The counts of every checkpoint of the sweep; null where the run has none.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="info">Its run.json.</param>
    /// <param name="records">Its epochs, whose thresholds grade.</param>
    /// <param name="stabilised">Whether thresholds are also stabilised, which takes a second or two a checkpoint.</param>
    /// <exception cref="GradusException">A file of scores is damaged.</exception>
    public static SweepTable? Read(RunFolder folder, RunInfo info, ImmutableArray<EpochRecord> records, bool stabilised)
    {
        string scores = Path.Combine(folder.SweepFolder, "scores");
        if (!Directory.Exists(scores))
            return null;
        var items = new List<SweepItem>();
        foreach (string file in Directory.EnumerateFiles(scores, "epoch-*.csv").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (int.TryParse(name.AsSpan("epoch-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) && epoch >= 1 && epoch <= records.Length)
                items.Add(Item(name, ScoreFile.Read(file), folder, info.Experiment, records[epoch - 1], stabilised));
        }
        return items.Count == 0 ? null : SweepTable.Of(info.Experiment.Scale, items);
    }

    private static SweepItem Item(string name, ScoredImages images, RunFolder folder, Experiment experiment, EpochRecord record, bool stabilised)
    {
        DecodingRule? stable = null;
        if (stabilised && File.Exists(folder.ValidationScores(record.Epoch)) && ScoreFile.Read(folder.ValidationScores(record.Epoch)) is { Truth: { } truth } validation)
            stable = ThresholdStability.Stabilise(experiment.Target, experiment.Scale, validation.Scores, truth, experiment.Thresholds, experiment.Train.Seed);
        return new SweepItem(name, record.Epoch, images, experiment.Target.DefaultRule(experiment.Scale), record.Thresholds, stable);
    }
}
