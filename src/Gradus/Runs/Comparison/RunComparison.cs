using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;

namespace Gradus.Runs.Comparison;

/// <summary>A setting that is not the same in all runs compared.</summary>
/// <param name="Setting">Its path in the words of experiment files.</param>
/// <param name="Values">A value a run.</param>
public sealed record ComparedSetting(string Setting, ImmutableArray<string> Values);

/// <summary>One of the runs compared.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Info">Its run.json.</param>
/// <param name="Records">Its epochs.</param>
/// <param name="Best">The epoch that its own rule selected; null before the first.</param>
public sealed record ComparedRun(RunFolder Folder, RunInfo Info, IReadOnlyList<EpochRecord> Records, EpochRecord? Best)
{
    /// <summary>What of the run is damaged, a sentence each.</summary>
    public ImmutableArray<string> Damage { get; init; } = [];

    /// <summary>QWK of this run minus that of the first, at default thresholds and on the same images, with its paired 95 % interval; null where the images differ or their scores are not kept.</summary>
    public Estimate? Gain { get; init; }
}

/// <summary>Runs side by side: what differs in their settings, what came out, and whether the two can be held against each other.</summary>
/// <param name="Runs">At least two, in the order given.</param>
/// <param name="Settings">Those that differ; none that is the same everywhere.</param>
/// <param name="Warnings">Why the figures are not comparable, a sentence each.</param>
public sealed record RunComparison(ImmutableArray<ComparedRun> Runs, ImmutableArray<ComparedSetting> Settings, ImmutableArray<string> Warnings)
{
    /// <summary>Compares runs with the first of them.</summary>
    /// <exception cref="GradusException">Fewer than two, the same one twice, or a file of one is damaged.</exception>
    public static RunComparison Of(IReadOnlyList<RunFolder> folders)
    {
        if (folders.Count < 2)
            throw new GradusException("two or more runs are compared", found: $"{folders.Count}", fault: Fault.Request);
        if (folders.GroupBy(f => f.Root).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("a run is compared with others", found: $"'{twice.First().Name}' twice", fault: Fault.Request);
        ComparedRun[] runs = [.. folders.Select(Read)];
        JudgedBy[] judged = [.. runs.Select(JudgedBy.Of)];
        ImmutableArray<ComparedRun> gains = [runs[0], .. runs.Skip(1).Select(run => run with { Gain = Gain(runs[0], run) })];
        return new RunComparison(gains, Differing(runs), [.. Warn(runs, judged)]);
    }

    private static ComparedRun Read(RunFolder folder)
    {
        var run = LoggedRun.Read(folder);
        return new ComparedRun(folder, run.Info as RunInfo ?? folder.ReadInfo(), run.Records, run.Best) { Damage = run.Damage };
    }

    private static ImmutableArray<ComparedSetting> Differing(ComparedRun[] runs)
    {
        Dictionary<string, string>[] settings = [.. runs.Select(r => ExperimentDifference.Settings(r.Info.Experiment).ToDictionary(s => s.Setting, s => s.Value))];
        return
        [
            .. settings.SelectMany(s => s.Keys).Distinct()
                .Select(key => new ComparedSetting(key, [.. settings.Select(s => s.GetValueOrDefault(key, ExperimentDifference.Absent))]))
                .Where(s => s.Values.Distinct().Count() > 1),
        ];
    }

    private static IEnumerable<string> Warn(ComparedRun[] runs, JudgedBy[] judged)
    {
        for (int i = 1; i < runs.Length; i++)
        {
            string pair = $"{runs[i].Folder.Name} and {runs[0].Folder.Name}";
            (Experiment first, Experiment other) = (runs[0].Info.Experiment, runs[i].Info.Experiment);
            if (!first.Scale.Names.SequenceEqual(other.Scale.Names))
                yield return $"Not comparable: {pair} have other grades.";
            if (judged[0].Plan is { } plan && judged[i].Plan is { } otherPlan && plan != otherPlan)
                yield return $"Not comparable: {pair} have other fold plans (split.csv).";
            else if ((judged[0].Plan is null) != (judged[i].Plan is null))
                yield return $"Not comparable: {pair} have other fold plans; one of them has none.";
            if (judged[0].Images is { } images && judged[i].Images is { } otherImages)
            {
                if (!images.SetEquals(otherImages))
                    yield return $"Not comparable: {pair} were validated on other images; {images.Intersect(otherImages).Count} of {images.Count} and {otherImages.Count} are common.";
            }
            else
            {
                yield return $"Whether {pair} were validated on the same images cannot be told: a run keeps them in split.csv or validation_scores.";
            }
            if (judged[0].Thresholds != judged[i].Thresholds)
                yield return $"Thresholds are of other kinds: {runs[i].Folder.Name} {judged[i].Thresholds}, {runs[0].Folder.Name} {judged[0].Thresholds}. Figures at thresholds differ for that reason too; AUC does not.";
        }
        foreach (ComparedRun run in runs.Where(r => r.Info.Parent is { SeenInValidation: > 0 }))
            yield return $"Not comparable: {run.Folder.Name} goes on from a run that was trained on {run.Info.Parent!.SeenInValidation} of its validation images.";
        foreach ((ComparedRun run, string damage) in runs.SelectMany(r => r.Damage.Select(d => (r, d))))
            yield return $"{run.Folder.Name} is there only in part: {damage}.";
        foreach (ComparedRun run in runs.Where(r => r.Info.Status != RunStatus.Finished))
        {
            string verb = run.Info.Status == RunStatus.Died ? "has" : "is";
            yield return $"{run.Folder.Name} {verb} {run.Info.Status.ToString().ToLowerInvariant()}, after {run.Records.Count} epochs.";
        }
    }

    private static Estimate? Gain(ComparedRun first, ComparedRun other)
    {
        if (Scores(first) is not { Truth: { } truth } a || Scores(other) is not { } b || !first.Info.Experiment.Scale.Names.SequenceEqual(other.Info.Experiment.Scale.Names))
            return null;
        // By id and content: of identical images each has an id of its own.
        Dictionary<(string, string), int> places = [];
        foreach ((int i, var id) in b.Ids.Index())
            places.TryAdd((id.Value, b.Hashes[i].Hex), i);
        if (places.Count != a.Ids.Length || places.Count != b.Ids.Length || !a.Ids.Index().All(p => places.ContainsKey((p.Item.Value, a.Hashes[p.Index].Hex))))
            return null;
        int[] place = [.. a.Ids.Select((id, i) => places[(id.Value, a.Hashes[i].Hex)])];
        if (!place.Select(p => b.Grades[p]).SequenceEqual(truth.Select(t => (int?)t)))
            return null;
        GradeScale scale = first.Info.Experiment.Scale;
        int[] graded = first.Info.Experiment.Target.DefaultRule(scale).Grades(a.Scores), regraded = other.Info.Experiment.Target.DefaultRule(scale).Grades(b.Scores);
        (double value, ConfidenceInterval interval) = PairedDifference.Of(truth, graded, [.. place.Select(p => regraded[p])], scale.Count, Kappa.Quadratic, RandomStream.Create(first.Info.Experiment.Train.Seed, "comparison of runs"));
        return new Estimate(value, interval.Low, interval.High);
    }

    private static ScoredImages? Scores(ComparedRun run)
    {
        try
        {
            // Most-probable grades need probabilities, which the file does not hold.
            return run.Best is { } best && run.Info.Experiment.Target.DefaultRule(run.Info.Experiment.Scale) is not MostProbable && File.Exists(run.Folder.ValidationScores(best.Epoch)) ? ScoreFile.Read(run.Folder.ValidationScores(best.Epoch)) : null;
        }
        catch (GradusException)
        {
            return null; // a bonus; the rest of the comparison does not need it
        }
    }
}
