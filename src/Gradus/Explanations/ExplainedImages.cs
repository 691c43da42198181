using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Datasets;

namespace Gradus.Explanations;

/// <summary>An image whose heat map was drawn into a file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">The name of its source in the experiment.</param>
/// <param name="File">The photograph with the map, beside this list: a name without a folder.</param>
public sealed record ExplainedImage(ImageId Id, string Source, string File);

/// <summary>Which images of a folder of heat maps are which: the contents of explain.json.</summary>
/// <param name="Method">gradcam or gradcam++.</param>
/// <param name="Of">Whose origin is shown, as <c>--of</c> has it.</param>
/// <param name="Epoch">Of the checkpoint, from 1.</param>
/// <param name="Images">In the order in which they were drawn.</param>
public sealed record ExplainedImages(string Method, string Of, int Epoch, ImmutableArray<ExplainedImage> Images)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "explain.json";

    /// <summary>The folder in a run's folder into which its heat maps go where nothing else is said.</summary>
    public const string FolderName = "explain";

    /// <summary>Writes the list into a folder.</summary>
    /// <exception cref="GradusException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, GradusJson.Indented) + "\n");

    /// <summary>Reads the list of a folder; null where it has none.</summary>
    /// <exception cref="GradusException">It cannot be read, is damaged, or names a file elsewhere.</exception>
    public static ExplainedImages? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!System.IO.File.Exists(path))
            return null;
        try
        {
            ExplainedImages? read = JsonSerializer.Deserialize<ExplainedImages>(System.IO.File.ReadAllText(path), GradusJson.Indented);
            if (read is not { Images.IsDefault: false } || read.Images.Any(i => i.File.Length == 0 || i.File.AsSpan().ContainsAny('/', '\\') || i.File[0] == '.'))
                throw new JsonException("a list of files beside it expected");
            return read;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw DamagedJson.In(path, e, "Make it again with gradus explain RUN --mistakes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }
}
