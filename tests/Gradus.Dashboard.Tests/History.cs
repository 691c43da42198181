using Gradus.Runs;
using Gradus.Runs.Notes;
using Gradus.Synthetic;

namespace Gradus.Dashboard.Tests;

/// <summary>A folder of runs that never took place, and a dashboard over it.</summary>
internal sealed class History : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gradus-dashboard-").FullName;

    private History(int runs, int epochs)
    {
        Folder = Path.Combine(_root, "runs");
        SyntheticRuns.Write(Folder, runs, epochs, seed: 5);
        Names = [.. Directory.GetDirectories(Folder).Select(d => Path.GetFileName(d)!).Where(n => n[0] != '.').Order(StringComparer.Ordinal)];
    }

    public string Folder { get; }

    public string[] Names { get; }

    public DashboardServer Server { get; private set; } = null!;

    public static async Task<History> ServeAsync(int runs = 12, int epochs = 6, Func<DashboardOptions, DashboardOptions>? how = null)
    {
        var history = new History(runs, epochs);
        await history.RestartAsync(how);
        return history;
    }

    public async Task RestartAsync(Func<DashboardOptions, DashboardOptions>? how = null)
    {
        if (Server is not null)
            await Server.DisposeAsync();
        var options = new DashboardOptions { Runs = Folder, Port = 0 };
        Server = await DashboardServer.StartAsync(how?.Invoke(options) ?? options);
    }

    /// <summary>The folder of a run.</summary>
    public RunFolder Run(string name) => RunFolder.Open(Path.Combine(Folder, name));

    /// <summary>A run under another name, whatever that may be.</summary>
    public RunFolder Copy(string from, string name)
    {
        string to = Path.Combine(Folder, name);
        foreach (string file in Directory.GetFiles(Path.Combine(Folder, from), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(Path.Combine(Folder, from), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return RunFolder.Open(to);
    }

    public void Note(string run, RunNote note) => RunNotes.Add(Run(run), note with { At = DateTimeOffset.UnixEpoch });

    /// <summary>A path beside the folder of runs, which nobody may see.</summary>
    public string Outside(string name) => Path.Combine(_root, name);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
