using System.Diagnostics;

namespace Gradus.Dashboard.Tests;

/// <summary>The program as it was built beside these tests, in the same configuration.</summary>
internal static class GradusProgram
{
    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string folder, params string[] arguments)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/Gradus.Cli/bin", own.Parent!.Name, own.Name, "gradus.dll"));
        Assert.True(File.Exists(program), $"{program} is not there");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GRADUS_CACHE"] = Path.Combine(folder, "cache");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
