using System.CommandLine;
using Gradus.Cli.Terminal;

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

    /// <summary>Does long work while showing its progress.</summary>
    public T During<T>(Func<IProgress<WorkProgress>, T> work) => Output.During(work);
}
