using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Reports;
using Gradus.Shift;
using Gradus.Tests.Datasets;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Shift;

/// <summary>Row 22: the test set was distributed otherwise, and thresholds tuned on validation failed on it.</summary>
public sealed class LedgerRow22_the_test_set_was_distributed_otherwise : IDisposable
{
    private const int Images = 60;
    private static readonly double[] Before = [0.4, 0.2, 0.2, 0.1, 0.1], After = [0.1, 0.2, 0.2, 0.3, 0.2];
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Other_shares_of_the_grades_alone_are_estimated_and_trusted()
    {
        ShiftReport report = Report(gain: 1);
        Assert.False(report.ImagesDrifted);
        Assert.True(report.Labels!.IsShifted);
        Assert.True(report.Labels.Em.Trusted && report.Labels.Bbse.Trusted, report.Labels.Em.Reason);
        Assert.Contains(report.Verdicts, v => v.Kind == ShiftVerdictKind.LabelShift && v.Message.Contains("severe", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_that_drifted_are_named_and_withdraw_the_trust_in_every_estimate()
    {
        ShiftReport report = Report(gain: 0.6);
        Assert.Contains(report.DriftedAppearance, p => p.Property.Name == "brightness");
        foreach (ShiftEstimate estimate in (ShiftEstimate[])[report.Labels!.Bbse, report.Labels.Em])
        {
            Assert.False(estimate.Trusted);
            Assert.Contains("do not look like the test images", estimate.Reason, StringComparison.Ordinal);
        }
        Assert.Contains(report.Verdicts, v => v.Kind == ShiftVerdictKind.ImageDrift && v.Message.Contains("do not trust", StringComparison.Ordinal));
        Assert.Contains(report.Verdicts, v => v.Kind == ShiftVerdictKind.Thresholds && v.Message.Contains("do not use", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Verdicts, v => v.Kind == ShiftVerdictKind.LabelShift);
    }

    [Fact]
    public void The_page_stands_alone_and_escapes_what_people_wrote()
    {
        string file = Path.Combine(_world.Root, "shift.html");
        ShiftReport report = Report(gain: 0.6) with { Checkpoint = "<b>run</b>" };
        ShiftPage.Write(file, "<i>title</i>", report);
        string page = File.ReadAllText(file);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Shift of &lt;i&gt;title&lt;/i&gt;</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>run", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.Equal(1 + ImageProperty.All.Length, page.Split("class=\"chart\"").Length - 1); // estimates and each property; a single source is no comparison
        Assert.DoesNotContain("L1 to the first source", page, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/jpeg;base64,", page, StringComparison.Ordinal);
        Assert.All(report.Verdicts, v => Assert.Contains(System.Net.WebUtility.HtmlEncode(v.Message), page, StringComparison.Ordinal));
    }

    [Fact]
    public void An_estimate_that_is_rejected_weighs_nothing_and_its_reason_is_given_once()
    {
        ShiftReport report = Report(gain: 0.6);
        Assert.Null(report.Adversarial!.SameGrades);
        Assert.All(report.Properties, p => Assert.Null(p.SameGrades));
        Assert.Single(report.Verdicts, v => v.Message.Contains("do not look like the test images", StringComparison.Ordinal));
        Assert.DoesNotContain("corrected", ShiftTable.Of(report).Single(t => t.Title == ShiftTable.CountsTitle).Columns);
        string drift = report.Verdicts.Single(v => v.Kind == ShiftVerdictKind.ImageDrift).Message;
        int[] order = [.. ((string[])["brightness (KS ", "a classifier tells the sets apart", "So the images drifted"]).Select(part => drift.IndexOf(part, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public void A_classifier_that_guesses_shows_no_images_and_an_auc_below_a_half_is_explained()
    {
        string file = Path.Combine(_world.Root, "shift.html");
        ShiftReport report = Report(gain: 1);
        report = report with { Adversarial = report.Adversarial! with { All = new AucInterval(0.43, 0.34, 0.51), SameGrades = null } };
        ShiftPage.Write(file, "alike", report);
        string page = File.ReadAllText(file);
        Assert.DoesNotContain("data:image", page, StringComparison.Ordinal);
        Assert.Contains("no better than guessing (AUC 0.43 [0.34, 0.51])", page, StringComparison.Ordinal);
        Assert.Contains("Below 0.5 is no better than guessing", report.Verdicts[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.86, 4, 0.5)]
    [InlineData(1, 5, 0.2)]
    [InlineData(1830, 5, 500)]
    [InlineData(0.03, 5, 0.01)]
    public void Ticks_stand_at_round_numbers(double span, int parts, double step) => Assert.Equal(step, ShiftSvg.Step(span, parts), 1e-9);

    [Fact]
    public void A_property_of_few_values_is_drawn_as_bars_and_of_many_as_lines()
    {
        HtmlText few = new(), many = new();
        ShiftSvg.Distributions(few, "width", ("labelled", [640, 640, 1024]), ("external", []), ("test", [1024]));
        ShiftSvg.Distributions(many, "brightness", ("labelled", [.. Enumerable.Range(0, 50).Select(i => i / 50.0)]), ("external", []), ("test", [0.3]));
        Assert.Contains(">640</text>", few.Document(""), StringComparison.Ordinal);
        Assert.DoesNotContain("<polyline", few.Document(""), StringComparison.Ordinal);
        Assert.Contains("<polyline", many.Document(""), StringComparison.Ordinal);
        Assert.DoesNotContain("external", few.Document("") + many.Document(""), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_checkpoint_nothing_is_said_about_the_grades()
    {
        (Experiment experiment, AuditReport audit) = World(1);
        ShiftReport report = ShiftReport.Create(experiment, audit, null, null, ct: TestContext.Current.CancellationToken);
        Assert.Null(report.Labels);
        Assert.Contains(report.Verdicts, v => v.Kind == ShiftVerdictKind.LabelShiftUnknown);
        Assert.Contains("without a network", report.Adversarial!.Features, StringComparison.Ordinal);
    }

    // The pictures say nothing about the grades; the simulated network knows them from elsewhere.
    private ShiftReport Report(double gain)
    {
        (Experiment experiment, AuditReport audit) = World(gain);
        int[] truth = SimulatedNetwork.Grades(600, Before);
        var checkpoint = new CheckpointScores
        {
            Name = "simulated",
            Target = new ClassTarget(),
            DefaultRule = new MostProbable(),
            TunedRule = new MostProbable(),
            ValidationImages = [.. truth.Select((grade, i) => new ImageRecord(new ImageId($"v{i}"), grade, null, "main", new FileLocation("none")))],
            Validation = SimulatedNetwork.Look(truth, Before, 1),
            Test = SimulatedNetwork.Look(SimulatedNetwork.Grades(600, After), Before, 2),
        };
        return ShiftReport.Create(experiment, audit, checkpoint, null, ct: TestContext.Current.CancellationToken);
    }

    private (Experiment Experiment, AuditReport Audit) World(double gain)
    {
        int[] known = SimulatedNetwork.Grades(Images, Before), hidden = SimulatedNetwork.Grades(Images, After);
        string main = "id,grade\n", test = "id\n";
        for (int i = 0; i < Images; i++)
        {
            main += $"a{i},{known[i]}\n";
            test += $"b{i}\n";
            Put($"a{i}", i, 1);
            Put($"b{i}", i + Images, gain);
        }
        Experiment experiment = ImageWorld.Experiment(_world.Csv(main), _world.Csv(test, "test", SourceRole.Test, grade: null));
        return (experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken));
    }

    private void Put(string id, int seed, double gain)
    {
        Random random = RandomStream.Create(seed, "picture");
        double exposure = gain * (0.8 + 0.3 * random.NextDouble());
        RgbImage picture = Scratch.Fundus(72, 60, random.Next(1000));
        using NetVips.Image image = Scratch.Vips(new RgbImage(picture.Width, picture.Height, [.. picture.Pixels.Select(v => (byte)Math.Clamp(exposure * v, 0, 255))]));
        _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
    }
}
