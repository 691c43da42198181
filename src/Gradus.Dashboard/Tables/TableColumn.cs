using System.Collections.Immutable;
using System.Globalization;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Tables;

/// <summary>A column of the table of runs.</summary>
/// <param name="Key">Its name in an address and in a filter: as the index calls it, or a setting of the experiment.</param>
/// <param name="Title">What stands above it.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Text">What it shows of a run; empty for nothing.</param>
/// <param name="Number">The number behind it, in columns of numbers.</param>
internal sealed record TableColumn(string Key, string Title, int Width, Func<RunRow, string> Text, Func<RunRow, double?>? Number = null)
{
    /// <summary>Whether it is a setting of the experiment.</summary>
    public bool IsSetting => Key.Contains('.', StringComparison.Ordinal) || !Known.ContainsKey(Key);

    /// <summary>Whether less comes first when somebody first sorts by it: texts from a to z, losses from small; figures have the best first.</summary>
    public bool RisesFirst => Number is null ? !IsMoment : Key is "loss" or "fold";

    /// <summary>Whether it is a date and a time.</summary>
    public bool IsMoment => Key is "created" or "ended";

    /// <summary>The columns of the index, in the order in which they are offered.</summary>
    public static ImmutableArray<TableColumn> OfIndex { get; } =
    [
        new("name", "Run", 240, r => r.Name),
        new("status", "Status", 92, r => r.Run.Status),
        new("created", "Started", 132, r => Figures.Moment(r.Created)),
        new("ended", "Ended", 132, r => Figures.Moment(r.Ended)),
        Of("seconds", "Took", 102, r => r.Run.Seconds, v => Figures.Duration(v is { } s ? TimeSpan.FromSeconds(s) : null)),
        new("backbone", "Backbone", 114, r => r.Run.Backbone ?? ""),
        Of("fold", "Fold", 54, r => r.Run.Fold, Whole),
        Of("seed", "Seed", 66, r => r.Run.Seed, Whole),
        new("target", "Target", 96, r => r.Run.Target ?? ""),
        new("parent", "Parent", 200, r => r.Run.Parent ?? ""),
        Of("parent_epoch", "Parent epoch", 112, r => r.Run.ParentEpoch, Whole),
        Of("epochs", "Epochs", 74, r => r.Run.Epochs, Whole),
        Of("best_epoch", "Best epoch", 90, r => r.Run.BestEpoch, Whole),
        Of("qwk", "QWK", 60, r => r.Run.Qwk, Figures.Metric),
        Of("qwk_low", "QWK low", 80, r => r.Run.QwkLow, Figures.Metric),
        Of("qwk_high", "QWK high", 84, r => r.Run.QwkHigh, Figures.Metric),
        Of("qwk_tuned", "Tuned", 66, r => r.Run.QwkTuned, Figures.Metric),
        Of("auc", "AUC", 58, r => r.Run.Auc, Figures.Metric),
        Of("accuracy", "Accuracy", 82, r => r.Run.Accuracy, Figures.Metric),
        Of("loss", "Loss", 58, r => r.Run.Loss, Figures.Metric),
        Of("images_per_second", "Images/s", 80, r => r.Run.ImagesPerSecond, v => v is { } n ? n.ToString("0.0", CultureInfo.InvariantCulture) : Figures.None),
        Of("public_score", "Public", 68, r => r.Run.PublicScore, Figures.Score),
        Of("private_score", "Private", 74, r => r.Run.PrivateScore, Figures.Score),
        new("tags", "Tags", 100, r => string.Join(", ", r.Tags)),
        new("remark", "Remark", 170, r => r.Run.Remark ?? ""),
        new("problem", "Problem", 240, r => r.Run.Problem ?? ""),
        new("root", "Machine", 180, r => r.Run.Root),
    ];

    /// <summary>The columns of the index by name.</summary>
    public static IReadOnlyDictionary<string, TableColumn> Known { get; } = OfIndex.ToDictionary(c => c.Key);

    /// <summary>The columns that are shown where nobody chose any.</summary>
    public static ImmutableArray<string> Usual { get; } = ["name", "status", "created", "backbone", "fold", "epochs", "qwk", "qwk_tuned", "auc", "loss", "public_score", "private_score", "tags", "remark"];

    /// <summary>The column of a setting.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="values">Those that runs have. Only where all are numbers is it a column of numbers.</param>
    public static TableColumn OfSetting(string key, IEnumerable<string> values)
    {
        Func<RunRow, string> text = r => r.Settings.GetValueOrDefault(key, "");
        return new(key, key, Math.Clamp(key.Length * 7 + 34, 100, 240), text, values.All(v => RunColumns.Number(v) is not null) ? r => RunColumns.Number(text(r)) : null);
    }

    /// <summary>The number behind a value of a run: a figure, or a setting that is written as a number.</summary>
    public double? NumberOf(RunRow row) => Number is not null ? Number(row) : IsSetting && RunColumns.Number(Text(row)) is { } number ? number : null;

    private static TableColumn Of(string key, string title, int width, Func<RunRow, double?> number, Func<double?, string> text) =>
        new(key, title, width, row => number(row) is { } value ? text(value) : "", number);

    private static string Whole(double? value) => value is { } v ? v.ToString("0", CultureInfo.InvariantCulture) : Figures.None;
}
