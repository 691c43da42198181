using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Runs;
using Gradus.Runs.Index;
using Gradus.Runs.Notes;
using Gradus.Synthetic;
using Microsoft.Data.Sqlite;

namespace Gradus.Tests.Runs;

public sealed class RunIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Runs => Path.Combine(_folder.Path, "runs");

    private string IndexFile => Path.Combine(Runs, SqliteRunDatabase.FileName);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_listed_with_the_figures_of_its_selected_epoch()
    {
        SyntheticRuns.Write(Runs, 7, 4, seed: 1, stop: Stop);
        foreach (IndexedRun row in List())
        {
            RunFolder run = RunFolder.Open(Path.Combine(Runs, row.Name));
            (RunInfo info, IReadOnlyList<EpochRecord> records) = (run.ReadInfo(), run.Metrics.Read());
            EpochRecord best = records.First(r => r.Epoch == Selection.Rank(records, info.Experiment.Select)[0]);
            Assert.Equal((4, best.Epoch, best.Validation.Default.Qwk, best.Validation.Tuned.Qwk, best.Validation.Loss), (row.Epochs, row.BestEpoch!.Value, row.Qwk!.Value, row.QwkTuned!.Value, row.Loss));
            Assert.Equal((info.Experiment.Model.Backbone, info.Experiment.Train.Seed, info.Parent?.Run), (row.Backbone!, row.Seed!.Value, row.Parent));
        }
    }

    [Fact]
    public void Deleting_the_index_loses_nothing()
    {
        SyntheticRuns.Write(Runs, 7, 3, seed: 1, stop: Stop);
        Note("first", List()[0].Name);
        string before = Listing();
        foreach (string file in Directory.GetFiles(Runs))
            File.Delete(file);
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void Rebuilding_gives_the_same_listing()
    {
        SyntheticRuns.Write(Runs, 7, 3, seed: 1, stop: Stop);
        string before = Listing();
        using (RunIndex index = RunIndex.Open(Runs))
            Assert.Equal((7, 0), index.Rebuild(stop: Stop));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void Rows_that_somebody_falsified_are_put_right_by_rebuilding()
    {
        SyntheticRuns.Write(Runs, 3, 3, seed: 1, stop: Stop);
        string before = Listing();
        Sql("UPDATE gradus_runs SET qwk = -1; INSERT INTO gradus_runs SELECT root, 'ghost', stamp, created, ended, status, problem, backbone, fold, seed, target, parent, parent_epoch, epochs, best_epoch, qwk, qwk_low, qwk_high, qwk_tuned, auc, accuracy, loss, images_per_second, seconds, tags, remark, public_score, private_score, settings FROM gradus_runs LIMIT 1");
        using (RunIndex index = RunIndex.Open(Runs))
            Assert.Equal((3, 1), index.Rebuild(stop: Stop));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void A_folder_that_disappears_and_comes_back_is_neither_lost_nor_doubled()
    {
        SyntheticRuns.Write(Runs, 5, 2, seed: 1, stop: Stop);
        string before = Listing();
        string name = List()[2].Name;
        Directory.Move(Path.Combine(Runs, name), Path.Combine(_folder.Path, "elsewhere"));
        Assert.DoesNotContain(List(), r => r.Name == name);
        Assert.Equal(4, List().Length);
        Directory.Move(Path.Combine(_folder.Path, "elsewhere"), Path.Combine(Runs, name));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void A_folder_of_runs_that_was_moved_keeps_its_index()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        string before = Listing();
        Directory.Move(Runs, Runs + "-moved");
        using RunIndex index = RunIndex.Open(Runs + "-moved");
        Assert.Equal((0, 0), index.Sync(stop: Stop));
        Assert.Equal(before, JsonSerializer.Serialize(index.List(new RunQuery(), stop: Stop)));
    }

    [Fact]
    public void An_epoch_that_was_added_is_seen_and_unchanged_runs_are_not_read_again()
    {
        SyntheticRuns.Write(Runs, 4, 2, seed: 1, stop: Stop);
        string name = List()[0].Name;
        RunFolder run = RunFolder.Open(Path.Combine(Runs, name));
        run.Metrics.Append(run.Metrics.Read()[1] with { Epoch = 3 });
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Equal((1, 0), index.Sync(stop: Stop));
        Assert.Equal(3, index.List(new RunQuery(), stop: Stop).Single(r => r.Name == name).Epochs);
    }

    [Fact]
    public void A_line_that_a_crash_tore_is_not_counted_and_a_damaged_run_is_still_listed()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        string[] names = [.. List().Select(r => r.Name)];
        File.AppendAllText(Path.Combine(Runs, names[0], "metrics.jsonl"), "{\"epoch\":3,\"st");
        AtomicFile.WriteText(Path.Combine(Runs, names[1], "run.json"), "{");
        AtomicFile.WriteText(Path.Combine(Runs, names[2], "notes.json"), "null");
        ImmutableArray<IndexedRun> now = List();
        Assert.Equal(3, now.Length);
        Assert.Equal(2, now.Single(r => r.Name == names[0]).Epochs);
        Assert.All(names[1..], name => Assert.Equal("damaged", now.Single(r => r.Name == name).Status));
    }

    [Fact]
    public void A_run_with_a_damaged_line_is_damaged_everywhere_and_keeps_the_figures_that_can_be_read()
    {
        SyntheticRuns.Write(Runs, 1, 6, seed: 1, stop: Stop);
        IndexedRun before = List()[0];
        RunFolder run = RunFolder.Open(Path.Combine(Runs, before.Name));
        string[] lines = File.ReadAllLines(run.Metrics.FilePath);
        int damaged = before.BestEpoch == 2 ? 3 : 2;
        lines[damaged - 1] = lines[damaged - 1][..50];
        AtomicFile.WriteText(run.Metrics.FilePath, "\n" + string.Join('\n', lines) + "\n");
        IndexedRun row = List()[0];
        LoggedRun read = LoggedRun.Read(run);
        Assert.Equal((LoggedRun.Damaged, 5, before.BestEpoch, before.Qwk), (row.Status, row.Epochs, row.BestEpoch, row.Qwk));
        Assert.Equal((row.Status, row.Epochs, row.BestEpoch), (read.Status, read.Records.Count, read.Best?.Epoch));
        Assert.StartsWith($"{run.Metrics.FilePath}:{damaged + 1}: is damaged", row.Problem, StringComparison.Ordinal); // an empty line is before it
    }

    [Fact]
    public void A_finished_run_whose_selected_epoch_is_gone_is_damaged()
    {
        SyntheticRuns.Write(Runs, 1, 3, seed: 1, stop: Stop);
        RunFolder run = RunFolder.Open(Path.Combine(Runs, List()[0].Name));
        AtomicFile.WriteText(run.Metrics.FilePath, "");
        IndexedRun row = List()[0];
        Assert.Equal((LoggedRun.Damaged, 0), (row.Status, row.Epochs));
        Assert.Contains("which the run selected", row.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"name\": \"a\",\n  oops\n}", ":3: is damaged; found text that is no JSON")]
    [InlineData("", ":1: is damaged; found text that is no JSON")]
    [InlineData("{}", ": is damaged; found no name, createdUtc, status, codeVersion, counts")]
    [InlineData("{\"name\":\"a\",\"createdUtc\":\"yesterday\"}", ": is damaged; found a value that does not belong at createdUtc")]
    public void A_damaged_run_json_is_told_in_the_words_of_people(string json, string words)
    {
        SyntheticRuns.Write(Runs, 1, 2, seed: 1, stop: Stop);
        string file = Path.Combine(Runs, List()[0].Name, "run.json");
        Note("kept", Path.GetFileName(Path.GetDirectoryName(file)!));
        AtomicFile.WriteText(file, json);
        Assert.StartsWith(file + words, List()[0].Problem, StringComparison.Ordinal);
        Assert.Single(List(new RunQuery { Tag = "kept" })); // what was noted is in another file
    }

    [Fact]
    public void A_run_whose_experiment_another_version_wrote_is_listed_with_what_can_be_read()
    {
        SyntheticRuns.Write(Runs, 4, 2, seed: 1, stop: Stop);
        string before = Listing();
        string name = List()[0].Name;
        OtherVersion.Rewrite(RunFolder.Open(Path.Combine(Runs, name)));
        IndexedRun was = JsonSerializer.Deserialize<IndexedRun[]>(before)!.Single(r => r.Name == name), now = List().Single(r => r.Name == name);
        Assert.Contains("its experiment cannot be read by this version of Gradus", now.Problem, StringComparison.Ordinal);
        Assert.Equal(was, now with { Problem = was.Problem, Stamp = was.Stamp, Settings = was.Settings });
        Assert.Equal([name], List(new RunQuery { Where = ["sampling.class_weights=[1, 2]"] }).Select(r => r.Name));
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Equal((4, 0), index.Rebuild(stop: Stop));
        Assert.Contains("by this version of Gradus", Assert.Throws<GradusException>(RunFolder.Open(Path.Combine(Runs, name)).ReadInfo).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_another_version_made_are_made_anew()
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        string before = Listing();
        Sql($"UPDATE gradus_runs SET problem = 'cannot be read', stamp = REPLACE(stamp, '{CodeVersion.Brief(CodeVersion.Current)}', '0.0.1')");
        Assert.Equal(before, Listing());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("{\"name\":\"a\",\"createdUtc\":\"2026-11-24T10:00:00Z\",\"status\":\"finished\",\"codeVersion\":\"1\",\"counts\":null,\"experiment\":null}")]
    [InlineData("{\"name\":\"a\",\"createdUtc\":\"2026-11-24T10:00:00Z\",\"status\":\"paused\",\"codeVersion\":\"1\",\"counts\":{\"train\":[1],\"validation\":[1]},\"experiment\":{}}")]
    public void A_run_json_of_which_nothing_can_be_made_is_listed_as_damaged(string json)
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        string name = List()[0].Name;
        AtomicFile.WriteText(Path.Combine(Runs, name, "run.json"), json);
        Assert.Equal("damaged", List().Single(r => r.Name == name).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"scale\":{\"names\":[\"one\"]},\"model\":null}")]
    [InlineData("{\"scale\":null,\"train\":3}")]
    public void An_experiment_of_which_nothing_can_be_made_is_no_reason_not_to_list_the_run(string experiment)
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        IndexedRun before = List()[0];
        OtherVersion.Rewrite(RunFolder.Open(Path.Combine(Runs, before.Name)), experiment);
        IndexedRun now = List().Single(r => r.Name == before.Name);
        Assert.Equal((before.Status, before.Created, before.BestEpoch, before.Qwk), (now.Status, now.Created, now.BestEpoch, now.Qwk));
        Assert.Contains("its experiment cannot be read", now.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_has_not_finished_is_listed_with_its_best_epoch_so_far()
    {
        SyntheticRuns.Write(Runs, 1, 4, seed: 1, stop: Stop);
        RunFolder run = RunFolder.Open(Path.Combine(Runs, List()[0].Name));
        run.WriteInfo(run.ReadInfo() with { Status = RunStatus.Running, Selection = [], BestCheckpoint = null });
        IndexedRun row = Assert.Single(List());
        Assert.Equal(Selection.Best(run.Metrics.Read(), run.ReadInfo().Experiment.Select)!.Epoch, row.BestEpoch);
        Assert.Equal((4, "running"), (row.Epochs, row.Status));
    }

    [Fact]
    public void Twenty_writers_at_once_lose_no_run_and_double_none()
    {
        SyntheticRuns.Write(Path.Combine(_folder.Path, "made"), 40, 2, seed: 1, stop: Stop);
        Directory.CreateDirectory(Runs);
        string[] folders = Directory.GetDirectories(Path.Combine(_folder.Path, "made"));
        var failures = new System.Collections.Concurrent.ConcurrentBag<Exception>();
        Thread[] writers = [.. folders.Chunk(2).Select(mine => new Thread(() =>
        {
            try
            {
                using RunIndex index = RunIndex.Open(Runs);
                foreach (string folder in mine)
                {
                    Directory.Move(folder, Path.Combine(Runs, Path.GetFileName(folder)));
                    Assert.Contains(index.List(new RunQuery(), stop: Stop), r => r.Name == Path.GetFileName(folder));
                }
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }))];
        Array.ForEach(writers, w => w.Start());
        Array.ForEach(writers, w => w.Join());
        Assert.Empty(failures);
        Assert.Equal(folders.Select(Path.GetFileName).Order(StringComparer.Ordinal), List().Select(r => r.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_writer_that_stops_in_the_middle_leaves_the_index_as_it_was()
    {
        SyntheticRuns.Write(Runs, 4, 2, seed: 1, stop: Stop);
        string before = Listing();
        using (var half = new SqliteConnection($"Data Source={IndexFile};Pooling=False"))
        {
            half.Open();
            SqliteTransaction transaction = half.BeginTransaction();
            using SqliteCommand command = half.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "DELETE FROM gradus_runs";
            Assert.Equal(4, command.ExecuteNonQuery());
        } // closed without a commit, as the kernel closes the files of a killed process
        Assert.Equal(before, Listing());
    }

    [Theory]
    [InlineData("this is no database at all, and long enough that its header is read as one; it is not one")]
    [InlineData("")]
    public void A_damaged_index_is_set_aside_and_made_anew(string contents)
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        string before = Listing();
        AtomicFile.WriteText(IndexFile, string.Concat(Enumerable.Repeat(contents, 40)));
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Equal(before, JsonSerializer.Serialize(index.List(new RunQuery(), stop: Stop)));
        Assert.Equal(contents.Length > 0, index.Note is not null); // an empty file is an empty database
    }

    [Fact]
    public void Damage_in_the_middle_of_the_file_is_repaired_too()
    {
        SyntheticRuns.Write(Runs, 40, 2, seed: 1, stop: Stop);
        string before = Listing();
        using (FileStream file = File.OpenWrite(IndexFile))
        {
            var noise = new byte[file.Length - 8192];
            RandomStream.Create(1, "noise").NextBytes(noise);
            file.Position = 8192;
            file.Write(noise);
        }
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void Where_no_index_can_be_written_the_runs_are_listed_all_the_same()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        Directory.CreateDirectory(IndexFile); // a folder in its place: not even root can write there
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Equal(3, index.List(new RunQuery(), stop: Stop).Length);
        Assert.Contains("cannot be written", index.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_of_a_newer_Gradus_is_set_aside_and_said_so()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        string before = Listing();
        Sql("PRAGMA user_version = 99");
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Contains("newer", index.Note, StringComparison.Ordinal);
        Assert.Equal(before, JsonSerializer.Serialize(index.List(new RunQuery(), stop: Stop)));
        Assert.True(File.Exists(IndexFile + ".aside"));
    }

    [Fact]
    public void An_index_of_an_older_Gradus_is_migrated_with_its_rows()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        List();
        Sql("DROP INDEX gradus_runs_parent; PRAGMA user_version = 1");
        using RunIndex index = RunIndex.Open(Runs);
        Assert.Equal((0, 0), index.Sync(stop: Stop));
        Assert.Null(index.Note);
        Assert.Equal(1L, Sql("SELECT COUNT(*) FROM sqlite_master WHERE name = 'gradus_runs_parent'"));
    }

    [Fact]
    public void Filters_and_sorting_are_those_of_the_rows()
    {
        SyntheticRuns.Write(Runs, 30, 2, seed: 1, stop: Stop);
        ImmutableArray<IndexedRun> all = List();
        Assert.Equal(all.OrderByDescending(r => r.Qwk).Select(r => r.Name), List(new RunQuery { Sort = "qwk" }).Select(r => r.Name));
        Assert.Equal(all.OrderBy(r => r.Loss).Select(r => r.Name), List(new RunQuery { Sort = "loss" }).Select(r => r.Name));
        Same(r => r.Backbone == "resnet50", "backbone=resnet50");
        Same(r => r.Backbone != "resnet50" && r.Qwk >= 0.6, "backbone!=resnet50", "qwk>=0.6");
        Same(r => r.Seed < 500, "seed < 500");
        Same(r => r.Backbone == "resnet50", "backbone==resnet50");
        Same(r => r.Backbone!.Contains("snet", StringComparison.Ordinal), "backbone ~ SNET");
        Same(r => TopLr(r) == 1e-4, "train.top_lr=1e-4");
        Same(r => TopLr(r) != 1e-3, "train.top_lr != 0.001");
        Same(r => TopLr(r) < 5e-4 && r.Backbone != "resnet50", "train.top_lr<5e-4", "backbone!=resnet50");
        Same(r => r.QwkTuned > all[15].QwkTuned, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"tuned>{all[15].QwkTuned:R}"));
        string day = all[15].Created![..10];
        Same(r => r.Created![..10] == day, $"created={day}");
        Same(r => string.CompareOrdinal(r.Created![..10], day) > 0, $"Started > {day}");
        Same(r => string.CompareOrdinal(r.Created![..13], all[15].Created![..13]) <= 0, $"created<={all[15].Created![..13].Replace('T', ' ')}");
        Assert.Equal(all.Select(r => r.Name), List(new RunQuery { Where = ["status=Finished"] }).Select(r => r.Name));
        Assert.Equal(all.OrderBy(TopLr).Select(r => r.Name), List(new RunQuery { Sort = "train.top_lr" }).Select(r => r.Name));

        void Same(Func<IndexedRun, bool> wanted, params string[] where)
        {
            string[] expected = [.. all.Where(wanted).Select(r => r.Name)];
            Assert.NotEmpty(expected);
            Assert.NotEqual(all.Length, expected.Length);
            Assert.Equal(expected, List(new RunQuery { Where = where }).Select(r => r.Name));
        }

        double TopLr(IndexedRun r) => RunFolder.Open(Path.Combine(Runs, r.Name)).ReadInfo().Experiment.Train.TopLr;
    }

    [Fact]
    public void A_setting_or_column_that_no_run_has_is_refused_with_the_one_that_was_meant()
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        Assert.Contains("'train.top_lr'", Assert.Throws<GradusException>(() => List(new RunQuery { Where = ["train.toplr=1"] })).Message, StringComparison.Ordinal);
        Assert.Contains("'backbone'", Assert.Throws<GradusException>(() => List(new RunQuery { Sort = "bakbone" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name'; DROP TABLE gradus_runs; --=1")]
    [InlineData("train.\"x' OR 1=1")]
    [InlineData("qwk")]
    [InlineData("qwk=high")]
    [InlineData("train.top_lr>high")]
    [InlineData("created>yesterday")]
    [InlineData("created=2026-1")]
    [InlineData("created>=2026-13")]
    [InlineData("created=2026-02-30")]
    [InlineData("qwk>=")]
    [InlineData("qwk~0.8")]
    [InlineData("status=done")]
    [InlineData("tags>best")]
    [InlineData("backbone=resnet50 fold=0")]
    [InlineData("train.seed=3 and qwk >= 0.5")]
    [InlineData("train.nonsense=3")]
    [InlineData("bakbone=resnet50")]
    public void What_is_no_condition_is_refused(string condition)
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        GradusException e = Assert.Throws<GradusException>(() => List(new RunQuery { Where = [condition] }));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.Equal(2, List().Length);
    }

    [Fact]
    public void Values_and_names_that_look_like_statements_are_values_and_names()
    {
        SyntheticRuns.Write(Runs, 2, 2, seed: 1, stop: Stop);
        string odd = "\"><script>'; DROP TABLE gradus_runs; --\u001b[31m\n";
        Directory.Move(Path.Combine(Runs, List()[0].Name), Path.Combine(Runs, odd));
        Assert.Single(List(), r => r.Name == odd);
        Assert.Empty(List(new RunQuery { Where = ["backbone=x' OR '1'='1"], Tag = "%" }));
        Assert.Equal(2, List().Length);
    }

    [Fact]
    public void A_tag_is_found_whole_and_only_whole()
    {
        SyntheticRuns.Write(Runs, 3, 2, seed: 1, stop: Stop);
        string[] names = [.. List().Select(r => r.Name)];
        Note("best", names[0]);
        Note("bests", names[1]);
        Note("b_st", names[2]);
        Assert.Equal([names[0]], List(new RunQuery { Tag = "best" }).Select(r => r.Name));
        Assert.Equal([names[2]], List(new RunQuery { Tag = "b_st" }).Select(r => r.Name));
        Assert.Equal([names[0]], List(new RunQuery { Where = ["tags=best"] }).Select(r => r.Name));
        Assert.Equal(names[1..], List(new RunQuery { Where = ["tags!=best"] }).Select(r => r.Name));
    }

    [Fact]
    public void The_tree_tells_every_run_once_below_its_parent_even_in_a_circle()
    {
        SyntheticRuns.Write(Runs, 11, 2, seed: 1, stop: Stop);
        ImmutableArray<IndexedRun> runs = List();
        ImmutableArray<RunTreeLine> lines = RunTree.Of(runs);
        Assert.Equal(runs.Select(r => r.Name).Order(), lines.Select(l => l.Run.Name).Order());
        foreach ((int i, RunTreeLine line) in lines.Index().Where(l => l.Item.Run.Parent is not null))
            Assert.Equal(line.Run.Parent, lines.Take(i).Last(l => l.Depth == line.Depth - 1).Run.Name);
        IndexedRun[] circle = [runs[0] with { Name = "a", Parent = "b" }, runs[0] with { Name = "b", Parent = "a" }];
        Assert.Equal(["a", "b"], RunTree.Of(circle).Select(l => l.Run.Name));
    }

    private ImmutableArray<IndexedRun> List(RunQuery? query = null)
    {
        using RunIndex index = RunIndex.Open(Runs);
        return index.List(query ?? new RunQuery(), stop: Stop);
    }

    private string Listing() => JsonSerializer.Serialize(List());

    private void Note(string tag, string run) => RunNotes.Add(RunFolder.Open(Path.Combine(Runs, run)), new RunNote { At = DateTimeOffset.UnixEpoch, Tags = [tag] });

    private object? Sql(string statement)
    {
        using var connection = new SqliteConnection($"Data Source={IndexFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }
}
