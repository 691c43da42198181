using System.CommandLine;
using Gradus.Runs.Index;

namespace Gradus.Cli.Commands;

/// <summary>The options by which a verb chooses among all runs.</summary>
internal sealed class RunChoice
{
    public Option<string[]> Where { get; } = new("--where") { Description = "Only runs for which this holds: a column or a setting, = != >= <= > < or ~ (a part of a text), a value; may be given several times.", HelpName = "CONDITION" };

    public Option<string?> Tag { get; } = new("--tag") { Description = "Only runs with this tag.", HelpName = "TAG" };

    public Option<string?> Status { get; } = new("--status") { Description = $"Only runs that are {string.Join(", ", RunColumns.Statuses.SkipLast(1))} or {RunColumns.Statuses[^1]}.", HelpName = "STATUS" };

    /// <summary>What was chosen.</summary>
    public RunQuery Query(CommandLine parse) => new() { Where = parse.GetValue(Where) ?? [], Tag = parse.GetValue(Tag), Status = parse.GetValue(Status) };

    /// <summary>Whether anything was.</summary>
    public bool IsMade(CommandLine parse) => parse.GetValue(Where) is { Length: > 0 } || parse.GetValue(Tag) is not null || parse.GetValue(Status) is not null;
}
