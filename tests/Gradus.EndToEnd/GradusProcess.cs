using System.Diagnostics;
using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>The real program, as a person starts it.</summary>
internal sealed class GradusProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    private GradusProcess(string folder, string[] arguments, (string Name, string? Value)[] environment)
    {
        // A shell's background jobs are born deaf to Ctrl-C, and so would be the programs that tests start from there.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : "dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (OperatingSystem.IsLinux())
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add("dotnet");
        }
        foreach (string argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "gradus.dll")))
            start.ArgumentList.Add(argument);
        start.Environment["GRADUS_CACHE"] = Path.Combine(folder, "cache");
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        (_output, _error) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    /// <summary>Starts and does not wait.</summary>
    public static GradusProcess Start(string folder, params string[] arguments) => new(folder, arguments, []);

    /// <summary>Runs to the end.</summary>
    public static Finished Run(string folder, params string[] arguments)
    {
        using GradusProcess process = Start(folder, arguments);
        return process.Wait();
    }

    /// <summary>Runs to the end with variables of the environment; null unsets one.</summary>
    public static Finished Run(string folder, (string Name, string? Value)[] environment, params string[] arguments)
    {
        using var process = new GradusProcess(folder, arguments, environment);
        return process.Wait();
    }

    /// <summary>Waits for the end, five minutes at most.</summary>
    public Finished Wait()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromMinutes(5)), "gradus did not end");
        return new Finished(_process.ExitCode, _output.Result, _error.Result);
    }

    /// <summary>kill -9 as soon as the condition holds; false where the process ended first.</summary>
    public bool KillWhen(Func<bool> condition) => When(condition, () =>
    {
        _process.Kill();
        _process.WaitForExit();
    });

    /// <summary>Ctrl-C as soon as the condition holds; false where the process ended first.</summary>
    public bool InterruptWhen(Func<bool> condition) => When(condition, () =>
    {
        using Process kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        kill.WaitForExit();
    });

    /// <summary>
    /// A signal as soon as the condition holds, to the process that was started, to the one that does the work under
    /// it, or to both.
    /// </summary>
    public bool SignalWhen(string signal, Func<bool> condition, bool child = false, bool both = false) => When(condition, () =>
    {
        int[] to = child ? [Child()] : both ? [_process.Id, Child()] : [_process.Id];
        using Process kill = Process.Start("kill", [$"-{signal}", .. to.Select(p => $"{p}")]);
        kill.WaitForExit();
    });

    /// <summary>The process that does the work; 0 where there is none.</summary>
    public int Child() => int.TryParse(File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ')[0], out int child) ? child : 0;

    /// <summary>Whether a process is gone, or dead and not yet asked for by anybody.</summary>
    public static bool HasEnded(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }

    private bool When(Func<bool> condition, Action then)
    {
        while (!_process.HasExited)
        {
            if (condition())
            {
                then();
                return true;
            }
            Thread.Sleep(1);
        }
        return false;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    internal sealed record Finished(int Code, string Output, string Error)
    {
        /// <summary>Standard output as the one JSON document that it must be.</summary>
        public JsonElement Json => JsonDocument.Parse(Output).RootElement;

        /// <summary>Asserts a failure that a person can read: the exit code, one or two lines, no stack trace.</summary>
        public void FailsWith(int code, params string[] words)
        {
            Assert.Equal(code, Code);
            string[] lines = [.. Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("gradus:", StringComparison.Ordinal))];
            string line = Assert.Single(lines);
            Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
            Assert.DoesNotContain("internal error", line, StringComparison.Ordinal);
            Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        }
    }
}
