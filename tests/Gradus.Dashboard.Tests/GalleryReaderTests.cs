using System.Collections.Immutable;
using Gradus.Dashboard.Live;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Mistakes;
using Gradus.Predictions;
using Gradus.Runs;

namespace Gradus.Dashboard.Tests;

/// <summary>What a run said of its images, and the heat maps beside it, from its files alone.</summary>
public sealed class GalleryReaderTests
{
    [Fact]
    public async Task Judgements_are_those_of_the_kept_scores_at_the_rule_that_is_given()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        Experiment experiment = run.Folder.ReadInfo().Experiment;
        ScoredImages kept = ScoreFile.Read(run.Folder.ValidationScores(run.Epoch));
        DecodingRule rule = experiment.Target.DefaultRule(experiment.Scale);
        ImmutableArray<Judgement> judged = KeptJudgements.Read(run.Folder, experiment, run.Epoch, rule);
        Assert.Equal(kept.Ids, judged.Select(j => j.Image.Id));
        Assert.Equal(kept.Grades, judged.Select(j => (int?)j.Grade));
        Assert.Equal(rule.Grades(kept.Scores), judged.Select(j => j.Predicted));
        Assert.All(judged, j => Assert.Equal(1, j.Probabilities.Sum(), 6));
        Assert.All(judged, j => Assert.Equal("synthetic", j.Image.Source));
    }

    [Fact]
    public async Task An_image_without_a_grade_is_not_judged_and_scores_of_another_scale_are_refused()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        Experiment experiment = run.Folder.ReadInfo().Experiment;
        DecodingRule rule = experiment.Target.DefaultRule(experiment.Scale);
        string file = run.Folder.ValidationScores(run.Epoch);
        ScoredImages kept = ScoreFile.Read(file);
        ScoreFile.Write(file, new ScoredImages(kept.Ids, kept.Hashes, [null, .. kept.Grades.Skip(1)], kept.Scores));
        Assert.Equal(kept.Ids.Skip(1), KeptJudgements.Read(run.Folder, experiment, run.Epoch, rule).Select(j => j.Image.Id));
        ScoreFile.Write(file, new ScoredImages(kept.Ids, kept.Hashes, [9, .. kept.Grades.Skip(1)], kept.Scores));
        Assert.Contains("does not fit", Assert.Throws<GradusException>(() => KeptJudgements.Read(run.Folder, experiment, run.Epoch, rule)).Message, StringComparison.Ordinal);
        File.Delete(file);
        Assert.Throws<GradusException>(() => KeptJudgements.Read(run.Folder, experiment, run.Epoch, rule));
    }

    [Fact]
    public async Task The_gallery_has_every_image_once_the_most_wrong_first_of_epochs_with_scores()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        RunInfo info = run.Folder.ReadInfo();
        ImmutableArray<EpochRecord> records = [.. run.Folder.Metrics.Read()];
        File.Delete(run.Folder.ValidationScores(2));
        Assert.Equal(records.Select(r => r.Epoch).Except([2]), GalleryReader.Epochs(run.Folder, records).Select(r => r.Epoch));
        foreach (bool tuned in (bool[])[true, false])
        {
            ImmutableArray<GalleryImage> images = GalleryReader.Read(run.Folder, info.Experiment, records[run.Epoch - 1], tuned);
            Assert.Equal(run.Validation.Select(r => r.Id).Order(), images.Select(i => i.Key.Id).Order());
            Assert.Equal(images.Select(i => i.Judgement.Error).OrderDescending(), images.Select(i => i.Judgement.Error));
            Assert.All(images, i => Assert.Equal(i.Judgement.Predicted != i.Judgement.Grade, i.IsWrong));
            Assert.All(images.Where(i => i.IsCandidate), i => Assert.True(i.IsWrong));
        }
    }

    [Fact]
    public async Task Heat_maps_are_found_with_their_images_and_a_new_list_is_noticed()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        Assert.Null(GalleryReader.Explained(run.Folder));
        DateTime before = GalleryReader.ExplainedAt(run.Folder);
        ImageId[] ids = [.. run.Validation.Take(2).Select(r => r.Id)];
        run.Explain(ids);
        ExplainedImages found = GalleryReader.Explained(run.Folder)!;
        Assert.Equal(ids, found.Images.Select(i => i.Id));
        Assert.Equal(("gradcam", "score", run.Epoch), (found.Method, found.Of, found.Epoch));
        Assert.All(found.Images, i => Assert.True(File.Exists(Path.Combine(run.Folder.Root, ExplainedImages.FolderName, i.File))));
        Assert.NotEqual(before, GalleryReader.ExplainedAt(run.Folder));
    }

    [Theory]
    [InlineData("{ half")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"method":"gradcam","of":"score","epoch":1,"images":[{"id":"a","source":"s","file":"../../etc/passwd"}]}""")]
    [InlineData("""{"method":"gradcam","of":"score","epoch":1,"images":[{"id":"a","source":"s","file":"a\\b.png"}]}""")]
    [InlineData("""{"method":"gradcam","of":"score","epoch":1,"images":[{"id":"a","source":"s","file":".hidden"}]}""")]
    [InlineData("""{"method":"gradcam","of":"score","epoch":1,"images":[{"id":"a","source":"s","file":""}]}""")]
    public void A_list_of_heat_maps_that_is_damaged_or_leads_elsewhere_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(Path.Combine(folder.Path, ExplainedImages.FileName), text);
        GradusException e = Assert.Throws<GradusException>(() => ExplainedImages.Read(folder.Path));
        Assert.Contains("gradus explain", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_heat_maps_survives_being_written()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(ExplainedImages.Read(folder.Path));
        var written = new ExplainedImages("gradcam++", "grade", 7, [new ExplainedImage(new ImageId("ü \"1\""), "main", "001.png")]);
        written.Write(folder.Path);
        ExplainedImages read = ExplainedImages.Read(folder.Path)!;
        Assert.Equal(written with { Images = [] }, read with { Images = [] });
        Assert.Equal(written.Images, read.Images);
    }
}
