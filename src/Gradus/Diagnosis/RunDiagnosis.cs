using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;

namespace Gradus.Diagnosis;

/// <summary>Tuned thresholds after an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Tuned">The thresholds in use; one where all outputs share it, none for the most probable grade.</param>
/// <param name="Stabilised">The bootstrap medians, in the same places; empty where the run kept no scores or the rules differ in kind.</param>
/// <param name="Plateaus">How far each can move at hardly any QWK; empty where the run kept no scores.</param>
public sealed record ThresholdPoint(int Epoch, ImmutableArray<double> Tuned, ImmutableArray<double> Stabilised, ImmutableArray<Plateau> Plateaus);

/// <summary>What a rule of selection takes, and what it would have predicted.</summary>
/// <param name="By">The rule.</param>
/// <param name="Epoch">The epoch that it takes.</param>
/// <param name="Value">The figure by which it does; null for the last epoch, which none chooses.</param>
/// <param name="TestCounts">(K) images of the sweep a grade at that epoch's tuned thresholds; null where it was not swept.</param>
public sealed record RuleChoice(SelectBy By, int Epoch, double? Value, ImmutableArray<int>? TestCounts);

/// <summary>Why the predictions of a run move between its epochs, and whether its figures can be believed.</summary>
/// <param name="Input">What was looked at.</param>
/// <param name="Changes">Between neighbouring epochs, of validation and of swept images.</param>
/// <param name="Path">The thresholds, rising by epoch.</param>
/// <param name="Differences">Of validation QWK between neighbouring epochs; empty where the run kept no scores.</param>
/// <param name="Choices">What each rule of selection takes.</param>
/// <param name="Findings">The answer, gravest first.</param>
/// <param name="CannotTell">What was not there to look at, a sentence each.</param>
public sealed record RunDiagnosis(
    DiagnosisInput Input, ImmutableArray<CountChange> Changes, ImmutableArray<ThresholdPoint> Path, ImmutableArray<QwkDifference> Differences, ImmutableArray<RuleChoice> Choices, ImmutableArray<Finding> Findings, ImmutableArray<string> CannotTell)
{
    /// <summary>Looks at everything there is. The same input gives the same answer.</summary>
    public static RunDiagnosis Of(DiagnosisInput input)
    {
        Experiment experiment = input.Info.Experiment;
        ImmutableArray<CountChange> changes = [.. ChangesOf(DiagnosedSet.Validation, input.Validation), .. ChangesOf(DiagnosedSet.Test, input.Test)];
        ImmutableArray<ThresholdPoint> path = [.. input.Records.Select(Point)];
        ImmutableArray<QwkDifference> differences = QwkDifference.BetweenNeighbours(input.Validation, experiment);
        Finding[] findings =
        [
            .. LeakFindings.Of(input),
            .. EffectFindings.Of(input, changes, path),
            .. OverfittingFindings.Of(input),
            .. BiasFindings.Of(input),
            .. NoiseFindings.Of(input, differences),
        ];
        return new RunDiagnosis(input, changes, path, differences, ChoicesOf(input), [.. findings.OrderByDescending(f => f.Severity)], [.. Missing(input)]);

        IEnumerable<CountChange> ChangesOf(DiagnosedSet set, IReadOnlyDictionary<int, ScoredImages> scores)
        {
            EpochRecord[] there = [.. input.Records.Where(r => scores.ContainsKey(r.Epoch))];
            // Of a sweep that was made in parts, neighbours may be of other images; their counts cannot be compared.
            return there.Zip(there.Skip(1)).Where(p => scores[p.First.Epoch].Hashes.SequenceEqual(scores[p.Second.Epoch].Hashes)).Select(p => CountChange.Between(
                set, experiment.Scale, experiment.Target.DefaultRule(experiment.Scale), (p.First.Epoch, scores[p.First.Epoch], p.First.Thresholds), (p.Second.Epoch, scores[p.Second.Epoch], p.Second.Thresholds)));
        }

        ThresholdPoint Point(EpochRecord record)
        {
            ImmutableArray<double> tuned = Distinct(record.Thresholds);
            if (!input.Validation.TryGetValue(record.Epoch, out ScoredImages? images))
                return new ThresholdPoint(record.Epoch, tuned, [], []);
            int[] truth = images.Truth!;
            DecodingRule stable = ThresholdStability.Stabilise(experiment.Target, experiment.Scale, images.Scores, truth, experiment.Thresholds, experiment.Train.Seed);
            return new ThresholdPoint(
                record.Epoch,
                tuned,
                stable.GetType() == record.Thresholds.GetType() ? Distinct(stable)[..Math.Min(tuned.Length, Distinct(stable).Length)] : [],
                ThresholdStability.Plateaus(record.Thresholds, experiment.Scale, images.Scores, truth));
        }
    }

    /// <summary>The epochs after the first quarter, when the network has left its beginnings; all where there are fewer than four.</summary>
    internal static IReadOnlyList<EpochRecord> Settled(IReadOnlyList<EpochRecord> records) => records.Count < 4 ? records : [.. records.Skip(Math.Max(1, records.Count / 4))];

    /// <summary>What each rule of selection takes, with its counts on swept images.</summary>
    internal static ImmutableArray<RuleChoice> ChoicesOf(DiagnosisInput input) =>
    [
        .. Selection.Alternatives(input.Records).Select(c => new RuleChoice(
            c.By,
            c.Epoch,
            c.Value,
            input.Test.TryGetValue(c.Epoch, out ScoredImages? test) ? test.Counts(input.Records.First(r => r.Epoch == c.Epoch).Thresholds, input.Info.Experiment.Scale.Count) : null)),
    ];

    private static ImmutableArray<double> Distinct(DecodingRule rule) => ThresholdStability.IsShared(rule) ? [rule.Values[0]] : rule.Values;

    private static IEnumerable<string> Missing(DiagnosisInput input)
    {
        int without = input.Records.Count(r => !input.Validation.ContainsKey(r.Epoch));
        if (without > 0)
            yield return $"{(without == input.Records.Count ? "The run" : $"For {without} of {input.Records.Count} epochs the run")} kept no validation scores (an older Gradus trained it): what scores and thresholds do to its validation counts, and how wide the thresholds' plateaus are, cannot be told.";
        if (input.Test.Count == 0)
            yield return "No sweep was found, so nothing is said of images beyond validation: gradus predict RUN --all makes one, and --sweep DIR names one that lies elsewhere.";
        else if (input.Test.Count == 1)
            yield return "The sweep has one epoch of this run, and a change needs two: select: { keep: all } keeps every checkpoint.";
        if (input.SeenInTraining is null)
            yield return "Whether validation images were trained on could not be looked up, since no checkpoint or no validation scores are left.";
    }
}
