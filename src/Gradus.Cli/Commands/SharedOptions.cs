using System.CommandLine;
using System.Globalization;

namespace Gradus.Cli.Commands;

/// <summary>Options that every verb understands, and arguments that several share.</summary>
internal static class SharedOptions
{
    // How a PNG begins for a reader of text: its first byte is no UTF-8, and is replaced.
    private const string PngStart = "\uFFFDPNG";

    public static Option<bool> Json { get; } = new("--json") { Description = "Write one JSON document to standard output; everything else goes to standard error.", Recursive = true };

    public static Option<bool> Debug { get; } = new("--debug") { Description = "Print the trace of a failure.", Recursive = true };

    public static Option<string> Runs { get; } = new("--runs")
    {
        Description = "The folder of the runs.",
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => "runs",
    };

    public static Option<string> Cache { get; } = new("--cache")
    {
        Description = "The folder of prepared images; GRADUS_CACHE, else the user's cache folder.",
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => CacheFolder(),
    };

    /// <summary>All of them: they say where things are and how the program speaks, and may be given to any verb.</summary>
    public static IReadOnlyList<Option> All { get; } = [Json, Debug, Runs, Cache];

    /// <summary>The experiment file, an argument of most verbs.</summary>
    public static Argument<string> Experiment() => new("EXPERIMENT") { Description = "The experiment file (.yaml); gradus init writes one." };

    /// <summary>Where the network works, for the verbs that use one.</summary>
    public static Option<string?> Device() => new("--device") { Description = "Where to compute: auto, cpu or cuda:N.", HelpName = "DEVICE" };

    /// <summary>Says how many files of the named folders are looked at by nobody, and names the first.</summary>
    public static void NotePassedOver(Session session, IReadOnlyList<string> files)
    {
        const int Shown = 5;
        if (files.Count == 0)
            return;
        string more = files.Count > Shown ? $" and {files.Count - Shown} more" : "";
        session.Output.Note($"passed over, since {(files.Count == 1 ? "its name is no image's" : "their names are no images'")}: " +
            $"{files.Count} file{(files.Count == 1 ? "" : "s")} ({string.Join(", ", files.Take(Shown))}{more})");
    }

    /// <summary>A number with a decimal point. The parser's own reading takes 0,7 for 7, since a comma may part thousands.</summary>
    public static Option<double?> Number(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            if (IsDecimal(result.Tokens[0].Value, out double value))
                return value;
            result.AddError(NoDecimal(name, result.Tokens[0].Value));
            return null;
        },
    };

    /// <summary>The number that an option states as text.</summary>
    /// <exception cref="GradusException">It is none.</exception>
    public static double Decimal(string option, string text) => IsDecimal(text, out double value) ? value : throw new GradusException(NoDecimal(option, text), fault: Fault.Request);

    private static bool IsDecimal(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static string NoDecimal(string option, string text) => $"{option} is a number with a decimal point, such as 0.7; found '{text}'";

    /// <summary>Refuses to write over what a verb reads.</summary>
    /// <exception cref="GradusException">The output is one of the inputs.</exception>
    public static void KeepInputs(string output, IEnumerable<string> inputs, string option = "--out")
    {
        string full = Path.GetFullPath(output);
        if (inputs.Any(input => Path.GetFullPath(input) == full))
            throw new GradusException($"{option} is one of the inputs and would be written over", output, remedy: "Choose another name", fault: Fault.Request);
    }

    /// <summary>Refuses to write over a file of another kind than the verb writes.</summary>
    /// <param name="output">The file to be written; nothing is refused where it is absent or empty.</param>
    /// <param name="header">How the first line of a file of the verb's kind begins.</param>
    /// <exception cref="GradusException">There is a file, and it begins otherwise.</exception>
    public static void KeepOthers(string output, string header)
    {
        if (Directory.Exists(output))
            throw new GradusException("is a folder", output, remedy: "Name a file", fault: Fault.Request);
        if (!File.Exists(output) || new FileInfo(output).Length == 0)
            return;
        var start = new char[header.Length];
        using StreamReader reader = File.OpenText(output);
        int read = reader.ReadBlock(start);
        if (!start.AsSpan(0, read).SequenceEqual(header))
            throw new GradusException("is there already and is something else", output, $"a file that does not begin with {header}", "Choose another name, or remove the file", Fault.Request);
    }

    /// <summary>Refuses a picture that is not to be a PNG, or that would be written over a file that is none.</summary>
    /// <exception cref="GradusException">Another ending, or another file is there.</exception>
    public static void CheckPicture(string output, string option)
    {
        KeepOthers(output, PngStart);
        if (!Path.GetExtension(output).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new GradusException($"{option} is a PNG picture", output, remedy: $"Name it {Path.GetFileNameWithoutExtension(output)}.png", fault: Fault.Request);
    }

    /// <summary>GRADUS_CACHE, else where this system keeps a user's caches.</summary>
    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("GRADUS_CACHE") is { Length: > 0 } stated)
            return stated;
        return MachineFolder();
    }

    /// <summary>Where this system keeps a user's caches: also for what is true of the machine, wherever the images are kept.</summary>
    public static string MachineFolder()
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "gradus", "cache");
        // The specification of XDG wants relative values ignored.
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string caches = Path.IsPathRooted(xdg) ? xdg : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "gradus");
    }
}
