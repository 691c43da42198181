using System.Collections.Immutable;

namespace Gradus.Dashboard.Shell;

/// <summary>A page that the navigation leads to.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Address">Where it is, without a leading slash.</param>
internal sealed record NavigationItem(string Title, string Address);

/// <summary>The pages of the navigation, in order, and the addresses of pages that belong to a run.</summary>
internal static class Navigation
{
    /// <summary>A new page is a component in Pages with its route, and a line here.</summary>
    public static ImmutableArray<NavigationItem> Items { get; } =
    [
        new("Runs", "runs"),
        new("Compare", "compare"),
        new("Checkpoints", "checkpoints"),
        new("Images", "images"),
        new("Data", "data"),
        new("Logbook", "logbook"),
    ];

    /// <summary>The page of a run.</summary>
    public static string Run(string name) => $"run/{Uri.EscapeDataString(name)}";

    /// <summary>The page of a run's checkpoints.</summary>
    public static string Checkpoints(string name) => $"checkpoints/{Uri.EscapeDataString(name)}";

    /// <summary>The page of what a run gets wrong.</summary>
    public static string Images(string name) => $"images/{Uri.EscapeDataString(name)}";

    /// <summary>The page of a run's data.</summary>
    public static string Data(string name) => $"data/{Uri.EscapeDataString(name)}";

    /// <summary>The page that holds runs against each other.</summary>
    public static string Compare(IEnumerable<string> names) => $"compare?{string.Join('&', names.Select(name => $"run={Uri.EscapeDataString(name)}"))}";
}
