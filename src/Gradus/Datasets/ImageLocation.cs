using System.Text.Json.Serialization;

namespace Gradus.Datasets;

/// <summary>Where an image's bytes are: a file, or a slot of an array in an .npz.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FileLocation), "file")]
[JsonDerivedType(typeof(ArraySlot), "slot")]
public abstract record ImageLocation;

/// <summary>An image file, by its full path.</summary>
public sealed record FileLocation(string Path) : ImageLocation
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>Image number <paramref name="Index"/> of the array <paramref name="Key"/> in the .npz at <paramref name="Path"/>.</summary>
public sealed record ArraySlot(string Path, string Key, int Index) : ImageLocation
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}#{Key}[{Index}]";
}
