using System.CommandLine;
using System.CommandLine.Parsing;

namespace Gradus.Cli.Commands;

/// <summary>
/// What a person typed, and which of it a verb has asked for. A verb reads an option only on the way that obeys it; what was
/// typed and never read is refused before the work begins, so no option is passed over in silence.
/// </summary>
internal sealed class CommandLine(ParseResult parse)
{
    private readonly HashSet<Symbol> _read = [];
    private bool _closed;

    /// <summary>What the verb has asked for.</summary>
    public IReadOnlySet<Symbol> Read => _read;

    /// <summary>The value of an option, its default where it was not typed.</summary>
    public T? GetValue<T>(Option<T> option) => parse.GetValue(Note(option));

    /// <summary>The value of an argument, its default where it was not typed.</summary>
    public T? GetValue<T>(Argument<T> argument) => parse.GetValue(Note(argument));

    /// <summary>The value of an option that always has one.</summary>
    public T GetRequiredValue<T>(Option<T> option) => parse.GetRequiredValue(Note(option));

    /// <summary>The value of an argument that always has one.</summary>
    public T GetRequiredValue<T>(Argument<T> argument) => parse.GetRequiredValue(Note(argument));

    /// <summary>Whether an option was typed; asking does not read it.</summary>
    public bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>Refuses options that belong to another form of the verb, in the words of that form.</summary>
    /// <param name="belongs">What they belong to.</param>
    /// <param name="options">Of which none may have been typed.</param>
    /// <exception cref="GradusException">One of them was typed.</exception>
    public void Refuse(string belongs, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (IsGiven(option))
                throw new GradusException($"{option.Name} belongs to {belongs}", remedy: "Leave it out", fault: Fault.Request);
        }
    }

    /// <summary>Ends the reading: what was typed and not asked for is refused.</summary>
    /// <exception cref="GradusException">An option or an argument would have no effect.</exception>
    public void Close()
    {
        _closed = true;
        for (SymbolResult? result = parse.CommandResult; result is CommandResult verb; result = verb.Parent)
        {
            foreach (SymbolResult child in verb.Children)
            {
                if (Ignored(child) is { } symbol)
                    throw HasNoEffect(symbol, verb.Command == parse.CommandResult.Command ? null : verb.Command);
            }
        }
    }

    private Symbol? Ignored(SymbolResult child)
    {
        Symbol? typed = child switch
        {
            OptionResult { Implicit: false } option => option.Option,
            ArgumentResult { Implicit: false, Tokens.Count: > 0 } argument => argument.Argument,
            _ => null,
        };
        return typed is null || _read.Contains(typed) || SharedOptions.All.Contains(typed) ? null : typed;
    }

    private static GradusException HasNoEffect(Symbol symbol, Command? of) => new(
        of is null
            ? $"{symbol.Name} was given but has no effect here"
            : $"{symbol.Name} was given to '{of.Name}' and has no effect on the verb after it",
        found: symbol.Description?.TrimEnd('.') is { Length: > 0 } meaning ? $"{symbol.Name} means: {meaning}" : null,
        remedy: "Leave it out",
        fault: Fault.Request);

    private T Note<T>(T symbol)
        where T : Symbol
    {
        // A mistake of this program and of no person: the refusal would come after the work.
        if (_closed)
            throw new InvalidOperationException($"{symbol.Name} is read after the work has begun");
        _read.Add(symbol);
        return symbol;
    }
}
