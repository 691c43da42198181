using System.CommandLine;
using System.Diagnostics;
using Gradus.Torch.Arithmetic;

namespace Gradus.Cli.Commands;

/// <summary>
/// The engine's self-test as a child process; gradus starts it itself. What is wrong with an engine may end its process
/// without a word, and then the parent says so.
/// </summary>
internal static class ProbeCommand
{
    private const string Name = "probe";

    public static Verb Create()
    {
        Argument<string[]> arguments = new("ARGUMENTS") { Arity = new ArgumentArity(2, 3) };
        var verb = new Verb(Name, "Compares the engine's operations with float64 and prints each; gradus doctor starts it.") { arguments };
        verb.Hidden = true;
        verb.Does((parse, _) =>
        {
            string[] given = parse.GetRequiredValue(arguments);
            return () => Probe.Run(given, Console.Out);
        });
        return verb;
    }

    /// <summary>This program again, as that child.</summary>
    public static ProcessStartInfo Child(IReadOnlyList<string> arguments)
    {
        string program = Environment.ProcessPath ?? "gradus";
        var start = new ProcessStartInfo(program);
        // dotnet gradus.dll rather than gradus
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        start.ArgumentList.Add(Name);
        start.Environment[Supervisor.Variable] = "off"; // its death is told here
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
