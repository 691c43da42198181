using System.CommandLine;
using System.CommandLine.Parsing;

namespace Gradus.Cli.Terminal;

/// <summary>Turns every failure into one or two lines on standard error and an exit code.</summary>
internal static class Failure
{
    private const int Interrupted = 130;

    /// <summary>A command line that was not understood.</summary>
    public static int Report(ParseResult parse)
    {
        Console.Error.WriteLine($"gradus: {Problem(parse)}");
        Console.Error.WriteLine($"See gradus {Words(parse.CommandResult)}--help");
        return (int)Fault.Request;
    }

    /// <summary>A verb that failed, was wrongly asked, or was stopped.</summary>
    public static int Report(Exception e, bool debug)
    {
        // Parallel work wraps what its threads threw; the person's error is inside.
        Exception cause = e is AggregateException many ? many.Flatten().InnerExceptions.FirstOrDefault(i => i is GradusException or OperationCanceledException) ?? e : e;
        int code = 1;
        switch (cause)
        {
            case GradusException known:
                Console.Error.WriteLine($"gradus: {known.Message}");
                code = (int)known.Fault;
                break;
            case OperationCanceledException:
                Console.Error.WriteLine("gradus: stopped");
                code = Interrupted;
                break;
            default:
                string message = cause.Message.ReplaceLineEndings(" ").TrimEnd('.');
                Console.Error.WriteLine($"gradus: internal error: {cause.GetType().Name}: {message}{(debug ? "" : "; run again with --debug for the trace")}");
                break;
        }
        if (debug)
            Console.Error.WriteLine(e);
        return code;
    }

    /// <summary>
    /// A word that no verb or option knows; null where all are known. The parser takes a misspelt option for an argument where one is
    /// expected, so an argument that begins like an option, and is no file, is one too.
    /// </summary>
    public static string? UnknownWord(ParseResult parse) => parse.CommandResult.Children.OfType<ArgumentResult>()
        .SelectMany(a => a.Tokens).Select(t => t.Value).FirstOrDefault(t => t.Length > 2 && t.StartsWith("--", StringComparison.Ordinal) && !Path.Exists(t)) ?? (parse.UnmatchedTokens is [var unmatched, ..] ? unmatched : null);

    private static string Problem(ParseResult parse)
    {
        if (UnknownWord(parse) is { } word)
        {
            Command command = parse.CommandResult.Command;
            bool option = word.StartsWith('-');
            bool verb = !option && command is RootCommand;
            string[] known = option ? [.. Known(parse).SelectMany(o => o.Aliases.Prepend(o.Name))] : [.. command.Subcommands.Select(c => c.Name)];
            string where = command is RootCommand ? "" : $" of {command.Name}";
            return NearestWord.Remedy(word, known, "") is var hint && (option || verb)
                ? $"unknown {(option ? "option" : "verb")} '{word}'{where}{(hint.Length > 0 ? $". {hint}" : "")}"
                : $"'{word}' is one argument too many{where}";
        }
        return parse.Errors is [ParseError first, ..] ? Problem(first) : "a verb is needed";
    }

    // "models show ", the verbs that lead to a command.
    private static string Words(CommandResult result) => result.Command is RootCommand ? "" : $"{(result.Parent is CommandResult parent ? Words(parent) : "")}{result.Command.Name} ";

    // The parser's own words for a value of the wrong type name types of the program.
    private static string Problem(ParseError error)
    {
        if (error.SymbolResult is CommandResult { Command: { } command } && command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0) is { } missing && error.Message.Contains(missing.Name, StringComparison.Ordinal))
            return $"{command.Name} needs {missing.Name}: {missing.Description}".TrimEnd('.');
        if (error.SymbolResult is ArgumentResult { Argument: { } argument, Tokens.Count: 0 })
            return $"{argument.Name} is missing: {argument.Description}".TrimEnd('.');
        if (error.SymbolResult is OptionResult { Option: { } bare, Tokens.Count: 0 })
            return $"{bare.Name}{(bare.HelpName is { } shape ? $" {shape}" : "")} {(error.SymbolResult is OptionResult { IdentifierToken: null } ? "is missing" : "needs a value")}: {bare.Description}".TrimEnd('.');
        if (error.SymbolResult is not OptionResult { Option: { } option, Tokens: [{ } token, ..] })
            return error.Message.TrimEnd('.');
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (type.IsEnum && !Enum.TryParse(type, token.Value, ignoreCase: true, out _))
            return $"{option.Name} is one of {string.Join(", ", Enum.GetNames(type).Select(n => n.ToLowerInvariant()))}; found '{token.Value}'";
        if (type == typeof(double) && !double.TryParse(token.Value, out _))
            return $"{option.Name} is a number; found '{token.Value}'";
        if ((type == typeof(int) && !int.TryParse(token.Value, out _)) || (type == typeof(long) && !long.TryParse(token.Value, out _)))
            return $"{option.Name} is a whole number; found '{token.Value}'";
        return error.Message.TrimEnd('.');
    }

    private static IEnumerable<Option> Known(ParseResult parse) =>
        parse.CommandResult.Command.Options.Concat(parse.RootCommandResult.Command.Options.Where(o => o.Recursive));
}
