using System.Globalization;

namespace Gradus.Dashboard.Components;

/// <summary>Figures as every page writes them.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no figure.</summary>
    public const string None = "–";

    /// <summary>Three decimals: metrics and losses.</summary>
    public static string Metric(double? value) => value is { } v ? v.ToString("0.000", CultureInfo.InvariantCulture) : None;

    /// <summary>A metric with its 95 % interval.</summary>
    public static string Interval(double? low, double? high) => low is { } l && high is { } h ? $"{Metric(l)} to {Metric(h)}" : "";

    /// <summary>A share as a percentage.</summary>
    public static string Share(double? value) => value is { } v ? v.ToString("0.0 %", CultureInfo.InvariantCulture) : None;

    /// <summary>Up to four digits that say something: learning rates, rates of images.</summary>
    public static string Number(double? value) => value switch
    {
        null => None,
        0 => "0",
        { } v when Math.Abs(v) < 0.001 || Math.Abs(v) >= 1e6 => v.ToString("0.###e-0", CultureInfo.InvariantCulture),
        { } v => v.ToString("0.####", CultureInfo.InvariantCulture),
    };

    /// <summary>A grade with its number and its name; once only where the number is all the name that it has.</summary>
    public static string Grade(int grade, string name)
    {
        string number = grade.ToString(CultureInfo.InvariantCulture);
        return name.Trim() == number || name.Equals($"grade {number}", StringComparison.OrdinalIgnoreCase) ? $"grade {number}" : $"{number} {name}";
    }

    /// <summary>A score as somebody wrote it down.</summary>
    public static string Score(double? value) => value is { } v ? v.ToString("0.0###", CultureInfo.InvariantCulture) : None;

    /// <summary>A count with thin spaces between thousands.</summary>
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u2009');

    /// <summary>A length of time in its two largest units.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => None,
        { TotalDays: >= 1 } t => $"{(int)t.TotalDays} d {t.Hours} h",
        { TotalHours: >= 1 } t => $"{(int)t.TotalHours} h {t.Minutes:00} min",
        { TotalMinutes: >= 1 } t => $"{(int)t.TotalMinutes} min {t.Seconds:00} s",
        { TotalSeconds: >= 10 } t => $"{(int)t.TotalSeconds} s",
        { } t => t.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture),
    };

    /// <summary>A moment, UTC, to the minute.</summary>
    public static string Moment(DateTimeOffset? time) => time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : None;

    /// <summary>A size of a file.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} B",
        < 1_000_000 => (bytes / 1e3).ToString("0.0 kB", CultureInfo.InvariantCulture),
        < 1_000_000_000 => (bytes / 1e6).ToString("0.0 MB", CultureInfo.InvariantCulture),
        _ => (bytes / 1e9).ToString("0.00 GB", CultureInfo.InvariantCulture),
    };
}
