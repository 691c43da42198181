using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Runs;

namespace Gradus.Mistakes;

/// <summary>What a run said of its validation images after an epoch, from the scores that it kept: no network and no image is needed.</summary>
public static class KeptJudgements
{
    /// <summary>The judgements, in the order of the file. Images without a grade are none of them.</summary>
    /// <param name="run">The run.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="epoch">From 1.</param>
    /// <param name="rule">Grades the outputs.</param>
    /// <param name="locate">Where an image is; for images that it does not know their location is empty, and nobody can open them.</param>
    /// <exception cref="GradusException">The run kept no scores of the epoch, or the file is damaged.</exception>
    public static ImmutableArray<Judgement> Read(RunFolder run, Experiment experiment, int epoch, DecodingRule rule, Func<ImageKey, ImageLocation?>? locate = null)
    {
        string path = run.ValidationScores(epoch);
        ScoredImages kept = ScoreFile.Read(path);
        GradedScores scores = kept.Scores;
        if (scores.Columns != experiment.Target.OutputCount(experiment.Scale) || kept.Grades.Any(g => g >= experiment.Scale.Count))
            throw new GradusException("does not fit the run's experiment", path, $"{scores.Columns} outputs", "Restore the file from a copy");
        double[]? probabilities = GradeProbabilities.Of(experiment.Target, experiment.Scale, scores);
        int[] predicted = rule.Grades(scores);
        Dictionary<(string, string), string> sources = Sources(run);
        string usual = (experiment.Sources.FirstOrDefault(s => s.Role == SourceRole.Validation) ?? experiment.Sources.First(s => s.Role == SourceRole.Main)).Name;
        int grades = experiment.Scale.Count;
        return
        [
            .. Enumerable.Range(0, scores.Rows).Where(i => kept.Grades[i] is not null).Select(i =>
            {
                var key = new ImageKey(sources.GetValueOrDefault((kept.Ids[i].Value, kept.Hashes[i].Hex), usual), kept.Ids[i]);
                var image = new ImageRecord(key.Id, kept.Grades[i], null, key.Source, locate?.Invoke(key) ?? new FileLocation("")) { Hash = kept.Hashes[i] };
                return new Judgement(image, run.Root, predicted[i], scores.Score[i], probabilities is null ? [] : [.. probabilities.AsSpan(i * grades, grades)]);
            }),
        ];
    }

    // Scores name no source, since an id and its content say enough; the run's plan does.
    private static Dictionary<(string, string), string> Sources(RunFolder run)
    {
        var sources = new Dictionary<(string, string), string>();
        if (!File.Exists(run.SplitFile))
            return sources;
        using var table = new CsvTable(run.SplitFile, ["id", "source", "hash"], separator: ',', trim: false);
        foreach (CsvLine line in table.Lines().Where(l => l.Problem is null))
            sources.TryAdd((line.Fields[0], line.Fields[2]), line.Fields[1]);
        return sources;
    }
}
