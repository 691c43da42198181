using System.Security.Cryptography;

namespace Gradus.EndToEnd;

/// <summary>kill -9 at bad moments; what comes after ends as if nothing had happened.</summary>
public sealed class KillTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public KillTests(SmallWorld world) => _world = world;

    [Fact]
    public void A_run_that_was_killed_again_and_again_ends_with_the_weights_of_one_that_was_not()
    {
        _world.Write("three.yaml", SmallWorld.Experiment(epochs: 3, "select: { by: loss, keep: 3 }"));
        GradusProcess.Finished whole = GradusProcess.Run(_world.Root, "train", "three.yaml", "--runs", "whole", "--json");
        Assert.True(whole.Code == 0, whole.Error);

        string runs = _world.PathOf("broken");
        using (GradusProcess first = GradusProcess.Start(_world.Root, "train", "three.yaml", "--runs", "broken"))
            Assert.True(first.KillWhen(() => Files(runs, "metrics.jsonl").Length > 0), "killed after the first epoch's metrics");
        string run = Assert.Single(Directory.GetDirectories(runs));
        using (GradusProcess second = GradusProcess.Start(_world.Root, "resume", run))
            Assert.True(second.KillWhen(() => Files(run, "epoch-002.safetensors.*.tmp").Length > 0 || Files(run, "epoch-002.safetensors").Length > 0), "killed while a checkpoint is written");
        using (GradusProcess third = GradusProcess.Start(_world.Root, "resume", run))
            Assert.True(third.KillWhen(() => Files(run, "epoch-003.safetensors*").Length > 0), "killed at the last checkpoint");
        GradusProcess.Finished last = GradusProcess.Run(_world.Root, "resume", run, "--json");
        Assert.True(last.Code == 0, last.Error);

        string untouched = whole.Json.GetProperty("directory").GetString()!;
        for (int epoch = 1; epoch <= 3; epoch++)
            Assert.Equal(Weights(untouched, epoch), Weights(run, epoch));
    }

    [Fact]
    public void Prepare_that_was_killed_goes_on_and_ends_with_the_same_pixels()
    {
        string[] Prepare(string cache) => ["prepare", "experiment.yaml", "--cache", _world.PathOf(cache), "--json"];
        GradusProcess.Finished whole = GradusProcess.Run(_world.Root, Prepare("cache-whole"));
        int images = whole.Json.GetProperty("images").GetInt32();
        using (GradusProcess killed = GradusProcess.Start(_world.Root, Prepare("cache-broken")))
            killed.KillWhen(() => Files(_world.PathOf("cache-broken"), "pixels.bin").Any(f => new FileInfo(f).Length > 0));
        GradusProcess.Finished again = GradusProcess.Run(_world.Root, Prepare("cache-broken"));
        Assert.Equal(images, again.Json.GetProperty("prepared").GetInt32() + again.Json.GetProperty("reused").GetInt32() + again.Json.GetProperty("rebuilt").GetInt32() + again.Json.GetProperty("failed").GetArrayLength());
        GradusProcess.Finished third = GradusProcess.Run(_world.Root, Prepare("cache-broken"));
        Assert.Equal(0, third.Json.GetProperty("prepared").GetInt32());
        Assert.Equal(0, third.Json.GetProperty("rebuilt").GetInt32());

        // The caches list their images in other orders; a training on either is the same to the bit.
        _world.Write("one.yaml", SmallWorld.Experiment(epochs: 1));
        string a = GradusProcess.Run(_world.Root, "train", "one.yaml", "--runs", "ra", "--cache", _world.PathOf("cache-whole"), "--json").Json.GetProperty("directory").GetString()!;
        string b = GradusProcess.Run(_world.Root, "train", "one.yaml", "--runs", "rb", "--cache", _world.PathOf("cache-broken"), "--json").Json.GetProperty("directory").GetString()!;
        Assert.Equal(Weights(a, 1), Weights(b, 1));
    }

    // The tensors without the header, whose description names the run.
    private static string Weights(string run, int epoch)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(run, "checkpoints", $"epoch-{epoch:000}.safetensors"));
        return Convert.ToHexString(SHA256.HashData(file.AsSpan(8 + (int)BitConverter.ToUInt64(file))));
    }

    private static string[] Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories) : [];
}
