using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Audit;

/// <summary>What an audit found, and the images that remain to work with: readable, hashed, conflicts settled by the policy.</summary>
public sealed record AuditReport
{
    /// <summary>The experiment's scale.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>What became of conflicts.</summary>
    public required ConflictPolicy Policy { get; init; }

    /// <summary>Number of images that the sources and the test set name, usable or not.</summary>
    public required int Images { get; init; }

    /// <summary>Usable images of the main sources, to be split.</summary>
    public required ImmutableArray<ImageRecord> Main { get; init; }

    /// <summary>Usable images of external sources.</summary>
    public required ImmutableArray<ImageRecord> External { get; init; }

    /// <summary>Usable images of pseudo-graded sources.</summary>
    public required ImmutableArray<ImageRecord> Pseudo { get; init; }

    /// <summary>Usable images of validation sources.</summary>
    public required ImmutableArray<ImageRecord> Validation { get; init; }

    /// <summary>Usable images of the test set; never touched by the conflict policy.</summary>
    public required ImmutableArray<ImageRecord> Test { get; init; }

    /// <summary>Missing, truncated, too small and too large images.</summary>
    public required ImmutableArray<UnreadableImage> Unreadable { get; init; }

    /// <summary>Groups of two or more identical images, within the labelled sources and within the test set.</summary>
    public required ImmutableArray<ImmutableArray<ImageKey>> ExactDuplicates { get; init; }

    /// <summary>Conflicts among the labelled sources.</summary>
    public required ImmutableArray<GradeConflict> Conflicts { get; init; }

    /// <summary>
    /// Labelled images identical to test images. Each image of either side is named at least once; of a group with n and m
    /// images n + m - 1 pairs are listed, not n times m.
    /// </summary>
    public required ImmutableArray<TestLeak> TestLeaks { get; init; }

    /// <summary>
    /// Images that show the same picture with different bytes, in order of their keys. Of identical images one stands for all on its side,
    /// of which there are three: training, validation, test.
    /// </summary>
    public required ImmutableArray<NearDuplicate> NearDuplicates { get; init; }

    /// <summary>Images of one picture, identical ones included, each a near duplicate of the group's representative.</summary>
    public required ImmutableArray<NearDuplicateGroup> NearDuplicateGroups { get; init; }

    /// <summary>Every image that can be read, with the grade that its source gives it, whatever the conflict policy made of it.</summary>
    public required ImmutableArray<ImageRecord> Readable { get; init; }

    /// <summary>Images set aside for a person's decision; in none of the usable sets.</summary>
    public required ImmutableArray<ImageKey> Quarantined { get; init; }

    /// <summary>For each source with grades, in the experiment's order: the number of images read of each grade, (K).</summary>
    public required ImmutableArray<(string Source, ImmutableArray<int> Counts)> ClassCounts { get; init; }

    /// <summary>Everything found, in the order rows, images, content, pictures.</summary>
    public required ImmutableArray<AuditFinding> Findings { get; init; }
}
