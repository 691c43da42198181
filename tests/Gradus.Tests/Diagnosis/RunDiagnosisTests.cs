using CsCheck;
using Gradus.Datasets;
using Gradus.Diagnosis;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Runs;

namespace Gradus.Tests.Diagnosis;

public sealed class RunDiagnosisTests
{
    [Fact]
    public void Ledger_10_thresholds_that_jump_are_named_and_the_scores_are_not()
    {
        using var planted = new PlantedRun(threshold: epoch => epoch % 2 == 0 ? 0.25 : 0.75);
        RunDiagnosis diagnosis = planted.Diagnose();
        Finding finding = Assert.Single(diagnosis.Findings, f => f.Kind == DiagnosisKind.ThresholdEffect);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("0.250", finding.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(diagnosis.Findings, f => f.Kind is DiagnosisKind.Leak or DiagnosisKind.ScoreEffect);
    }

    [Fact]
    public void Validation_that_beats_training_epoch_after_epoch_is_named_a_leak()
    {
        using var planted = new PlantedRun(trainError: 0.9, validationError: 0.3, validationLoss: epoch => 0.2 - 0.008 * epoch);
        RunDiagnosis diagnosis = planted.Diagnose();
        Assert.Equal(Severity.Warning, Assert.Single(diagnosis.Findings, f => f.Kind == DiagnosisKind.Leak).Severity);
        Assert.DoesNotContain(diagnosis.Findings, f => f.Kind == DiagnosisKind.ThresholdEffect);
    }

    [Fact]
    public void Validation_images_that_were_trained_on_are_named()
    {
        using var planted = new PlantedRun(epochs: 4);
        Finding leak = Assert.Single(planted.Diagnose(hash => hash == PlantedRun.Hash(7) || hash == PlantedRun.Hash(21)).Findings, f => f.Kind == DiagnosisKind.Leak);
        Assert.Equal(Severity.Error, leak.Severity);
        Assert.Contains("v7, v21", leak.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clean_run_has_neither()
    {
        using var planted = new PlantedRun();
        Assert.DoesNotContain(planted.Diagnose().Findings, f => f.Kind is DiagnosisKind.ThresholdEffect or DiagnosisKind.Leak or DiagnosisKind.Overfitting or DiagnosisKind.ScoreEffect);
    }

    [Fact]
    public void Scores_that_jump_are_named_and_the_thresholds_are_not()
    {
        using var planted = new PlantedRun(wobble: 1.2, threshold: _ => 0.5, epochs: 8);
        // Noise alone keeps the counts; a swing up and down does not.
        foreach (EpochRecord record in planted.Run.Metrics.Read().Where(r => r.Epoch % 2 == 0))
        {
            ScoredImages images = ScoreFile.Read(planted.Run.ValidationScores(record.Epoch));
            var raised = new GradedScores(images.Scores.Rows, 4, [.. images.Scores.Outputs.Select(o => MathF.Min(1, o * 2.5f))], images.Scores.Score, null);
            ScoreFile.Write(planted.Run.ValidationScores(record.Epoch), images with { Scores = raised });
        }
        RunDiagnosis diagnosis = planted.Diagnose();
        Assert.Contains(diagnosis.Findings, f => f.Kind == DiagnosisKind.ScoreEffect);
        Assert.DoesNotContain(diagnosis.Findings, f => f.Kind == DiagnosisKind.ThresholdEffect);
    }

    [Fact]
    public void A_validation_loss_that_rises_while_training_goes_on_is_named()
    {
        using var planted = new PlantedRun(validationLoss: epoch => 0.3 + 0.01 * Math.Abs(epoch - 5));
        Finding finding = Assert.Single(planted.Diagnose().Findings, f => f.Kind == DiagnosisKind.Overfitting);
        Assert.Contains("after epoch 5", finding.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_two_effects_add_up_to_the_change() => Gen.Select(Gen.Double[0.05, 0.95], Gen.Double[0.05, 0.95], Gen.Float[0, 1].Array[40], Gen.Float[0, 1].Array[40]).Sample((a, b, before, after) =>
    {
        CountChange change = CountChange.Between(DiagnosedSet.Test, new GradeScale(["a", "b", "c"]), Rule(0.5), (1, Images(before), Rule(a)), (2, Images(after), Rule(b)));
        for (int k = 0; k < 3; k++)
            Assert.Equal(change.After[k] - change.Before[k], change.ScoreEffect[k] + change.ThresholdEffect[k]);
        if (a == b)
            Assert.All(change.ThresholdEffect, e => Assert.Equal(0, e));

        static DecodingRule Rule(double threshold) => new LeadingOnes([threshold, threshold]);
        static ScoredImages Images(float[] outputs) => new(
            [.. Enumerable.Range(0, 20).Select(i => new ImageId($"{i}"))], [.. Enumerable.Range(0, 20).Select(PlantedRun.Hash)], [.. new int?[20]], new GradedScores(20, 2, outputs, new double[20], null));
    });

    [Fact]
    public void A_run_without_scores_is_diagnosed_as_far_as_it_goes()
    {
        using var planted = new PlantedRun(epochs: 5);
        Directory.Delete(Path.GetDirectoryName(planted.Run.ValidationScores(1))!, recursive: true);
        RunDiagnosis diagnosis = planted.Diagnose();
        Assert.Empty(diagnosis.Changes);
        Assert.Contains(diagnosis.CannotTell, m => m.Contains("kept no validation scores", StringComparison.Ordinal));
        Assert.Single(diagnosis.Findings, f => f.Kind == DiagnosisKind.Noise);
    }

    [Theory]
    [InlineData("", "header")]
    [InlineData("id,hash,grade,score,o0,o1,o2,o3\n", "no rows")]
    [InlineData("id,grade\na,1\n", "no file of scores")]
    [InlineData("id,hash,grade,score,o0,o1,o2,o3\na,{0},1,NaN,0.5,0.5,0.5,0.5\n", "'NaN'")]
    [InlineData("id,hash,grade,score,o0,o1,o2,o3\na,{0},1,1.5,0.5,x,0.5,0.5\n", "'o1' holds no number")]
    [InlineData("id,hash,grade,score,o0,o1,o2,o3\na,12,1,1.5,0.5,0.5,0.5,0.5\n", "64 hexadecimal")]
    [InlineData("id,hash,grade,score,o0\na,{0},1,1.5,0.5\n", "1 outputs")]
    [InlineData("id,hash,grade,score,o0,o1,o2,o3\na,{0},7,1.5,0.5,0.5,0.5,0.5\n", "scale of 5")]
    public void A_file_of_scores_that_cannot_be_used_is_refused_by_its_name(string text, string words)
    {
        using var planted = new PlantedRun(epochs: 2);
        AtomicFile.WriteText(planted.Run.ValidationScores(2), text.Replace("{0}", PlantedRun.Hash(1).Hex, StringComparison.Ordinal));
        GradusException error = Assert.Throws<GradusException>(() => planted.Diagnose());
        Assert.Contains("epoch-002.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_page_and_the_counts_of_each_rule_of_selection_are_written()
    {
        using var planted = new PlantedRun(threshold: epoch => epoch % 3 == 0 ? 0.3 : 0.55 + 0.01 * epoch);
        foreach (int epoch in Enumerable.Range(1, 12))
            ScoreFile.Write(DiagnosisInput.ScoresOf(planted.Run.SweepFolder, epoch), ScoreFile.Read(planted.Run.ValidationScores(epoch)));
        RunDiagnosis diagnosis = planted.Diagnose();
        Assert.Equal(DiagnosisPlots.Names, DiagnosisPlots.Write(planted.Run, diagnosis));
        Assert.All(diagnosis.Choices, c => Assert.Equal(600, c.TestCounts!.Value.Sum()));
        string page = Path.Combine(planted.Run.Root, "diagnosis.html");
        DiagnosisPage.Write(page, planted.Run, diagnosis);
        string html = File.ReadAllText(page);
        Assert.Contains("thresholds jump", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", html);
        Assert.Contains("swept: moderate", File.ReadAllText(RunReport.Write(planted.Run)), StringComparison.Ordinal);
        var items = Enumerable.Range(1, 12).Select(e => new SweepItem($"epoch-{e:000}", e, diagnosis.Input.Test[e], new OrdinalTarget().DefaultRule(diagnosis.Input.Info.Experiment.Scale), diagnosis.Input.Records[e - 1].Thresholds, null)).ToList();
        SweepTable table = SweepTable.Of(diagnosis.Input.Info.Experiment.Scale, items);
        Assert.Null(table.Rows[0].Agreement.Tuned);
        Assert.InRange(table.Rows[1].Agreement.Default!.Value, 0.9, 1);
        Assert.True(table.Rows[2].Agreement.Tuned < table.Rows[2].Agreement.Default);
        SweepChart.Write(Path.Combine(planted.Run.PlotsFolder, "sweep.png"), table);
        if (Environment.GetEnvironmentVariable("GRADUS_KEEP_PICTURES") is { Length: > 0 } keep)
        {
            foreach (string file in Directory.GetFiles(planted.Run.PlotsFolder).Append(page))
                File.Copy(file, Path.Combine(keep, Path.GetFileName(file)), overwrite: true);
        }
    }
}
