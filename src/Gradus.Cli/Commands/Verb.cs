using System.CommandLine;
using Gradus.Cli.Terminal;

namespace Gradus.Cli.Commands;

/// <summary>A verb of gradus, with examples for its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    private Func<CommandLine, Session, Func<int>>? _plan;

    /// <summary>Command lines that can be copied.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>
    /// Sets what the verb does, in two steps: the first reads the command line and returns the second, which is the work and
    /// whose result is the exit code. Between them everything that was typed and not read is refused. Failures are exceptions.
    /// </summary>
    public void Does(Func<CommandLine, Session, Func<int>> plan)
    {
        _plan = plan;
        SetAction(parse =>
        {
            using var interrupt = new Interrupt();
            return Plan(new CommandLine(parse), Session.Open(parse, interrupt.Token))();
        });
    }

    /// <summary>The first step, and the refusal of what it has not read.</summary>
    /// <exception cref="GradusException">The request is wrong.</exception>
    public Func<int> Plan(CommandLine line, Session session)
    {
        Func<int> work = (_plan ?? throw new InvalidOperationException($"the verb {Name} does nothing"))(line, session);
        line.Close();
        return work;
    }
}
