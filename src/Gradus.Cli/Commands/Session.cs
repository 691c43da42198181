using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Runs;

namespace Gradus.Cli.Commands;

/// <summary>What a verb works with beside its own options.</summary>
/// <param name="Output">Where it speaks.</param>
/// <param name="Runs">The folder of the runs.</param>
/// <param name="Cache">The folder of prepared images.</param>
/// <param name="Cancel">Set by Ctrl-C.</param>
internal sealed record Session(Output Output, string Runs, string Cache, CancellationToken Cancel)
{
    public static Session Open(ParseResult parse, CancellationToken cancel) => new(
        new Output(parse.GetValue(SharedOptions.Json)),
        parse.GetRequiredValue(SharedOptions.Runs),
        parse.GetRequiredValue(SharedOptions.Cache),
        cancel);

    /// <summary>A run, by its folder or by its name in the folder of runs.</summary>
    /// <exception cref="GradusException">There is no such run.</exception>
    public RunFolder Run(string named)
    {
        if (File.Exists(named))
            throw new GradusException("is a file, and a run is named by its folder", named, remedy: "Give the run's folder, or its name in the folder of runs", fault: Fault.Request);
        bool isPath = Directory.Exists(named) || Path.GetDirectoryName(named) is { Length: > 0 };
        return RunFolder.Open(isPath ? named : Path.Combine(Runs, named));
    }

    /// <summary>Does long work while showing its progress.</summary>
    public T During<T>(Func<IProgress<WorkProgress>, T> work) => Output.During(work);
}
