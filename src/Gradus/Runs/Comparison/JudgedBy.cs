using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Gradus.Datasets;
using Gradus.Predictions;

namespace Gradus.Runs.Comparison;

/// <summary>What a run's figures rest on.</summary>
/// <param name="Plan">Fingerprint of split.csv, which is written the same for equal plans; null without one.</param>
/// <param name="Images">The validation images by id and content; null where the run does not say.</param>
/// <param name="Thresholds">The kinds of rules that figures were computed at.</param>
internal sealed record JudgedBy(string? Plan, ImmutableHashSet<(string Id, string Hash)>? Images, string Thresholds)
{
    public static JudgedBy Of(ComparedRun run) => new(
        File.Exists(run.Folder.SplitFile) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(run.Folder.SplitFile))) : null,
        Validation(run),
        $"{run.Info.Experiment.Target.DefaultRule(run.Info.Experiment.Scale).GetType().Name}, tuned {run.Info.Experiment.Thresholds.ToString().ToLowerInvariant()}");

    private static ImmutableHashSet<(string, string)>? Validation(ComparedRun run)
    {
        if (run.Best is { } best && File.Exists(run.Folder.ValidationScores(best.Epoch)))
        {
            ScoredImages scores = ScoreFile.Read(run.Folder.ValidationScores(best.Epoch));
            return [.. scores.Ids.Select((id, i) => (id.Value, scores.Hashes[i].Hex))];
        }
        if (!File.Exists(run.Folder.SplitFile) || run.Info.Experiment.Split is not { } split)
            return null;
        using var table = new CsvTable(run.Folder.SplitFile, ["id", "hash", "fold"], separator: ',', trim: false);
        string fold = split.Fold.ToString(CultureInfo.InvariantCulture);
        return [.. table.Lines().Where(l => l.Problem is null && l.Fields[2] == fold).Select(l => (l.Fields[0], l.Fields[1]))];
    }
}
