using System.Collections.Frozen;
using System.Collections.Immutable;
using Gradus.Dashboard.Live;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Runs;

namespace Gradus.Dashboard.Files;

/// <summary>
/// The only way from an address to a file. A file of a run is named by the run and a path in its folder, an image by the run, the
/// image's source and its id; what either leads to is served only where it lies, once all links are followed, in the folder of runs or a folder of data.
/// </summary>
/// <param name="options">Name the folders.</param>
/// <param name="reader">Finds runs.</param>
internal sealed class ServedFolders(DashboardOptions options, RunReader reader)
{
    private const int MostImageLists = 4;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Stamp, FrozenDictionary<ImageKey, ImageRecord> Images)> _images = [];

    /// <summary>The full path of a file in a run's folder; null where there is none that may be served.</summary>
    /// <param name="run">The run's name.</param>
    /// <param name="relative">The path in its folder, with forward slashes.</param>
    public string? FileOf(string run, string relative)
    {
        // A part that begins with a dot is "..", or an index, a lock or a trash that nobody needs to see.
        string[] parts = relative.Split('/');
        if (reader.Find(run) is not { } folder || parts.Any(p => p.Length == 0 || p[0] == '.' || p.AsSpan().ContainsAny('\\', '\0', ':')))
            return null;
        string? file = RealPath.Of(Path.Combine([folder.Root, .. parts]));
        return file is not null && File.Exists(file) && RealPath.IsWithinAny(file, Given) ? file : null;
    }

    /// <summary>Where an image of a run's experiment is; null where there is none of the name that may be served.</summary>
    /// <param name="run">The run's name.</param>
    /// <param name="key">The image.</param>
    /// <exception cref="GradusException">A list of images cannot be read.</exception>
    public ImageRecord? ImageOf(string run, ImageKey key)
    {
        if (reader.Find(run) is not { } folder)
            return null;
        RunInfo info = folder.ReadInfo();
        if (!ImagesOf(folder, info.Experiment).TryGetValue(key, out ImageRecord? image))
            return null;
        string path = image.Location switch { FileLocation file => file.Path, ArraySlot slot => slot.Path, _ => "" };
        return RealPath.Of(path) is { } real && RealPath.IsWithinAny(real, options.Data.IsEmpty ? Named(info.Experiment) : Given) ? image : null;
    }

    /// <summary>The images of a run's experiment, of all its sources and its test set.</summary>
    /// <exception cref="GradusException">A list of images cannot be read.</exception>
    public FrozenDictionary<ImageKey, ImageRecord> ImagesOf(RunFolder folder, Experiment experiment)
    {
        string stamp = $"{File.GetLastWriteTimeUtc(folder.InfoFile).Ticks}";
        lock (_lock)
        {
            if (_images.TryGetValue(folder.Name, out var known) && known.Stamp == stamp)
                return known.Images;
            var images = new Dictionary<ImageKey, ImageRecord>();
            foreach (SourceSpec source in SourcesOf(experiment))
            {
                foreach (ImageRecord record in DatasetReader.Read(source, experiment.Scale).Records)
                    images.TryAdd(ImageKey.Of(record), record);
            }
            if (_images.Count >= MostImageLists)
                _images.Clear();
            FrozenDictionary<ImageKey, ImageRecord> frozen = images.ToFrozenDictionary();
            _images[folder.Name] = (stamp, frozen);
            return frozen;
        }
    }

    /// <summary>Refuses an experiment whose data lie outside of the folders that were given, where some were: it is read no more than it is shown.</summary>
    /// <exception cref="GradusException">A source lies elsewhere.</exception>
    public void CheckReadable(Experiment experiment)
    {
        if (options.Data.IsEmpty)
            return;
        foreach (string path in SourcesOf(experiment).SelectMany(PathsOf))
        {
            if (RealPath.Of(path) is not { } real || !RealPath.IsWithinAny(real, Given))
                throw new GradusException("is not there, or lies outside of the folders that this dashboard may read", path, remedy: "Name its folder with gradus serve --data", fault: Fault.Request);
        }
    }

    private static IEnumerable<string> PathsOf(SourceSpec source) => source switch
    {
        CsvSource csv => [csv.Labels, csv.Images],
        FolderSource folder => [folder.Folder],
        NpzSource npz => [npz.Npz],
        _ => [],
    };

    private IEnumerable<string> Given => options.Data.Prepend(options.Runs);

    private static ImmutableArray<SourceSpec> SourcesOf(Experiment experiment) => [.. experiment.Sources, .. experiment.Test is { } test ? [test] : Array.Empty<SourceSpec>()];

    // What is shown of these folders is pictures, decoded and drawn again: no other file can leave by this way.
    private IEnumerable<string> Named(Experiment experiment) => SourcesOf(experiment).Select(source => source switch
    {
        CsvSource csv => csv.Images,
        FolderSource folder => folder.Folder,
        NpzSource npz => npz.Npz,
        _ => options.Runs,
    }).Prepend(options.Runs);
}
