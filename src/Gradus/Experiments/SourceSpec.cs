using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>What a source is for.</summary>
public enum SourceRole
{
    /// <summary>Split into folds for training and validation.</summary>
    Main,

    /// <summary>Another data set beside the main one: training only, unless its <see cref="SourceUse"/> says otherwise.</summary>
    External,

    /// <summary>Graded by a model and not by a person: training only, in any case.</summary>
    Pseudo,

    /// <summary>Validation only, as published with the data; takes the place of a split.</summary>
    Validation,

    /// <summary>To be predicted.</summary>
    Test,
}

/// <summary>What an external source is for.</summary>
public enum SourceUse
{
    /// <summary>It joins the training images of every fold, and never validates.</summary>
    Training,

    /// <summary>It is a training set of its own, for a run before the run.</summary>
    Pretraining,

    /// <summary>It is split into folds with the main sources, and validates as well.</summary>
    Folds,
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

    /// <summary>The scale of the source's labels and what its steps are in the experiment; null where it is not declared, and then it is the experiment's.</summary>
    public SourceScale? Scale { get; init; }

    /// <summary>What an external source is for.</summary>
    public SourceUse Use { get; init; } = SourceUse.Training;

    /// <summary>The class shares to which the source's training images are sampled; null leaves them as they are.</summary>
    public ClassMatch? Match { get; init; }

    /// <summary>How many of the source's training images are sampled; null takes as many as <see cref="Match"/> allows, or all.</summary>
    public int? Take { get; init; }

    /// <summary>
    /// A regular expression whose first capture group, matched against an id, is what must not be split; null where ids
    /// do not say. Not
    /// for an archive, whose ids are numbers.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GroupPattern { get; init; }

    /// <summary>True where the source's images are never all taken as they are.</summary>
    [JsonIgnore]
    public bool IsSampled => Match is not null || Take is not null;
}

/// <summary>Class shares to sample to.</summary>
/// <param name="Shares">(K), at least 0 and not all 0, of any sum; null for those of the usable images of the main sources.</param>
public sealed record ClassMatch(ImmutableArray<double>? Shares = null);

/// <summary>A CSV with a row an image, beside a folder of images.</summary>
public sealed record CsvSource : SourceSpec
{
    /// <summary>The CSV file.</summary>
    public required string Labels { get; init; }

    /// <summary>The id column.</summary>
    public required string Id { get; init; }

    /// <summary>The grade column (0 to K-1 or a name of the scale); null where the set has no grades.</summary>
    public string? Grade { get; init; }

    /// <summary>
    /// The columns of the grades of the source's scale, in its order, where each row has a 1 in the column of its grade
    /// and 0 in the
    /// others; null where <see cref="Grade"/> or nothing gives the grade. Compared as a list, never by equality of
    /// sources.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? OneHot { get; init; }

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
