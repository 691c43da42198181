using System.CommandLine;
using System.CommandLine.Invocation;
using Gradus.Cli.Commands;
using Gradus.Cli.Terminal;

namespace Gradus.Cli;

internal static class Program
{
    /// <summary>Exit codes: 0 done, 1 the work failed, 2 the request was wrong, 130 stopped by the user.</summary>
    public static int Main(string[] args)
    {
        if (!Supervisor.Join() && Supervisor.IsWanted(args) && Supervisor.Run(args) is { } code)
            return code;
        // Before anything allocates: the settings hold for memory that comes later.
        Allocator.KeepMemory();
        Threads.SleepSoon();
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parse = GradusCommand.Create().Parse(args, configuration);
        if (parse.Action is null or ParseErrorAction || Failure.UnknownWord(parse) is not null)
            return Failure.Report(parse);
        try
        {
            return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
#pragma warning disable CA1031 // The one place where every failure becomes a line and an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failure.Report(e, parse.GetValue(SharedOptions.Debug));
        }
    }
}
