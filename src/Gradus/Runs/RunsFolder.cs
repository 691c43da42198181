using System.Collections.Immutable;

namespace Gradus.Runs;

/// <summary>The folder of all runs: finding one by its name, and putting one into the trash, which is a folder in it.</summary>
/// <param name="path">The folder.</param>
public sealed class RunsFolder(string path)
{
    /// <summary>The trash's name.</summary>
    public const string TrashName = ".trash";

    /// <summary>Full path.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>Every run in it, by name.</summary>
    /// <exception cref="GradusException">The folder cannot be read.</exception>
    public ImmutableArray<RunFolder> All() => [.. Folders().Select(folder => new RunFolder(folder)).Where(run => File.Exists(run.InfoFile)).OrderBy(run => run.Name, StringComparer.Ordinal)];

    /// <summary>The full path of every folder that may be a run. What begins with a dot is none: the trash, and folders that are being made.</summary>
    /// <exception cref="GradusException">The folder cannot be read.</exception>
    internal string[] Folders()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Root).Where(folder => Path.GetFileName(folder)[0] != '.')];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("the folder of runs could not be read", Root, e.Message.TrimEnd('.'), inner: e);
        }
    }

    /// <summary>The full path of every folder that is neither a run nor a group of folds.</summary>
    /// <exception cref="GradusException">The folder cannot be read.</exception>
    public ImmutableArray<string> Strangers() => [.. Folders().Where(f => !File.Exists(new RunFolder(f).InfoFile) && !FoldGroup.Is(f)).Order(StringComparer.Ordinal)];

    /// <summary>The names of the runs in the trash.</summary>
    /// <exception cref="GradusException">It cannot be read.</exception>
    public ImmutableArray<string> Discarded() => Directory.Exists(Trash) ? [.. new RunsFolder(Trash).All().Select(r => r.Name)] : [];

    private string Trash => Path.Combine(Root, TrashName);

    /// <summary>The run of a name, or of a path that leads right into this folder.</summary>
    /// <exception cref="GradusException">There is none, or it lies elsewhere.</exception>
    public RunFolder Find(string run) => RunFolder.Open(Inside(Root, run));

    /// <summary>Moves a run into the trash, under its name or, where that is taken, name-2, name-3 ….</summary>
    /// <returns>Where it is now.</returns>
    /// <exception cref="GradusException">There is no such run, or it cannot be moved.</exception>
    public string Discard(string run)
    {
        RunFolder folder = Find(run);
        Directory.CreateDirectory(Trash);
        for (int n = 1; ; n++)
        {
            string to = Path.Combine(Trash, n == 1 ? folder.Name : $"{folder.Name}-{n}");
            if (!Path.Exists(to) && Move(folder.Root, to))
                return to;
        }
    }

    /// <summary>Takes a run out of the trash, under the name that it has there.</summary>
    /// <returns>The run.</returns>
    /// <exception cref="GradusException">It is not in the trash, its name is taken, or it cannot be moved.</exception>
    public RunFolder Restore(string name)
    {
        string from = Inside(Trash, name);
        if (!Directory.Exists(from))
        {
            ImmutableArray<string> there = Discarded();
            throw new GradusException("there is no run of this name in the trash", name, remedy: there.IsEmpty ? "The trash is empty" : NearestWord.Remedy(name, there, "gradus runs trash lists what is there"), fault: Fault.Request);
        }
        from = RunFolder.Open(from).Root;
        string to = Path.Combine(Root, Path.GetFileName(from));
        if (Path.Exists(to) || !Move(from, to))
            throw new GradusException("there is a run of this name again", to, remedy: $"Rename one of the two folders; the other is {from}", fault: Fault.Request);
        return RunFolder.Open(to);
    }

    // "../x", "/etc" and "a/../../b" are paths that end elsewhere, however they are written.
    private static string Inside(string folder, string run)
    {
        if (run.Length > 0 && !run.Contains('\0', StringComparison.Ordinal))
        {
            foreach (string candidate in (string[])[Path.Combine(folder, run), run])
            {
                string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(candidate));
                if (Path.GetDirectoryName(full) == folder && Path.GetFileName(full)[0] != '.' && (candidate != run || Directory.Exists(full)))
                    return full;
            }
        }
        throw new GradusException("this is not the name of a run", folder, $"'{run}'", "Give a name that gradus runs lists", Fault.Request);
    }

    private static bool Move(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (IOException) when (Path.Exists(to))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be moved", from, e.Message.TrimEnd('.'), inner: e);
        }
    }
}
