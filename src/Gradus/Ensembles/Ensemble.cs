using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Thresholds;

namespace Gradus.Ensembles;

/// <summary>A checkpoint of an ensemble.</summary>
/// <param name="Path">Full path; in the file it is relative to the file.</param>
/// <param name="Sha256">Of the file's bytes, 64 lower-case hexadecimal digits.</param>
/// <param name="Run">Its run.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Fold">The fold that it was not trained on; null beside a validation source.</param>
/// <param name="Recipe">How it wants images prepared; for the reader's eye, the checkpoint's own is used.</param>
public sealed record EnsembleCheckpoint(string Path, string Sha256, string Run, int Epoch, int? Fold, Recipe Recipe);

/// <summary>A member: the checkpoints of all folds of one training, or a single one. On new images its score is the mean of theirs.</summary>
/// <param name="Name">Of its group of folds, or of its run.</param>
/// <param name="Checkpoints">At least one.</param>
public sealed record EnsembleMember(string Name, ImmutableArray<EnsembleCheckpoint> Checkpoints);

/// <summary>Several models that answer as one: the contents of ensemble.json.</summary>
public sealed record Ensemble
{
    /// <summary>The layout of this record.</summary>
    public int Format { get; init; } = ThisFormat;

    /// <summary>The grades.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>Which models.</summary>
    public required ImmutableArray<EnsembleMember> Members { get; init; }

    /// <summary>How their scores become one.</summary>
    public required Combination Combination { get; init; }

    /// <summary>Decoding of the combined score before tuning.</summary>
    public required DecodingRule DefaultRule { get; init; }

    /// <summary>Decoding at cut points fitted on the pooled out-of-fold scores.</summary>
    public required DecodingRule TunedRule { get; init; }

    /// <summary>What it is worth on out-of-fold images.</summary>
    public required OutOfFoldFigures OutOfFold { get; init; }

    /// <summary>What the tuned cut points do to the shares of the grades there; null in files of earlier versions.</summary>
    public ThresholdEffect? Effect { get; init; }

    /// <summary>How many out-of-fold images it was fitted on.</summary>
    public required int Images { get; init; }

    /// <summary>The Gradus that wrote it.</summary>
    public required string CodeVersion { get; init; }

    internal const int ThisFormat = 1;

    /// <summary>An ensemble from its members and what was fitted.</summary>
    /// <param name="scale">The grades.</param>
    /// <param name="members">In the order of the report's.</param>
    /// <param name="report">What was fitted.</param>
    public static Ensemble Create(GradeScale scale, IEnumerable<EnsembleMember> members, EnsembleReport report) => new()
    {
        Scale = scale,
        Members = [.. members],
        Combination = report.Combination,
        DefaultRule = new CutPoints(CutPointFit.Default(scale.Count)),
        TunedRule = report.Tuned,
        OutOfFold = report.Ensemble,
        Effect = report.Effect,
        Images = report.Images,
        CodeVersion = Gradus.CodeVersion.Current,
    };
}
