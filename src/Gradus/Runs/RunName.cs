using System.Text;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>Names of runs.</summary>
public static class RunName
{
    private const int LongestName = 100;

    /// <summary>
    /// Day and month, backbone, and fold where there is one: <c>24-11_mobilenet_v2_f0</c>; pre-training says so. Then what differs
    /// from the parent, <c>24-11_mobilenet_v2_f0_s64_lr1e-4</c>, and a remark.
    /// </summary>
    /// <param name="date">The day.</param>
    /// <param name="e">The run's experiment.</param>
    /// <param name="parent">The experiment of the run that it goes on from; null without one.</param>
    /// <param name="remark">A word of the person's; null for none.</param>
    public static string Derive(DateOnly date, Experiment e, Experiment? parent = null, string? remark = null)
    {
        string fold = e.Split is { } split ? $"_f{split.Fold}" : "";
        string phase = e.Phase == TrainingPhase.Pretraining ? "_pretrain" : "";
        string changes = parent is null ? "" : $"_{string.Join('_', NameTokens.Of(parent, e))}";
        string word = string.IsNullOrWhiteSpace(remark) ? "" : $"_{Reduce(remark.Trim())}";
        return Reduce($"{date:dd-MM}_{e.Model.Backbone}{fold}{phase}{changes}{word}");
    }

    /// <summary>
    /// The name as a folder may be called on every system: letters, digits, dot, underscore and hyphen of ASCII, a hyphen for each
    /// run of anything else, no dot at either end, at most 100 characters. Nothing that leaves a folder can be written in it.
    /// </summary>
    public static string Reduce(string name)
    {
        var reduced = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
                reduced.Append(c);
            else if (reduced.Length > 0 && reduced[^1] != '-')
                reduced.Append('-');
        }
        string cut = reduced.ToString(0, Math.Min(reduced.Length, LongestName)).Trim('.', '-');
        return cut.Length == 0 ? "run" : cut;
    }
}
