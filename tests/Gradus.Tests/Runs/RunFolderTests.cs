using Gradus.Runs;

namespace Gradus.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_second_run_of_the_same_name_gets_a_number()
    {
        Assert.Equal("24-11_mobilenet_v2_f0", Create().Name);
        Assert.Equal("24-11_mobilenet_v2_f0-2", Create().Name);
        Assert.Equal("24-11_mobilenet_v2_f0-3", Create().Name);

        RunFolder Create() => RunFolder.Create(_root.Path, "24-11_mobilenet_v2_f0");
    }

    [Fact]
    public void Runs_started_at_the_same_moment_get_folders_of_their_own()
    {
        var names = new string[32];
        Parallel.For(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i => names[i] = RunFolder.Create(_root.Path, "run").Name);
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(names.Length, Directory.GetFileSystemEntries(_root.Path).Length); // nothing half-made stays behind
    }

    [Fact]
    public void An_empty_folder_or_a_file_of_the_name_is_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(_root.Path, "run"));
        AtomicFile.WriteText(Path.Combine(_root.Path, "run-2"), "notes");
        Assert.Equal("run-3", RunFolder.Create(_root.Path, "run").Name);
        Assert.Equal("notes", File.ReadAllText(Path.Combine(_root.Path, "run-2")));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..")]
    [InlineData("/tmp/elsewhere")]
    [InlineData("C:\\Windows")]
    [InlineData("a/../../b")]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("\0\n")]
    public void No_name_leads_out_of_the_folder_of_runs(string name)
    {
        RunFolder run = RunFolder.Create(_root.Path, name);
        Assert.Equal(_root.Path, Path.GetDirectoryName(run.Root));
        Assert.Matches("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", run.Name);
    }

    [Fact]
    public void A_run_holds_what_was_written()
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        RunInfo written = SampleRun.Info(run.Name) with { Status = RunStatus.Finished, Selection = [4, 2], BestCheckpoint = RunFolder.RelativeCheckpoint(4) };
        run.WriteInfo(written);
        RunInfo read = RunFolder.Open(run.Root + "/").ReadInfo();
        Assert.Equal(GradusJson.Canonical(written), GradusJson.Canonical(read));
        Assert.Equal(written.Experiment.Recipe, read.Experiment.Recipe);
        Assert.Equal(5, read.Experiment.Train.BaseLrSteps[3]);
        Assert.Equal("checkpoints/epoch-004.safetensors", read.BestCheckpoint);
        Assert.Contains("\"status\": \"finished\"", File.ReadAllText(run.InfoFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused_in_a_line()
    {
        GradusException error = Assert.Throws<GradusException>(() => RunFolder.Open(_root.Path));
        Assert.Contains("this is not the folder of a run", error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
        Assert.Contains("no such folder", Assert.Throws<GradusException>(() => RunFolder.Open(Path.Combine(_root.Path, "none"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_run_json_is_named()
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        AtomicFile.WriteText(run.InfoFile, "{ \"name\": \"ru");
        GradusException error = Assert.Throws<GradusException>(run.ReadInfo);
        Assert.StartsWith(run.InfoFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pruning_deletes_the_checkpoints_that_are_not_kept_and_nothing_else()
    {
        RunFolder run = RunFolder.Create(_root.Path, "run");
        foreach (int epoch in new[] { 1, 2, 3, 1000 })
            AtomicFile.WriteText(run.Checkpoint(epoch), "weights");
        string other = Path.Combine(run.CheckpointsFolder, "epoch-best.safetensors");
        AtomicFile.WriteText(other, "mine");
        run.PruneCheckpoints([2, 1000]);
        Assert.Equal([2, 1000], run.Checkpoints());
        Assert.True(File.Exists(other));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_line_and_no_stack_trace()
    {
        string file = Path.Combine(_root.Path, "file");
        AtomicFile.WriteText(file, "");
        GradusException error = Assert.Throws<GradusException>(() => RunFolder.Create(file, "run"));
        Assert.Contains("could not be made", error.Message, StringComparison.Ordinal);
    }
}
