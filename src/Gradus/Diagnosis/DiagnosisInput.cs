using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Predictions;
using Gradus.Runs;

namespace Gradus.Diagnosis;

/// <summary>What a run left behind, as far as a diagnosis looks at it.</summary>
/// <param name="Info">run.json.</param>
/// <param name="Records">metrics.jsonl, rising by epoch.</param>
/// <param name="Validation">The scores of the validation images by epoch; empty for a run of a Gradus that did not keep them.</param>
/// <param name="Test">The scores of other images by epoch, from a sweep; empty where there was none.</param>
/// <param name="SeenInTraining">Validation images whose content is among the training images; null where no checkpoint is left to ask.</param>
public sealed record DiagnosisInput(
    RunInfo Info, IReadOnlyList<EpochRecord> Records, IReadOnlyDictionary<int, ScoredImages> Validation, IReadOnlyDictionary<int, ScoredImages> Test, ImmutableArray<ImageId>? SeenInTraining)
{
    private const string Prefix = "epoch-";

    /// <summary>Reads a run's folder and the scores of a sweep.</summary>
    /// <param name="run">The run.</param>
    /// <param name="sweep">The folder of a sweep; one without scores, or none at all, is no mistake.</param>
    /// <param name="trainedOn">Tells whether an image was trained on; null where nobody knows.</param>
    /// <exception cref="GradusException">The run has no epoch yet, or one of its files cannot be read.</exception>
    public static DiagnosisInput Load(RunFolder run, string sweep, Func<ContentHash, bool>? trainedOn)
    {
        RunInfo info = run.ReadInfo();
        IReadOnlyList<EpochRecord> records = run.Metrics.Read();
        if (records.Count == 0)
            throw new GradusException("the run has no finished epoch, so there is nothing to diagnose", run.Root, info.Failure, "Train it first", Fault.Request);
        var validation = new SortedDictionary<int, ScoredImages>();
        foreach (int epoch in records.Select(r => r.Epoch).Where(e => File.Exists(run.ValidationScores(e))))
            validation[epoch] = Read(run.ValidationScores(epoch), info);
        if (validation.Values.Any(v => v.Truth is null))
            throw new GradusException("lacks grades of validation images", Path.GetDirectoryName(run.ValidationScores(1)), remedy: "Restore the files from a copy");
        ScoredImages? any = validation.Values.FirstOrDefault();
        ImmutableArray<ImageId>? seen = trainedOn is null || any is null ? null : [.. any.Ids.Where((_, i) => trainedOn(any.Hashes[i]))];
        return new DiagnosisInput(info, records, validation, ReadSweep(info, records, sweep), seen);
    }

    /// <summary>The scores of a sweep by epoch, those of the run's epochs only; empty where there was no sweep.</summary>
    /// <exception cref="GradusException">A file cannot be read, or is of another network.</exception>
    public static IReadOnlyDictionary<int, ScoredImages> ReadSweep(RunInfo info, IReadOnlyList<EpochRecord> records, string sweep)
    {
        var test = new SortedDictionary<int, ScoredImages>();
        foreach (string file in Directory.Exists(ScoresOf(sweep)) ? Directory.GetFiles(ScoresOf(sweep), $"{Prefix}*.csv") : [])
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(file)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) && records.Any(r => r.Epoch == epoch))
                test[epoch] = Read(file, info);
        }
        return test;
    }

    /// <summary>Where a sweep keeps the scores of an epoch (1-based).</summary>
    public static string ScoresOf(string sweep, int epoch) => Path.Combine(ScoresOf(sweep), $"{Prefix}{epoch:000}.csv");

    private static string ScoresOf(string sweep) => Path.Combine(sweep, "scores");

    private static ScoredImages Read(string path, RunInfo info)
    {
        int outputs = info.Experiment.Target.OutputCount(info.Experiment.Scale), grades = info.Experiment.Scale.Count;
        ScoredImages images = ScoreFile.Read(path);
        if (images.Scores.Columns != outputs)
            throw new GradusException($"has scores of {images.Scores.Columns} outputs where the run's network has {outputs}", path, remedy: "Sweep the run again");
        return images.Grades.All(g => g is null || g < grades) ? images : throw new GradusException($"has a grade that the run's scale of {grades} does not have", path);
    }
}
