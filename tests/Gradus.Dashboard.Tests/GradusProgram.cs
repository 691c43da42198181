using System.Diagnostics;

namespace Gradus.Dashboard.Tests;

/// <summary>The program as it was built beside these tests, in the same configuration.</summary>
internal static class GradusProgram
{
    /// <summary>Starts it. A shell's background jobs ignore Ctrl-C and hand that down, so it is given the usual answer to it.</summary>
    public static Process Start(string folder, params string[] arguments)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/Gradus.Cli/bin", own.Parent!.Name, own.Name, "gradus.dll"));
        Assert.True(File.Exists(program), $"{program} is not there");
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0], [.. command[1..], program, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GRADUS_CACHE"] = Path.Combine(folder, "cache");
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string folder, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
