using System.Text.Json;
using Gradus.Synthetic;

namespace Gradus.EndToEnd;

/// <summary>Conflicts that a person decides, and an older data set beside the current one, through the real program.</summary>
public sealed class SourcesTests : IDisposable
{
    private readonly SmallWorld _world = new();

    public void Dispose() => _world.Dispose();

    private string Experiment(string external, string conflicts = "quarantine")
    {
        SyntheticWorld.Write(_world.PathOf("older"), new WorldSpec(Train: 60, Test: 20, External: 0, Seed: 99));
        return $$"""
            scale: [none, mild, moderate, severe, proliferative]
            sources:
              - { name: synthetic, labels: train.csv, id: id_code, grade: diagnosis, images: train }
              - { name: older, role: external, labels: older/train.csv, id: id_code, grade: diagnosis, images: older/train, scale: [none, mild, moderate, severe, proliferative], {{external}} }
            conflicts: {{conflicts}}
            recipe: [crop_retina, resize: { size: 32 }]
            split: { folds: 4, fold: 0 }
            model: { backbone: mobilenet_v2 }
            target: ordinal
            train: { epochs: 1, batch: 16, optimizer: { sgd: { momentum: 0.9 } }, top_lr: 0.01, base_lr_ratio: 1, seed: 3 }
            """;
    }

    [Fact]
    public void Audit_writes_what_is_to_be_decided_and_goes_by_what_was_decided()
    {
        _world.Write("mine.yaml", Experiment("use: training", "{ file: decisions.csv }"));
        GradusProcess.Run(_world.Root, "audit", "mine.yaml").FailsWith(2, "decisions.csv", "--decide decisions.csv");
        GradusProcess.Finished first = GradusProcess.Run(_world.Root, "audit", "mine.yaml", "--decide", "decisions.csv", "--lists", "lists", "--json");
        Assert.True(first.Code == 0, first.Error);
        int quarantined = first.Json.GetProperty("quarantined").GetArrayLength();
        Assert.True(quarantined > 0);
        Assert.True(File.Exists(_world.PathOf("lists", "bad_examples.csv")));

        string[] lines = File.ReadAllLines(_world.PathOf("decisions.csv"));
        string[][] rows = [.. lines.Skip(1).Select(l => l.Split(','))];
        string group = rows.First(r => r[5].StartsWith("identical", StringComparison.Ordinal))[6];
        string[] decided = [.. rows.Select(r => { r[4] = r[6] == group ? "none" : ""; return string.Join(',', r); })];
        _world.Write("decisions.csv", string.Join('\n', decided.Prepend(lines[0])) + "\n");
        GradusProcess.Finished second = GradusProcess.Run(_world.Root, "audit", "mine.yaml", "--decide", "decisions.csv", "--json");
        Assert.True(second.Code == 0, second.Error);
        Assert.Equal(quarantined - rows.Count(r => r[6] == group), second.Json.GetProperty("quarantined").GetArrayLength());
        Assert.Equal(decided, File.ReadAllLines(_world.PathOf("decisions.csv")).Skip(1));

        _world.Write("decisions.csv", string.Join('\n', decided.Prepend(lines[0])).Replace(",none,", ",nnone,", StringComparison.Ordinal) + "\n");
        GradusProcess.Run(_world.Root, "audit", "mine.yaml").FailsWith(2, "decisions.csv:", "a decision is a grade, keep or drop");
        _world.Write("plain.yaml", Experiment("use: training"));
        GradusProcess.Run(_world.Root, "audit", "plain.yaml", "--decide", "train.csv").FailsWith(2, "train.csv", "is no file of decisions");
    }

    [Fact]
    public void A_sampled_source_says_what_it_lacks_in_audit_split_and_training()
    {
        _world.Write("mine.yaml", Experiment("match: [0, 0, 0, 0, 1], take: 50"));
        GradusProcess.Finished audit = GradusProcess.Run(_world.Root, "audit", "mine.yaml", "--json");
        Assert.True(audit.Code == 0, audit.Error);
        JsonElement sample = Assert.Single(audit.Json.GetProperty("samples").EnumerateArray());
        int there = sample.GetProperty("available")[4].GetInt32(), missing = sample.GetProperty("missing")[4].GetInt32();
        Assert.Equal(50, there + missing);
        string says = $"'older' ran out of grade 4 (proliferative): 50 wanted, {there} there, {missing} missing.";
        Assert.Contains(audit.Json.GetProperty("findings").EnumerateArray(), f => f.GetProperty("message").GetString()!.StartsWith(says, StringComparison.Ordinal));
        foreach (string[] verb in (string[][])[["audit", "mine.yaml"], ["split", "mine.yaml"], ["train", "mine.yaml"]])
        {
            GradusProcess.Finished run = GradusProcess.Run(_world.Root, verb);
            Assert.True(run.Code == 0, run.Error);
            Assert.Contains(says, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pre_training_is_a_run_of_its_own_from_which_training_goes_on()
    {
        _world.Write("mine.yaml", Experiment("use: pretraining"));
        GradusProcess.Finished pretrain = GradusProcess.Run(_world.Root, "train", "mine.yaml", "--pretrain", "--json");
        Assert.True(pretrain.Code == 0, pretrain.Error);
        string checkpoint = pretrain.Json.GetProperty("bestCheckpoint").GetString()!;
        Assert.EndsWith("_f0_pretrain", pretrain.Json.GetProperty("run").GetString(), StringComparison.Ordinal);
        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "mine.yaml", "--from", checkpoint, "--top-lr", "0.001");
        Assert.True(train.Code == 0, train.Error);
        Assert.Matches(@"phase\s+pretraining\s+training", train.Output);
        Assert.DoesNotContain("the parent was trained on", train.Error, StringComparison.Ordinal);

        GradusProcess.Finished resumed = GradusProcess.Run(_world.Root, "resume", pretrain.Json.GetProperty("run").GetString()!);
        Assert.True(resumed.Code == 0, resumed.Error);
        _world.Write("none.yaml", Experiment("use: training"));
        GradusProcess.Run(_world.Root, "train", "none.yaml", "--pretrain").FailsWith(2, "no source is for pre-training");
    }
}
