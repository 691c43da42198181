using System.Globalization;
using System.Text;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Runs;

namespace Gradus.Exports;

/// <summary>
/// Runs as MLflow's file store keeps them: a folder a run with <c>params</c>, <c>metrics</c> and <c>tags</c>, a file each, and a <c>meta.yaml</c>. Artifacts are not copied: MLflow
/// is pointed to the run's own folder. Writing a run again replaces it (https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/).
/// </summary>
public static class MlflowStore
{
    private const int LongestValue = 6000; // of a parameter, in MLflow

    /// <summary>Writes a run.</summary>
    /// <param name="folder">The store's root, usually called mlruns.</param>
    /// <param name="run">The run.</param>
    /// <returns>The folder of the run in the store.</returns>
    /// <exception cref="GradusException">A file cannot be written.</exception>
    public static string Write(string folder, LoggedRun run)
    {
        string runs = Path.GetDirectoryName(run.Folder.Root) ?? run.Folder.Root;
        // MLflow knows experiments by numbers, and runs by 32 hexadecimal digits; the same run has the same ones each time.
        string experiment = Convert.ToUInt64(GradusJson.Fingerprint(runs)[..14], 16).ToString(CultureInfo.InvariantCulture);
        string id = GradusJson.Fingerprint(new { run.Name, run.Info.CreatedUtc })[..32];
        string place = Path.Combine(folder, experiment), target = Path.Combine(place, id);

        Meta(Path.Combine(place, "meta.yaml"), new Dictionary<string, object?>
        {
            ["artifact_location"] = FileUri(place),
            ["creation_time"] = Milliseconds(run.Info.CreatedUtc),
            ["experiment_id"] = experiment,
            ["last_update_time"] = Milliseconds(run.Info.CreatedUtc),
            ["lifecycle_stage"] = "active",
            ["name"] = $"gradus {runs}",
        });
        foreach (ExperimentSetting setting in run.Description.Settings.Where(s => s.Value != ExperimentDifference.Absent))
            Text(target, "params", setting.Setting, setting.Value.Length <= LongestValue ? setting.Value : setting.Value[..LongestValue]);
        foreach (IGrouping<string, SeriesPoint> series in RunSeries.Of(run).GroupBy(p => p.Name))
            AtomicFile.WriteText(Path.Combine([target, "metrics", .. series.Key.Split('/')]), string.Concat(series.Select(p => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(p.At)} {p.Value:R} {p.Epoch}\n"))));
        Text(target, "tags", "mlflow.runName", run.Name);
        Text(target, "tags", "mlflow.note.content", string.Join("\n\n", run.Notes.Remarks.Select(n => n.Remark)));
        Text(target, "tags", "gradus.version", run.Info.CodeVersion);
        Text(target, "tags", "gradus.parent", run.Info.Parent?.Run ?? "");
        foreach (string tag in run.Notes.Tags)
            Text(target, "tags", $"gradus.tag.{tag}", "yes");
        foreach ((string board, double? score) in (ReadOnlySpan<(string, double?)>)[("public", run.Notes.Public), ("private", run.Notes.Private)])
        {
            if (score is { } stated)
                AtomicFile.WriteText(Path.Combine(target, "metrics", "leaderboard", board), string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(run.Info.CreatedUtc)} {stated:R} 0\n"));
        }
        // Last, since a run without it is no run for MLflow.
        Meta(Path.Combine(target, "meta.yaml"), new Dictionary<string, object?>
        {
            ["artifact_uri"] = FileUri(run.Folder.Root),
            ["end_time"] = run.Info.EndedUtc is { } ended ? Milliseconds(ended) : null,
            ["entry_point_name"] = "",
            ["experiment_id"] = experiment,
            ["lifecycle_stage"] = "active",
            ["run_id"] = id,
            ["run_name"] = run.Name,
            ["run_uuid"] = id,
            ["source_name"] = "",
            ["source_type"] = 4, // local
            ["source_version"] = "",
            ["start_time"] = Milliseconds(run.Info.CreatedUtc),
            ["status"] = run.Info.Status switch { RunStatus.Finished => 3, RunStatus.Failed => 4, RunStatus.Stopped or RunStatus.Died => 5, _ => 1 },
            ["tags"] = Array.Empty<string>(),
            ["user_id"] = "gradus",
        });
        return Path.GetFullPath(target);
    }

    /// <summary>A path as MLflow reads it: it undoes the escapes, so %, #, ? and spaces in a name must be escaped, which Uri does not do for all of them.</summary>
    /// <param name="path">Of a file or folder, there or not.</param>
    public static string FileUri(string path)
    {
        string[] parts = Path.GetFullPath(path).Replace(Path.DirectorySeparatorChar, '/').TrimStart('/').Split('/');
        return $"file:///{string.Join('/', parts.Select((part, i) => i == 0 && Path.DirectorySeparatorChar == '\\' ? part : Uri.EscapeDataString(part)))}";
    }

    // JSON is YAML, and needs no rules of quoting of its own.
    private static void Meta(string path, Dictionary<string, object?> values) => AtomicFile.WriteText(path, JsonSerializer.Serialize(values) + "\n");

    private static void Text(string target, string kind, string name, string value)
    {
        if (value.Length > 0)
            AtomicFile.WriteText(Path.Combine(target, kind, FileName(name)), value);
    }

    // What MLflow allows in a name, but for slashes, which are folders there. A leading dot would make of ".." another folder.
    private static string FileName(string name)
    {
        var safe = new StringBuilder(name.Length);
        foreach (char c in name)
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or ' ' || (c == '.' && safe.Length > 0) ? c : '_');
        return safe.Length <= 200 ? safe.ToString() : safe.ToString(0, 200);
    }

    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();
}
