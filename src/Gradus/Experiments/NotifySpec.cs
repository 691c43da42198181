using System.Collections.Immutable;

namespace Gradus.Experiments;

/// <summary>Whom a finished or failed run tells.</summary>
/// <param name="Webhook">An http or https address that takes a JSON document by POST; null for none. <c>${NAME}</c> stays as it is until it is used, so that no secret is stored with a run.</param>
/// <param name="Command">A program and its arguments, run without a shell, with the same document on its standard input; empty for none.</param>
/// <param name="Seconds">How long each of the two may take, above 0.</param>
public sealed record NotifySpec(string? Webhook, ImmutableArray<string> Command, double Seconds);
