using System.CommandLine;
using Gradus.Cli.Terminal;

namespace Gradus.Cli.Commands;

/// <summary>A verb of gradus, with examples for its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines that can be copied.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Sets what the verb does; its result is the exit code, and failures are exceptions.</summary>
    public void Does(Func<ParseResult, Session, int> work) => SetAction(parse =>
    {
        using var interrupt = new Interrupt();
        return work(parse, Session.Open(parse, interrupt.Token));
    });
}
