using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Explanations;
using Gradus.Mistakes;
using Gradus.Runs;

namespace Gradus.Dashboard.Live;

/// <summary>A validation image and what the run said of it.</summary>
/// <param name="Judgement">The answer.</param>
/// <param name="IsCandidate">Whether the run was confident and wrong: the label may be the error.</param>
public sealed record GalleryImage(Judgement Judgement, bool IsCandidate)
{
    /// <summary>Which image.</summary>
    public ImageKey Key { get; } = ImageKey.Of(Judgement.Image);

    /// <summary>Whether the predicted grade is another than the person's.</summary>
    public bool IsWrong => Judgement.Predicted != Judgement.Grade;
}

/// <summary>The validation images of a run after an epoch, the most wrong first, from the scores that the run kept.</summary>
internal static class GalleryReader
{
    /// <summary>The epochs whose scores were kept.</summary>
    public static ImmutableArray<EpochRecord> Epochs(RunFolder folder, ImmutableArray<EpochRecord> records) => [.. records.Where(r => File.Exists(folder.ValidationScores(r.Epoch)))];

    /// <summary>The images.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="record">The epoch.</param>
    /// <param name="tuned">Whether the grades are those at the epoch's tuned thresholds, or at default ones.</param>
    /// <exception cref="GradusException">The scores are damaged.</exception>
    public static ImmutableArray<GalleryImage> Read(RunFolder folder, Experiment experiment, EpochRecord record, bool tuned)
    {
        ImmutableArray<Judgement> judgements = KeptJudgements.Read(folder, experiment, record.Epoch, tuned ? record.Thresholds : experiment.Target.DefaultRule(experiment.Scale));
        Dictionary<ImageKey, Judgement> known = judgements.ToDictionary(j => ImageKey.Of(j.Image));
        return [.. MistakeRanking.Rank(judgements).Select(m => new GalleryImage(known[ImageKey.Of(m.Image)], m.IsCandidate))];
    }

    /// <summary>The heat maps that <c>gradus explain RUN --mistakes</c> drew; null where it has not.</summary>
    /// <exception cref="GradusException">The list is damaged.</exception>
    public static ExplainedImages? Explained(RunFolder folder) => ExplainedImages.Read(Path.Combine(folder.Root, ExplainedImages.FolderName));

    /// <summary>When the heat maps were drawn; changes as soon as they are drawn again.</summary>
    public static DateTime ExplainedAt(RunFolder folder) => File.GetLastWriteTimeUtc(Path.Combine(folder.Root, ExplainedImages.FolderName, ExplainedImages.FileName));
}
