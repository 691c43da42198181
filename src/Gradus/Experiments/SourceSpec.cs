using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>What a source is for.</summary>
public enum SourceRole
{
    /// <summary>Split into folds for training and validation.</summary>
    Main,

    /// <summary>Training only.</summary>
    External,

    /// <summary>Validation only, as published with the data; takes the place of a split.</summary>
    Validation,

    /// <summary>To be predicted.</summary>
    Test,
}

/// <summary>Where images and their grades come from. Paths are absolute.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CsvSource), "csv")]
[JsonDerivedType(typeof(FolderSource), "folder")]
[JsonDerivedType(typeof(NpzSource), "npz")]
public abstract record SourceSpec
{
    /// <summary>The name that findings and counts use.</summary>
    public required string Name { get; init; }

    /// <summary>What the source is for.</summary>
    public SourceRole Role { get; init; } = SourceRole.Main;
}

/// <summary>A CSV with a row an image, beside a folder of images.</summary>
public sealed record CsvSource : SourceSpec
{
    /// <summary>The CSV file.</summary>
    public required string Labels { get; init; }

    /// <summary>The id column.</summary>
    public required string Id { get; init; }

    /// <summary>The grade column (0 to K-1 or a name of the scale); null where the set has no grades.</summary>
    public string? Grade { get; init; }

    /// <summary>The column of what must not be split (patient, slide); null where there is none.</summary>
    public string? Group { get; init; }

    /// <summary>The folder of images.</summary>
    public required string Images { get; init; }

    /// <summary>With its dot, appended to the id; empty where ids are file names; null where it is found by looking.</summary>
    public string? Extension { get; init; }
}

/// <summary>A folder with a folder a grade, named like the grade or its number.</summary>
public sealed record FolderSource : SourceSpec
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }
}

/// <summary>A MedMNIST archive with the arrays <c>SPLIT_images</c> (N, H, W[, 3]) and <c>SPLIT_labels</c> (N, 1).</summary>
public sealed record NpzSource : SourceSpec
{
    /// <summary>The .npz file.</summary>
    public required string Npz { get; init; }

    /// <summary>train, val or test.</summary>
    public required string Split { get; init; }
}
