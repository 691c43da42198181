namespace Gradus.Audit;

/// <summary>What kind of thing was found. In JSON the names are in snake_case.</summary>
public enum FindingKind
{
    /// <summary>A source without any row or image.</summary>
    NoRows,

    /// <summary>A row with too few or too many fields, a stray or an unclosed quote.</summary>
    MalformedRow,

    /// <summary>A row without an id.</summary>
    EmptyId,

    /// <summary>An id a second time, with the same grade.</summary>
    DuplicateId,

    /// <summary>An id a second time, with another grade.</summary>
    DuplicateIdOtherGrade,

    /// <summary>A content hash where an id is expected.</summary>
    HashAsId,

    /// <summary>An id that would leave the folder of images.</summary>
    UnsafeId,

    /// <summary>Ids that are not written as their files are named, and mean one file each all the same.</summary>
    LooseId,

    /// <summary>No image file for the id.</summary>
    MissingImage,

    /// <summary>Several image files for the id.</summary>
    AmbiguousImage,

    /// <summary>A row without a grade.</summary>
    MissingGrade,

    /// <summary>A grade that is neither a whole number nor a name of the scale.</summary>
    UnreadableGrade,

    /// <summary>A number that is no grade of the scale.</summary>
    GradeOutsideScale,

    /// <summary>Images left out because the mapping of their source skips their grade.</summary>
    SkippedGrade,

    /// <summary>An external source without a declared scale has no image of a grade: its own scale may have fewer steps, or other ones.</summary>
    GradeAbsentFromSource,

    /// <summary>Rows without a group in a source that names groups.</summary>
    MissingGroup,

    /// <summary>An id that the pattern of its source's group does not match.</summary>
    UnmatchedGroup,

    /// <summary>A folder that is no grade's.</summary>
    UnknownFolder,

    /// <summary>Files passed over because they are no images.</summary>
    Ignored,

    /// <summary>An image that cannot be used: truncated, damaged, no image at all, too small or too large.</summary>
    UnreadableImage,

    /// <summary>An image whose file holds a later page that is larger than the first, which is used.</summary>
    LargerPage,

    /// <summary>Images with too few pixels for near duplicates to be found.</summary>
    TooSmallToCompare,

    /// <summary>Identical images on one side (labelled, or test).</summary>
    ExactDuplicate,

    /// <summary>Identical images with different grades.</summary>
    Conflict,

    /// <summary>Labelled images identical to test images.</summary>
    TestLeak,

    /// <summary>Test images that train with grades which a model gave.</summary>
    PseudoGradedTest,

    /// <summary>Images graded by a model that a person has graded too: the person's grade counts.</summary>
    PseudoGradedAgain,

    /// <summary>Two images that show the same picture with different bytes; their grades agree, or one has none.</summary>
    NearDuplicate,

    /// <summary>The same picture with different bytes and different grades: a wrong grade, or two photographs of one eye. Reported, not set aside.</summary>
    NearDuplicateOtherGrade,

    /// <summary>A labelled image that shows the same picture as a test image.</summary>
    NearDuplicateTestLeak,

    /// <summary>An image of a validation source that is in a training source too.</summary>
    ValidationOverlap,

    /// <summary>Images left out of training because validation holds the same image, a near duplicate or the same group.</summary>
    LeftOutOfTraining,

    /// <summary>
    /// Images whose ids differ only by eye, side or shot on two sides of a split, in a source without a group.
    /// </summary>
    PairsApart,

    /// <summary>Folds far from their share of the images, because of large groups.</summary>
    UnevenFolds,

    /// <summary>A grade of the scale that training or validation has no image of.</summary>
    GradeAbsent,

    /// <summary>A source is to be sampled and has too few images of a grade.</summary>
    SampleFallsShort,
}
