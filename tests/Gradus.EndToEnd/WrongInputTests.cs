using System.Diagnostics;

namespace Gradus.EndToEnd;

/// <summary>What people get wrong: one line that says where and what, the right exit code, nothing lost.</summary>
public sealed class WrongInputTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public WrongInputTests(SmallWorld world) => _world = world;

    [Fact]
    public void An_unknown_key_is_named_with_its_line()
    {
        _world.Write("key.yaml", SmallWorld.Experiment().Replace("epochs:", "epoks:", StringComparison.Ordinal));
        GradusProcess.Run(_world.Root, "train", "key.yaml").FailsWith(2, "key.yaml:10:", "epoks", "epochs");
    }

    [Fact]
    public void A_missing_column_is_named_with_those_there_are()
    {
        _world.Write("column.yaml", SmallWorld.Experiment().Replace("grade: diagnosis", "grade: diagnose", StringComparison.Ordinal));
        GradusProcess.Run(_world.Root, "audit", "column.yaml").FailsWith(2, "train.csv:1", "'diagnose'", "Did you mean 'diagnosis'");
    }

    [Fact]
    public void An_unknown_verb_and_a_missing_file_are_wrong_requests()
    {
        GradusProcess.Run(_world.Root, "trian", "experiment.yaml").FailsWith(2, "trian", "train");
        GradusProcess.Run(_world.Root, "train", "nowhere.yaml").FailsWith(2, "nowhere.yaml");
        GradusProcess.Run(_world.Root, "predict", "nowhere.safetensors", "test").FailsWith(2, "nowhere.safetensors");
        GradusProcess.Run(_world.Root, "resume", "nowhere").FailsWith(2, "nowhere");
    }

    [Fact]
    public void An_audit_writes_its_page_and_sheet_over_nothing_but_a_page_and_a_sheet()
    {
        _world.Write("mine.txt", "mine");
        GradusProcess.Run(_world.Root, "audit", "experiment.yaml", "--html", "mine.txt").FailsWith(2, "mine.txt", "something else");
        string picture = Directory.GetFiles(_world.PathOf("train"), "*.png")[0];
        byte[] before = File.ReadAllBytes(picture);
        GradusProcess.Run(_world.Root, "audit", "experiment.yaml", "--sheet", picture).FailsWith(2, "--sheet", picture);
        Assert.Equal(before, File.ReadAllBytes(picture));
        Assert.Equal("mine", File.ReadAllText(_world.PathOf("mine.txt")));
        for (int i = 0; i < 2; i++)
            Assert.Equal(0, GradusProcess.Run(_world.Root, "audit", "experiment.yaml", "--html", "audit.html", "--sheet", "audit.png").Code);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(_world.PathOf("audit.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_images_bad_grades_and_ids_that_climb_are_findings_and_the_rest_is_audited()
    {
        string folder = _world.PathOf("odd");
        Directory.CreateDirectory(folder);
        byte[] good = File.ReadAllBytes(Directory.GetFiles(_world.PathOf("train"), "*.jpg").First(f => !_world.Planted.Corrupt.Any(c => f.Contains(c.Value, StringComparison.Ordinal))));
        void Image(string name, byte[] bytes) => AtomicFile.Write(Path.Combine(folder, name), s => s.Write(bytes));
        Image("good.jpg", good);
        Image("cut.jpg", good[..(good.Length / 2)]);
        Image("empty.jpg", []);
        Image("text.jpg", "this is text"u8.ToArray());
        _world.Write("odd.csv", "id,grade\ngood,1\ncut,1\nempty,2\ntext,0\nabsent,1\nseven,7\n../../etc/passwd,1\n");
        _world.Write("odd.yaml", SmallWorld.Experiment().Replace("labels: train.csv, id: id_code, grade: diagnosis, images: train", "labels: odd.csv, id: id, grade: grade, images: odd", StringComparison.Ordinal));
        GradusProcess.Finished audit = GradusProcess.Run(_world.Root, "audit", "odd.yaml", "--json");
        Assert.Equal(0, audit.Code);
        string findings = audit.Json.GetProperty("findings").ToString();
        foreach (string id in new[] { "cut", "empty", "text", "absent", "seven", "../../etc/passwd" })
            Assert.Contains($"\"{id}\"", findings, StringComparison.Ordinal);
        Assert.DoesNotContain("\"good\"", findings, StringComparison.Ordinal);

        GradusProcess.Finished prepare = GradusProcess.Run(_world.Root, "prepare", "odd.yaml", "--json");
        Assert.Equal(1, prepare.Code);
        Assert.Equal(["cut", "empty", "text"], prepare.Json.GetProperty("failed").EnumerateArray().Select(f => f.GetProperty("id").GetString()!).Order());
    }

    [Fact]
    public void Weights_that_are_no_checkpoint_are_refused()
    {
        _world.Write("not.safetensors", "not a checkpoint");
        GradusProcess.Run(_world.Root, "predict", "not.safetensors", "test").FailsWith(2, "not.safetensors", "text that begins 'not a checkpoint'");
    }

    [Fact]
    public void Weights_of_another_network_are_refused_before_there_is_a_run()
    {
        byte[] header = """{"layer9.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""u8.ToArray();
        File.WriteAllBytes(_world.PathOf("other.safetensors"), [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0]);
        _world.Write("other.yaml", SmallWorld.Experiment().Replace("backbone: mobilenet_v2", "backbone: mobilenet_v2, weights: other.safetensors", StringComparison.Ordinal));
        GradusProcess.Run(_world.Root, "train", "other.yaml", "--runs", "refused").FailsWith(2, "other.safetensors", "do not fit mobilenet_v2", "1 unexpected: layer9.weight");
        Assert.False(Directory.Exists(_world.PathOf("refused")));
    }

    [Fact]
    public void A_submission_with_other_ids_than_its_sample_is_refused_and_not_written()
    {
        _world.Write("p.csv", "id,grade,score\na,1,1.0\nb,2,2.0\n");
        _world.Write("s.csv", "id_code,diagnosis\na,0\nc,0\n");
        GradusProcess.Run(_world.Root, "submit", "p.csv", "--sample", "s.csv", "--out", "o.csv").FailsWith(2, "p.csv", "found c");
        Assert.False(File.Exists(_world.PathOf("o.csv")));
        _world.Write("p.csv", "id,grade,score,p0,p1\na,1,1.0,0,1\nc,7,2.0,1,0\n");
        GradusProcess.Run(_world.Root, "submit", "p.csv", "--sample", "s.csv", "--out", "o.csv").FailsWith(2, "p.csv:3", "7");
    }

    [Fact]
    public void Images_without_a_prediction_get_a_grade_only_where_it_is_asked_for_and_that_is_loud()
    {
        _world.Write("p.csv", "id,grade,score\na,1,1.0\nb,2,2.0\n");
        _world.Write("s.csv", "id,diagnosis\na,0\nx,0\nb,0\n");
        string[] submit = ["submit", "p.csv", "--sample", "s.csv", "--out", "m.csv"];
        GradusProcess.Run(_world.Root, submit).FailsWith(2, "found x", "--missing GRADE");
        GradusProcess.Finished filled = GradusProcess.Run(_world.Root, [.. submit, "--missing", "3", "--json"]);
        Assert.True(filled.Code == 0, filled.Error);
        Assert.Equal(1, filled.Json.GetProperty("missing").GetProperty("count").GetInt32());
        Assert.Contains(
            "1 of the sample's ids had no prediction and were given the grade 3", filled.Error,
            StringComparison.Ordinal);
        Assert.Equal("id,diagnosis\na,1\nx,3\nb,2\n", File.ReadAllText(_world.PathOf("m.csv")));
    }

    [Fact]
    public void An_output_that_is_an_input_is_refused_and_stays()
    {
        _world.Write("own.csv", "id,grade,score\na,1,1.0\n");
        GradusProcess.Run(_world.Root, "submit", "train.csv", "--sample", "own.csv", "--out", "o.csv").FailsWith(2, "train.csv:1", "no file of predictions");
        GradusProcess.Run(_world.Root, "submit", "own.csv", "--sample", "own.csv", "--out", "own.csv").FailsWith(2, "own.csv", "--out");
        Assert.StartsWith("id,grade,score", File.ReadAllText(_world.PathOf("own.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_said_plainly_and_what_was_there_stays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small disk needs root");
        string disk = _world.PathOf("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk) == 0, "a small disk cannot be mounted here");
        try
        {
            GradusProcess.Run(_world.Root, "prepare", "experiment.yaml", "--cache", disk).FailsWith(1, disk);
            GradusProcess.Run(_world.Root, "train", "experiment.yaml", "--runs", disk).FailsWith(1, disk);
        }
        finally
        {
            Shell("umount", disk);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said_plainly()
    {
        // A file where a folder is needed refuses even root, whom permissions do not stop.
        _world.Write("file", "");
        GradusProcess.Run(_world.Root, "train", "experiment.yaml", "--runs", _world.PathOf("file", "runs")).FailsWith(1, "file");
    }

    private static int Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
