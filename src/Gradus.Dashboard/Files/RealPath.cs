namespace Gradus.Dashboard.Files;

/// <summary>Where a path leads once every link on the way has been followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as the kernel has it

    /// <summary>The path without links; null where a part of it is not there, or links go in a circle.</summary>
    public static string? Of(string path)
    {
        int links = 0;
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        var ahead = new Stack<string>(Parts(full, root));
        string at = root;
        try
        {
            while (ahead.TryPop(out string? part))
            {
                string next = Path.Combine(at, part);
                FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
                if (entry.LinkTarget is not { } target)
                {
                    if (!entry.Exists)
                        return null;
                    at = next;
                    continue;
                }
                if (++links > MostLinks)
                    return null;
                string led = Path.GetFullPath(target, at);
                (at, root) = (Path.GetPathRoot(led)!, Path.GetPathRoot(led)!);
                foreach (string of in Parts(led, root))
                    ahead.Push(of);
            }
            return at;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a path without links lies in a folder without links, or is it.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Whether a path without links lies in one of several folders, links to which are followed.</summary>
    public static bool IsWithinAny(string path, IEnumerable<string> folders) => folders.Select(Of).OfType<string>().Any(folder => IsWithin(path, folder));

    // The last part first, for a stack gives back the last one that it got.
    private static IEnumerable<string> Parts(string full, string root) =>
        full[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();
}
