using System.Collections.Immutable;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>notify</c>.</summary>
internal static class NotifyReader
{
    private const double Default = 10, Longest = 600;

    /// <summary>Whom to tell; the address is looked at when it is used, since it may come from the environment.</summary>
    public static NotifySpec Notify(YamlValue value) => value.Block(ExperimentKeys.Notify, block =>
    {
        string? webhook = block.Optional("webhook", null, v =>
            v.Text() is var text && (text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("${", StringComparison.Ordinal))
                ? text
                : throw v.Wrong("is an http or https address", $"'{YamlValue.Shown(text)}'", "Write https://…, or ${NAME} for one from the environment"));
        ImmutableArray<string> command = block.Optional("command", ImmutableArray<string>.Empty, v => [.. v.Items("program and arguments").Select(i => i.Text())]);
        if (webhook is null && command.IsEmpty)
            throw value.Wrong("tells nobody", remedy: "Give webhook: or command:");
        return new NotifySpec(webhook, command, block.Optional("seconds", Default, v => v.Number($"above 0 and at most {Longest}", s => s is > 0 and <= Longest)));
    });
}
