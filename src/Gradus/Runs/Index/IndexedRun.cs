using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Experiments;

namespace Gradus.Runs.Index;

/// <summary>
/// What the index knows of a run: enough to list, filter and sort without opening its folder. All figures are those of the validation
/// images in the epoch that the run's own rule selected.
/// </summary>
public sealed record IndexedRun
{
    /// <summary>Whose folder of runs: empty in an index that lies in it, <c>machine:path</c> in one that several machines share.</summary>
    public required string Root { get; init; }

    /// <summary>The folder's name, whatever a person has called it.</summary>
    public required string Name { get; init; }

    /// <summary>Sizes and times of the files that the row was made from, and the version of Gradus that made it.</summary>
    public required string Stamp { get; init; }

    /// <summary>When the run was started, UTC, ISO 8601; null where run.json cannot be read.</summary>
    public string? Created { get; init; }

    /// <summary>When it ended, UTC, ISO 8601; null before.</summary>
    public string? Ended { get; init; }

    /// <summary>running, finished, failed, stopped, died, or damaged where a file of it cannot be read.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed, or what of it cannot be read; null otherwise.</summary>
    public string? Problem { get; init; }

    /// <summary>The network.</summary>
    public string? Backbone { get; init; }

    /// <summary>The fold that validates; null without a split.</summary>
    public int? Fold { get; init; }

    /// <summary>The seed.</summary>
    public long? Seed { get; init; }

    /// <summary>The kind of target, in the words of experiment files.</summary>
    public string? Target { get; init; }

    /// <summary>The run whose checkpoint it was started from.</summary>
    public string? Parent { get; init; }

    /// <summary>The epoch of that checkpoint.</summary>
    public int? ParentEpoch { get; init; }

    /// <summary>Epochs recorded.</summary>
    public int Epochs { get; init; }

    /// <summary>The selected epoch; null before the first.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>QWK at default thresholds.</summary>
    public double? Qwk { get; init; }

    /// <summary>Lower end of its 95 % interval.</summary>
    public double? QwkLow { get; init; }

    /// <summary>Upper end of its 95 % interval.</summary>
    public double? QwkHigh { get; init; }

    /// <summary>QWK at the epoch's tuned thresholds.</summary>
    public double? QwkTuned { get; init; }

    /// <summary>AUC.</summary>
    public double? Auc { get; init; }

    /// <summary>Accuracy at default thresholds.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean loss an image.</summary>
    public double? Loss { get; init; }

    /// <summary>Training images a second in the last epoch.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>From start to end, in seconds; null before the end.</summary>
    public double? Seconds { get; init; }

    /// <summary>The tags with a comma before, between and after them: <c>,best,bgc,</c>; empty for none.</summary>
    public string Tags { get; init; } = "";

    /// <summary>The last remark.</summary>
    public string? Remark { get; init; }

    /// <summary>The public score of a leaderboard.</summary>
    public double? PublicScore { get; init; }

    /// <summary>The private score of a leaderboard.</summary>
    public double? PrivateScore { get; init; }

    /// <summary>All settings as one JSON object without nesting: <c>{"train.top_lr":"0.001", …}</c>.</summary>
    public string Settings { get; init; } = "{}";

    /// <summary>The settings that another run has otherwise, which is the one before.</summary>
    public ImmutableArray<SettingDifference> DifferencesFrom(IndexedRun before) => ExperimentDifference.Between(Listed(before), Listed(this));

    private static ExperimentSetting[] Listed(IndexedRun run) => [.. (JsonSerializer.Deserialize<Dictionary<string, string>>(run.Settings) ?? []).Select(s => new ExperimentSetting(s.Key, s.Value, false))];
}
