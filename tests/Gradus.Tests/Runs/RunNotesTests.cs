using Gradus.Runs;
using Gradus.Runs.Notes;

namespace Gradus.Tests.Runs;

public sealed class RunNotesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ledger_28_leaderboard_scores_are_kept_with_the_run_and_earlier_ones_stay()
    {
        RunFolder run = Made("a");
        RunNotes.Add(run, Note() with { Public = 0.704, Remark = "first", Tags = ["bgc", "best"] });
        RunNotes.Add(run, Note() with { Private = 0.828 });
        RunNotes notes = RunNotes.Add(run, Note() with { Public = 0.711, Untags = ["best"] });
        Assert.Equal((0.711, 0.828, "first"), (notes.Public!.Value, notes.Private!.Value, notes.Remark!));
        Assert.Equal(["bgc"], notes.Tags);
        Assert.Equal([0.704, null, 0.711], RunNotes.Read(run.Root).Notes.Select(n => n.Public));
    }

    [Fact]
    public void What_was_noted_can_be_withdrawn_and_noted_again_and_the_history_keeps_all_of_it()
    {
        RunFolder run = Made("a");
        RunNotes.Add(run, Note() with { Public = 999, Private = 0.8, Remark = "first" });
        RunNotes notes = RunNotes.Add(run, Note() with { Withdraws = [NoteField.Public, NoteField.Remark] });
        Assert.Equal((null, 0.8, null), (notes.Public, notes.Private, notes.Remark));
        notes = RunNotes.Add(run, Note() with { Public = 0.7, Remark = "second" });
        Assert.Equal((0.7, 0.8, "second"), (notes.Public, notes.Private, notes.Remark));
        Assert.Equal(["second"], notes.Remarks.Select(n => n.Remark));
        Assert.Equal(3, RunNotes.Read(run.Root).Notes.Length);
    }

    [Fact]
    public void What_is_not_there_cannot_be_taken_away()
    {
        RunFolder run = Made("a");
        RunNotes.Add(run, Note() with { Private = 0.8, Tags = ["best"] });
        Assert.Contains("It has best", Assert.Throws<GradusException>(() => RunNotes.Add(run, Note() with { Untags = ["bset"] })).Message, StringComparison.Ordinal);
        Assert.Contains("no public score", Assert.Throws<GradusException>(() => RunNotes.Add(run, Note() with { Withdraws = [NoteField.Public] })).Message, StringComparison.Ordinal);
        Assert.Single(RunNotes.Read(run.Root).Notes);
    }

    [Theory]
    [InlineData(0.704, false)]
    [InlineData(-1, false)]
    [InlineData(1.5, true)]
    [InlineData(999, true)]
    public void A_score_that_no_measure_of_the_field_reaches_is_doubted_and_not_refused(double score, bool doubted)
    {
        Assert.Equal(doubted, RunNotes.Doubt(Note() with { Private = score }) is not null);
        Assert.Equal(score, RunNotes.Add(Made("a"), Note() with { Private = score }).Private);
    }

    [Fact]
    public void Notes_written_at_the_same_moment_are_all_kept()
    {
        RunFolder run = Made("a");
        Parallel.For(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 20 }, i => RunNotes.Add(run, Note() with { Tags = [$"t{i:00}"] }));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"t{i:00}"), RunNotes.Read(run.Root).Tags);
    }

    [Fact]
    public void Control_characters_do_not_get_into_a_remark() =>
        Assert.Equal("a [red] [31m b", RunNotes.Add(Made("a"), Note() with { Remark = "a [red]\u001b[31m\nb" }).Remark);

    [Fact]
    public void A_note_that_says_nothing_or_nonsense_is_refused_and_nothing_is_written()
    {
        RunFolder run = Made("a");
        RunNote[] refused = [Note(), Note() with { Remark = " \n" }, Note() with { Public = double.NaN }, Note() with { Tags = ["a,b"] }, Note() with { Tags = [""] }, Note() with { Remark = new string('x', 2001) }];
        Assert.All(refused, note => Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => RunNotes.Add(run, note)).Fault));
        Assert.Empty(RunNotes.Read(run.Root).Notes);
    }

    [Fact]
    public void Ledger_26_a_run_in_the_trash_is_whole_and_comes_back()
    {
        RunFolder run = Made("a");
        RunNotes.Add(run, Note() with { Remark = "kept" });
        var runs = new RunsFolder(_folder.Path);
        runs.Discard("a");
        Made("a"); // the name is free again
        Assert.EndsWith("a-2", runs.Discard("a"), StringComparison.Ordinal);
        Assert.Equal("kept", RunNotes.Read(runs.Restore("a").Root).Remark);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => runs.Find("a-2")).Fault);
        Made("a-2");
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => runs.Restore("a-2")).Fault);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a/../b/../../outside")]
    [InlineData("/etc")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData(".trash")]
    [InlineData("a/plots")]
    [InlineData("a\0b")]
    public void No_argument_leads_out_of_the_folder_of_runs(string run)
    {
        string root = Path.Combine(_folder.Path, "runs");
        RunFolder.Create(root, "a").WriteInfo(SampleRun.Info("a"));
        Made("outside");
        var runs = new RunsFolder(root);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => runs.Find(run)).Fault);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => runs.Discard(run)).Fault);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => runs.Restore(run)).Fault);
        Assert.Equal("a", runs.Find(Path.Combine(root, "a") + "/").Name);
    }

    private static RunNote Note() => new() { At = DateTimeOffset.UnixEpoch };

    private RunFolder Made(string name)
    {
        RunFolder run = RunFolder.Create(_folder.Path, name);
        run.WriteInfo(SampleRun.Info(run.Name));
        return run;
    }
}
