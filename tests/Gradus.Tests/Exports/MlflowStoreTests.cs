using System.Globalization;
using System.Text.Json;
using Gradus.Exports;
using Gradus.Runs;
using Gradus.Runs.Notes;
using Gradus.Synthetic;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Exports;

public sealed class MlflowStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunFolder _run;

    public MlflowStoreTests()
    {
        string runs = Path.Combine(_folder.Path, "runs");
        SyntheticRuns.Write(runs, count: 1, epochs: 3, seed: 1);
        _run = RunFolder.Open(Directory.GetDirectories(runs).Single());
        RunNotes.Add(_run, new RunNote { At = DateTimeOffset.UnixEpoch, Public = 0.704, Remark = "line one\n\"two\": '3'", Tags = ["../../up"] });
    }

    public void Dispose() => _folder.Dispose();

    private string Write() => MlflowStore.Write(Path.Combine(_folder.Path, "mlruns"), LoggedRun.Read(_run));

    [Fact]
    public void A_run_lies_where_MLflow_looks_for_it()
    {
        string target = Write();
        LoggedRun run = LoggedRun.Read(_run);
        JsonElement meta = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "meta.yaml"))).RootElement;
        Assert.Matches("^[0-9a-f]{32}$", meta.GetProperty("run_id").GetString());
        Assert.Equal(Path.GetFileName(target), meta.GetProperty("run_id").GetString());
        Assert.Equal(_run.Name, meta.GetProperty("run_name").GetString());
        Assert.Equal(_run.Root, new Uri(meta.GetProperty("artifact_uri").GetString()!).LocalPath);
        JsonElement experiment = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "..", "meta.yaml"))).RootElement;
        Assert.Equal(meta.GetProperty("experiment_id").GetString(), experiment.GetProperty("experiment_id").GetString());
        Assert.Equal(Path.GetFileName(Path.GetDirectoryName(target)), experiment.GetProperty("experiment_id").GetString());

        Assert.Equal(run.Backbone, File.ReadAllText(Path.Combine(target, "params", "model.backbone")));
        string[][] lines = [.. File.ReadAllLines(Path.Combine(target, "metrics", "qwk_tuned", "validation")).Select(l => l.Split(' '))];
        Assert.Equal(run.Records.Select(r => r.Validation.Tuned.Qwk!.Value), lines.Select(l => double.Parse(l[1], CultureInfo.InvariantCulture)));
        Assert.Equal(["1", "2", "3"], lines.Select(l => l[2]));
        Assert.Equal("0.704", File.ReadAllText(Path.Combine(target, "metrics", "leaderboard", "public")).Split(' ')[1]);
        Assert.Equal("line one \"two\": '3'", File.ReadAllText(Path.Combine(target, "tags", "mlflow.note.content")));
    }

    [Theory]
    [InlineData("a%b", "a%25b")]
    [InlineData("a%41b", "a%2541b")]
    [InlineData("two words", "two%20words")]
    [InlineData("a#b?c", "a%23b%3Fc")]
    public void Signs_that_mean_something_in_an_address_are_escaped_in_one(string name, string escaped)
    {
        string uri = MlflowStore.FileUri(Path.Combine(_folder.Path, name, "runs"));
        Assert.StartsWith("file:///", uri, StringComparison.Ordinal);
        Assert.EndsWith($"/{escaped}/runs", uri, StringComparison.Ordinal);
        // As MLflow reads it: what lies behind the scheme, unescaped once.
        Assert.EndsWith($"/{name}/runs", Uri.UnescapeDataString(uri), StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_leads_out_of_the_store_and_writing_again_replaces()
    {
        string target = Write();
        string[] files = [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.Equal(Path.Combine(target, "tags"), Path.GetDirectoryName(files.Single(f => f.EndsWith("_up", StringComparison.Ordinal))));
        Assert.Equal(target, Write());
        Assert.True(Path.IsPathFullyQualified(target));
        Assert.Equal(files, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }
}
