using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Dashboard.Live;
using Gradus.Dashboard.Tables;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Tests;

/// <summary>The table of runs, without a browser.</summary>
public sealed class TableTests
{
    private static readonly HashSet<string> AllOpen = [];

    private static readonly RunTable Few = new(
    [
        Row("c", "finished", qwk: 0.8, lr: "0.001", remark: "larger images", tags: ",best,"),
        Row("b", "running", qwk: null, lr: "0.001"),
        Row("a", "finished", qwk: 0.9, lr: "0.0001", seed: 10),
        Row("\"><script>", "failed", qwk: 0.1, lr: "0.001", seed: 9),
    ]);

    [Theory]
    [InlineData("", "c b a \"><script>")]
    [InlineData("qwk>=0.8", "c a")]
    [InlineData("qwk>0.8 status=finished", "a")]
    [InlineData("qwk > 0.8 status = finished", "a")]
    [InlineData("remark ~ \"larger images\"", "c")]
    [InlineData("QWK>1", "")]
    [InlineData("train.top_lr=1e-3", "c b \"><script>")]
    [InlineData("train.top_lr!=0.001", "a")]
    [InlineData("train.top_lr<0.001", "a")]
    [InlineData("remark~\"larger images\"", "c")]
    [InlineData("larger images", "c")]
    [InlineData("tags=best", "c")]
    [InlineData("tags=bes", "")]
    [InlineData("seed>=10", "a")]
    [InlineData("seed=\"\"", "c b")]
    [InlineData("tags!=\"\"", "c")]
    [InlineData("nothing=1", "c b a \"><script>")]
    [InlineData("=HYPERLINK(\"x\")", "")]
    public void A_filter_holds_for_what_it_says(string filter, string names) =>
        Assert.Equal(names, string.Join(' ', Few.Show(new TableState { Filter = filter }, AllOpen).Rows.Select(r => r.Name)));

    [Theory]
    [InlineData("qwk>", "lacks a value")]
    [InlineData("qwk>=", "lacks a value")]
    [InlineData("status=", "lacks a value")]
    [InlineData("qwk>=abc", "QWK is a number")]
    [InlineData(">=0.8", "does not say of what")]
    [InlineData("qwk=abc", "QWK is a number")]
    [InlineData("tuned!=high", "Tuned is a number")]
    [InlineData("train.top_lr>fast", "train.top_lr is a number")]
    [InlineData("status=bogus", "running, finished, failed, stopped, died, damaged")]
    [InlineData("status!=finishd", "running, finished, failed, stopped, died, damaged")]
    [InlineData("created>=yesterday", "is a date")]
    [InlineData("started=2026-13-01", "is a date")]
    [InlineData("ended<2026-1", "is a date")]
    public void A_condition_that_means_nothing_is_told_and_leaves_the_table_as_it_was(string condition, string words)
    {
        TableView view = Few.Show(new TableState { Filter = $"status=finished {condition}" }, AllOpen);
        Assert.Contains(words, Assert.Single(view.Problems), StringComparison.Ordinal);
        Assert.Equal(["c", "a"], view.Rows.Select(r => r.Name));
    }

    [Theory]
    [InlineData("created=2026-11-01", "b a")]
    [InlineData("started=2026-11", "c b a")]
    [InlineData("created>2026-11-01", "c")]
    [InlineData("created>=2026-11-01", "c b a")]
    [InlineData("created<=2026-11-01", "b a")]
    [InlineData("created<2026-11-01", "")]
    [InlineData("created!=2026-11-01", "c d")]
    [InlineData("created=\"2026-11-01 08:30\"", "b")]
    [InlineData("created>=2026-11-01T09", "c a")]
    [InlineData("created=\"\"", "d")]
    [InlineData("created~-11-02", "c")]
    public void A_day_is_every_moment_of_it(string filter, string names)
    {
        var table = new RunTable([Row("c", "finished", 0.8, "1", created: "2026-11-02T00:00:00Z"), Row("b", "finished", 0.8, "1", created: "2026-11-01T08:30:59Z"), Row("a", "finished", 0.8, "1", created: "2026-11-01T23:59:00Z"), Row("d", "damaged", null, "1")]);
        TableView view = table.Show(new TableState { Filter = filter }, AllOpen);
        Assert.Empty(view.Problems);
        Assert.Equal(names, string.Join(' ', view.Rows.Select(r => r.Name)));
    }

    [Fact]
    public void The_words_above_columns_are_names_of_them_too()
    {
        foreach (string word in (string[])["started", "Tuned", "best", "public", "private"])
            Assert.NotNull(Few.Column(word));
        TableState state = TableState.Of("", "-tuned", "name,public", "best", null);
        TableView view = Few.Show(state, AllOpen);
        Assert.Empty(view.Problems);
        Assert.Equal("qwk_tuned", state.Sort);
        Assert.Equal(["name", "public_score"], view.Columns.Select(c => c.Key));
    }

    [Fact]
    public void Names_in_the_address_that_no_run_has_are_told()
    {
        TableView view = Few.Show(TableState.Of("", "-qvk", "name,nothing", "sed", null), AllOpen);
        Assert.Collection(
            view.Problems,
            p => Assert.Contains("sorted by 'qvk'", p, StringComparison.Ordinal),
            p => Assert.Contains("grouped by 'sed'", p, StringComparison.Ordinal),
            p => Assert.Contains("shown with 'nothing'", p, StringComparison.Ordinal));
        Assert.Contains("Did you mean 'qwk'?", view.Problems[0], StringComparison.Ordinal);
        Assert.Equal(4, view.Rows.Length);
        Assert.Empty(new RunTable([]).Show(TableState.Of("", "train.top_lr", null, null, null), AllOpen).Problems);
    }

    [Fact]
    public void Groups_are_offered_by_what_some_runs_have_in_common_and_not_all()
    {
        Assert.Equal(["status", "tags", "train.top_lr"], Few.Groupable.Select(c => c.Key));
        var many = new RunTable([.. Enumerable.Range(0, 120).Select(i => Row($"{i}", i % 2 == 0 ? "finished" : "failed", i / 120.0, $"{i % 60}", seed: i))]);
        Assert.Equal(["status"], many.Groupable.Select(c => c.Key));
    }

    [Fact]
    public void A_column_that_no_run_has_is_told() => Assert.Contains("nothing", Assert.Single(Few.Show(new TableState { Filter = "nothing=1" }, AllOpen).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("qwk", true, "a c \"><script> b")]
    [InlineData("qwk", false, "\"><script> c a b")]
    [InlineData("name", false, "\"><script> a b c")]
    [InlineData("seed", true, "a \"><script> c b")]
    [InlineData("train.top_lr", false, "a c b \"><script>")]
    public void Sorting_puts_runs_without_a_value_last(string by, bool descending, string names) =>
        Assert.Equal(names, string.Join(' ', Few.Show(new TableState { Sort = by, Descending = descending }, AllOpen).Rows.Select(r => r.Name)));

    [Fact]
    public void Differing_columns_are_those_that_differ_among_the_runs_shown()
    {
        string[] shown = [.. Few.Show(new TableState { Differing = true, Filter = "train.top_lr=0.001" }, AllOpen).Columns.Select(c => c.Key)];
        Assert.Contains("status", shown);
        Assert.Contains("seed", shown);
        Assert.DoesNotContain("train.top_lr", shown);
        Assert.DoesNotContain("backbone", shown);
    }

    [Fact]
    public void Groups_count_their_runs_and_can_be_closed()
    {
        TableView view = Few.Show(new TableState { Group = "status" }, new HashSet<string> { "finished" });
        Assert.Equal(["failed 1", "\"><script>", "finished 2", "running 1", "b"], view.Lines.Select(l => l.Row?.Name ?? $"{l.Group} {l.Count}"));
        Assert.Equal(4, view.Rows.Length);
    }

    [Fact]
    public void An_address_keeps_everything_that_was_chosen()
    {
        var state = new TableState { Filter = "qwk>=0.8 remark~\"a & b\"", Sort = "loss", Descending = false, Columns = ["name", "loss", "train.top_lr"], Group = "backbone", Differing = true };
        Dictionary<string, string> query = state.Address().Split('?')[1].Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        TableState read = TableState.Of(query["q"], query["sort"], query["cols"], query["group"], query["diff"]);
        Assert.Equal(state.Address(), read.Address());
        Assert.Equal(state with { Columns = [] }, read with { Columns = [] });
        Assert.Equal(state.Columns, read.Columns);
        Assert.Equal("runs", new TableState().Address());
    }

    [Fact]
    public void Ten_thousand_runs_are_filtered_sorted_and_grouped_in_under_a_second()
    {
        ImmutableArray<RunRow> rows = [.. Enumerable.Range(0, 10_000).Select(i => Row($"run-{i:00000}", i % 3 == 0 ? "running" : "finished", i * 7919 % 10_000 / 1e4, i % 2 == 0 ? "0.001" : "0.0001", seed: i))];
        foreach (TableState state in (TableState[])[new() { Filter = "run-0 qwk>=0.2 train.top_lr=1e-3" }, new() { Sort = "qwk" }, new() { Sort = "name", Descending = false }, new() { Group = "status", Sort = "loss" }, new() { Differing = true }])
        {
            // The best of three, for the machine may be doing something else.
            TimeSpan best = Enumerable.Range(0, 3).Min(_ =>
            {
                long start = Stopwatch.GetTimestamp();
                Assert.NotEmpty(new RunTable(rows).Show(state, AllOpen).Rows);
                return Stopwatch.GetElapsedTime(start);
            });
            Assert.True(best < TimeSpan.FromSeconds(1), $"{state.Address()} took {best}");
        }
    }

    private static RunRow Row(string name, string status, double? qwk, string lr, string? remark = null, string tags = "", long? seed = null, string? created = null) => new(new IndexedRun
    {
        Root = "",
        Name = name,
        Stamp = name,
        Status = status,
        Created = created,
        Backbone = "resnet18",
        Qwk = qwk,
        Remark = remark,
        Tags = tags,
        Seed = seed,
        Settings = $$"""{"train.top_lr":"{{lr}}","model.backbone":"resnet18"}""",
    });
}
