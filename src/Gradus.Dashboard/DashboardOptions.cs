using System.Collections.Immutable;
using System.Net;

namespace Gradus.Dashboard;

/// <summary>What a dashboard shows, and to whom.</summary>
public sealed record DashboardOptions
{
    /// <summary>The port where none is stated and it is free.</summary>
    public const int UsualPort = 6474;

    /// <summary>The fewest characters of a token.</summary>
    public const int ShortestToken = 16;

    /// <summary>The folder of runs.</summary>
    public required string Runs { get; init; }

    /// <summary>The address to listen at.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for any free one, null for <see cref="UsualPort"/> or, where that is taken, any free one.</summary>
    public int? Port { get; init; }

    /// <summary>What a visitor has to show once; null for no such thing, which is only possible on loopback.</summary>
    public string? Token { get; init; }

    /// <summary>Folders of images that may be shown; where empty, those that the experiments of the runs name.</summary>
    public ImmutableArray<string> Data { get; init; } = [];

    /// <summary>The connection string of a shared index; null for the SQLite file in the folder of runs.</summary>
    public string? Database { get; init; }

    /// <summary>Refuses what would be unsafe or impossible.</summary>
    /// <exception cref="GradusException">There is no such folder, the port is none, or the token is missing or short.</exception>
    public void Check()
    {
        if (!Directory.Exists(Runs))
            throw new GradusException("there is no such folder of runs", Runs, remedy: "gradus train makes it; --runs names another", fault: Fault.Request);
        if (Data.FirstOrDefault(d => !Directory.Exists(d)) is { } missing)
            throw new GradusException("there is no such folder of images", missing, fault: Fault.Request);
        if (Port is < 0 or > 65535)
            throw new GradusException("a port is 0 to 65535", found: $"{Port}", fault: Fault.Request);
        if (Token is null && !IPAddress.IsLoopback(Bind))
            throw new GradusException($"{Bind} can be reached from other machines, which demands a token", remedy: "Give --token or set GRADUS_TOKEN, or stay on loopback", fault: Fault.Request);
        if (Token is { } token && (token.Length < ShortestToken || token.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '~'))))
            throw new GradusException($"a token is {ShortestToken} or more letters, digits, hyphens, dots, underscores or tildes", found: $"{token.Length} characters", fault: Fault.Request);
    }
}
