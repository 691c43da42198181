using System.Text.Json;
using Gradus.Runs.Index;
using Gradus.Synthetic;
using Npgsql;

namespace Gradus.Tests.Runs;

/// <summary>Against a real server, whose connection string GRADUS_TEST_POSTGRES names; each test works in a schema of its own.</summary>
public sealed class PostgresIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _server = Environment.GetEnvironmentVariable("GRADUS_TEST_POSTGRES");
    private readonly string _schema = $"gradus_test_{Guid.NewGuid():N}";

    private string Connection => $"{_server};Search Path={_schema};Pooling=false";

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (!string.IsNullOrEmpty(_server))
            Sql($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        _folder.Dispose();
    }

    [Fact]
    public void The_server_lists_filters_and_sorts_as_the_file_does()
    {
        Begin();
        SyntheticRuns.Write(PathOf("a"), 20, 3, seed: 1, stop: Stop);
        using RunIndex server = RunIndex.Open(PathOf("a"), Connection), file = RunIndex.Open(PathOf("a"));
        RunQuery[] queries = [new(), new() { Sort = "qwk" }, new() { Where = ["backbone!=resnet50", "qwk>=0.3", "fold<3"] }, new() { Where = ["train.top_lr=1e-3"] }, new() { Where = ["train.top_lr!=0.001"] }, new() { Tag = "none" }, new() { Status = "finished", Sort = "loss" }];
        foreach (RunQuery query in queries)
            Assert.Equal(JsonSerializer.Serialize(file.List(query, stop: Stop)), JsonSerializer.Serialize(server.List(query, stop: Stop).Select(r => r with { Root = "" })));
        Assert.Equal((20, 0), server.Rebuild(stop: Stop));
        Assert.Equal(20, server.List(new RunQuery(), stop: Stop).Length);
    }

    [Fact]
    public void Each_folder_of_runs_takes_out_rows_of_its_own_only()
    {
        Begin();
        SyntheticRuns.Write(PathOf("a"), 3, 2, seed: 1, stop: Stop);
        SyntheticRuns.Write(PathOf("b"), 4, 2, seed: 2, stop: Stop);
        using RunIndex a = RunIndex.Open(PathOf("a"), Connection), b = RunIndex.Open(PathOf("b"), Connection);
        a.Sync(stop: Stop);
        Assert.Equal(7, b.List(new RunQuery(), stop: Stop).Length);
        Directory.Delete(Directory.GetDirectories(PathOf("a"))[0], recursive: true);
        Assert.Equal(7, b.List(new RunQuery(), stop: Stop).Length); // only who has the folder can know
        Assert.Equal(6, a.List(new RunQuery(), stop: Stop).Length);
        Assert.Equal(6, b.List(new RunQuery(), stop: Stop).Length);
    }

    [Fact]
    public void A_folder_that_two_machines_mount_shows_its_runs_once()
    {
        Begin();
        SyntheticRuns.Write(PathOf("a"), 3, 2, seed: 1, stop: Stop);
        Directory.CreateSymbolicLink(PathOf("mounted"), PathOf("a"));
        using RunIndex one = RunIndex.Open(PathOf("a"), Connection), other = RunIndex.Open(PathOf("mounted"), Connection);
        Assert.Equal([one.Root, one.Root, one.Root], one.List(new RunQuery(), stop: Stop).Select(r => r.Root));
        Assert.Equal([other.Root, other.Root, other.Root], other.List(new RunQuery(), stop: Stop).Select(r => r.Root));
        Assert.Equal([one.Root, one.Root, one.Root], one.List(new RunQuery(), stop: Stop).Select(r => r.Root));
    }

    [Fact]
    public async Task Twenty_writers_at_once_lose_no_run_and_double_none()
    {
        Begin();
        SyntheticRuns.Write(PathOf("made"), 20, 2, seed: 1, stop: Stop);
        Directory.CreateDirectory(PathOf("a"));
        await Task.WhenAll(Directory.GetDirectories(PathOf("made")).Select(folder => Task.Factory.StartNew(
            () =>
            {
                using RunIndex index = RunIndex.Open(PathOf("a"), Connection);
                Directory.Move(folder, Path.Combine(PathOf("a"), Path.GetFileName(folder)));
                Assert.Contains(index.List(new RunQuery(), stop: Stop), r => r.Name == Path.GetFileName(folder));
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(20L, Sql($"SELECT COUNT(*) FROM {_schema}.gradus_runs"));
    }

    [Fact]
    public void Tables_of_a_newer_Gradus_are_left_alone()
    {
        Begin();
        Directory.CreateDirectory(PathOf("a"));
        RunIndex.Open(PathOf("a"), Connection).Dispose();
        Sql($"UPDATE {_schema}.gradus_schema SET version = 99");
        Assert.Contains("newer", Assert.Throws<GradusException>(() => RunIndex.Open(PathOf("a"), Connection)).Problem, StringComparison.Ordinal);
        Assert.Equal(99, Sql($"SELECT version FROM {_schema}.gradus_schema"));
    }

    [Fact]
    public void A_server_that_is_not_there_is_an_error_without_the_password()
    {
        Directory.CreateDirectory(PathOf("a"));
        GradusException e = Assert.Throws<GradusException>(() => RunIndex.Open(PathOf("a"), "Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Timeout=3"));
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, e.Fault);
    }

    private void Begin()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(_server), "GRADUS_TEST_POSTGRES names no PostgreSQL server");
        Sql($"CREATE SCHEMA {_schema}");
    }

    private object? Sql(string statement)
    {
        using var connection = new NpgsqlConnection(_server);
        connection.Open();
        using var command = new NpgsqlCommand(statement, connection);
        return command.ExecuteScalar();
    }
}
