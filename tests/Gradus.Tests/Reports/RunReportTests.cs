using System.Text.RegularExpressions;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Reports;

public sealed class RunReportTests : IDisposable
{
    private const string Hostile = "\"><script>alert('x')</script>&";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Names_that_are_markup_are_shown_and_not_run()
    {
        var scale = new GradeScale([Hostile, "mild", "moderate", "severe", "proliferative"]);
        string html = Report(SampleRun.Records(2, scale), info => info with { Name = Hostile, Failure = Hostile, CodeVersion = Hostile }, SampleRun.Experiment(scale, Hostile));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_beside_it()
    {
        string html = Report(SampleRun.Records(3));
        Assert.Equal(5, Regex.Count(html, "<img [^>]*src=\"data:image/png;base64,"));
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", html);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.Contains("name=\"viewport\"", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_names_the_rule_of_selection_and_what_the_others_would_have_chosen()
    {
        string html = Report(SampleRun.Records(3));
        foreach (SelectionChoice choice in Selection.Alternatives(SampleRun.Records(3)))
            Assert.Contains($"<td>{Selection.Describe(choice.By)}</td><td>{choice.Epoch}</td>", html, StringComparison.Ordinal);
        Assert.Contains($"The experiment takes {Selection.Taken(SelectBy.TunedQwk)} and keeps the best 3", html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_shows_both_splits_at_default_and_at_tuned_thresholds()
    {
        IReadOnlyList<EpochRecord> records = SampleRun.Records(3);
        string html = Report(records);
        EpochRecord best = records.Single(r => r.Epoch == Selection.Rank(records, new SelectSpec(SelectBy.TunedQwk))[0]);
        foreach ((string row, double? qwk) in new[] { ("validation, default", best.Validation.Default.Qwk), ("validation, tuned", best.Validation.Tuned.Qwk), ("training as drawn, default", best.Train.Default.Qwk), ("training as drawn, tuned", best.Train.Tuned.Qwk) })
            Assert.Contains($"<td>{row}</td><td>{qwk:0.0000}</td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_failed_before_its_first_epoch_has_a_report_that_says_why()
    {
        string html = Report([], info => info with { Status = RunStatus.Failed, Failure = "train.csv: the column 'grade' is missing" });
        Assert.Contains("train.csv: the column &#39;grade&#39; is missing", html, StringComparison.Ordinal);
        Assert.Contains(">failed<", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_table_and_element_that_is_opened_is_closed()
    {
        string html = Report(SampleRun.Records(2));
        foreach (string tag in new[] { "div", "table", "thead", "tbody", "tr", "td", "th", "p", "h1", "h2", "figure", "pre", "span", "b" })
            Assert.Equal(Regex.Count(html, $"<{tag}[ >]"), Regex.Count(html, $"</{tag}>"));
    }

    private string Report(IReadOnlyList<EpochRecord> records, Func<RunInfo, RunInfo>? change = null, Experiment? experiment = null)
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        RunInfo info = SampleRun.Info(run.Name, experiment);
        run.WriteInfo(change is null ? info : change(info));
        foreach (EpochRecord record in records)
            run.Metrics.Append(record);
        RunPlots.Write(run, records, info.Experiment.Scale);
        return File.ReadAllText(RunReport.Write(run));
    }
}
