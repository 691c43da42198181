using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Duplicates;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Reports;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Duplicates;
using Gradus.Tests.Imaging;
using SkiaSharp;

namespace Gradus.Tests.Reports;

public sealed class AuditPageTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_page_shows_conflicts_and_pairs_and_escapes_what_people_wrote()
    {
        AuditReport report = Report();
        string file = Path.Combine(_world.Root, "audit.html");
        AuditPage.Write(file, "<i>title</i>", report);
        string page = File.ReadAllText(file);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("src=\"data:image/jpeg;base64,").Length - 1);
        Assert.Contains("<h1>Audit of &lt;i&gt;title&lt;/i&gt;</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>x", page, StringComparison.Ordinal);
        Assert.Contains("<figcaption>main/&lt;b&gt;x<br>grade 1 mild</figcaption>", page, StringComparison.Ordinal);
        string[] order = ["One image, different grades: 1 group", "Near duplicates, different grades: 1 group", "Near duplicates across test set and labels: 1 group", "Images of each grade", "Findings"];
        int[] places = [.. order.Select(o => page.IndexOf($"<h2>{o}</h2>", StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.All(report.Findings, f => Assert.Contains(System.Net.WebUtility.HtmlEncode(f.Message), page, StringComparison.Ordinal));
        // Nothing beside it is needed.
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sheet_holds_every_conflict_and_group()
    {
        string file = Path.Combine(_world.Root, "audit.png");
        Assert.Equal(3, AuditSheet.Write(file, Report()));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.InRange(sheet.Width, 900, 1600);
        Assert.InRange(sheet.Height, 250, 1000);
    }

    [Fact]
    public void Copies_of_one_picture_are_one_group_and_the_page_calls_a_mirrored_one_what_the_findings_call_it()
    {
        Picture("a", Pictures.Retina(5));
        Picture("b", Pictures.Brighter(Pictures.Retina(5), 0.9));
        Picture("c", Pictures.Brighter(Pictures.Retina(5), 0.8));
        Picture("d", Pictures.Turned(Pictures.Retina(5), Orientation.Mirrored));
        AuditReport report = Auditor.Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\nb,1\nc,1\nd,1\n")), ct: TestContext.Current.CancellationToken);
        Assert.Equal(6, report.NearDuplicates.Length);
        AuditSection section = Assert.Single(AuditSection.Of(new AuditGroups(report).All()));
        Assert.Equal("Near duplicates: 1 group", section.Heading);
        AuditGroup group = Assert.Single(section.Drawn);
        Assert.Equal(4, group.Figures.Length);
        Assert.Equal("representative", group.Figures[0].Lines[2]);
        bool isMirrored = group.Figures[0].Image.Id.Value == "d";
        Assert.Equal(isMirrored ? 3 : 1, group.Figures.Count(f => f.Lines is [.., "mirrored"]));
        Assert.Contains(report.Findings, f => f.Message.Contains("mirrored", StringComparison.Ordinal));
    }

    [Fact]
    public void Identical_images_and_test_leaks_are_pictured_once_with_all_their_names()
    {
        Picture("a", Pictures.Retina(1));
        Picture("b", Pictures.Retina(1));
        Picture("l", Pictures.Retina(2));
        Picture("t", Pictures.Retina(2));
        AuditReport report = Auditor.Run(
            ImageWorld.Experiment(_world.Csv("id,grade\na,1\nb,1\nl,4\n"), _world.Csv("id\nt\n", "test", SourceRole.Test, grade: null)), ct: TestContext.Current.CancellationToken);
        ImmutableArray<AuditSection> sections = AuditSection.Of(new AuditGroups(report).All());
        Assert.Equal(["Test images among the labels: 1 group", "Identical images: 1 group"], sections.Select(s => s.Heading));
        Assert.Equal(["main/l", "grade 4 proliferative", "test/t", "no grade"], Assert.Single(sections[0].Drawn.Single().Figures).Lines);
        Assert.Equal(["main/a", "grade 1 mild", "main/b", "grade 1 mild"], Assert.Single(sections[1].Drawn.Single().Figures).Lines);
    }

    [Fact]
    public void Of_many_groups_some_of_every_kind_are_drawn_and_the_others_counted()
    {
        ImmutableArray<AuditGroup> groups = [.. Enumerable.Repeat("frequent", 500).Concat(Enumerable.Repeat("rare", 3)).Select(title => new AuditGroup(title, [], null))];
        ImmutableArray<AuditSection> sections = AuditSection.Of(groups);
        Assert.Equal(["frequent: 500 groups", "rare: 3 groups"], sections.Select(s => s.Heading));
        Assert.Equal([AuditSection.MostGroups - 3, 3], sections.Select(s => s.Drawn.Length));
        Assert.Equal(["… and 443 more groups; --lists has them all.", null], sections.Select(s => s.Rest));
    }

    [Fact]
    public void Images_left_out_are_counted_whatever_the_policy_calls_it_and_what_a_source_lacks_is_said()
    {
        Experiment experiment = Faulty() with { Conflicts = ConflictPolicy.Drop, Split = new SplitSpec(2, 0) };
        experiment = experiment with { Sources = [experiment.Sources[0], ExternalSource() with { Take = 3 }] };
        AuditReport report = Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);
        string file = Path.Combine(_world.Root, "audit.html");
        AuditPage.Write(file, "drop", report, DataPartition.Create(experiment, report));
        string page = File.ReadAllText(file);
        Assert.Empty(report.Quarantined);
        Assert.Contains("<b>2</b>\n<span>images left out in all</span>\n<small>2 dropped (conflicts: drop)</small>", page, StringComparison.Ordinal);
        Assert.Contains("<small>0 identical, 1 nearly</small>", page, StringComparison.Ordinal);
        Assert.Contains("<h2>Of &#39;other&#39;: 1 images taken, 3 asked for, at random</h2>", page, StringComparison.Ordinal);
        Assert.Contains("was to give 3 images and has 1", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_audit_without_findings_gives_a_page_and_a_sheet_as_well()
    {
        _world.Image("a.png", 1);
        AuditReport report = Auditor.Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\n")), ct: TestContext.Current.CancellationToken);
        AuditPage.Write(Path.Combine(_world.Root, "audit.html"), "none", report);
        Assert.Contains("Nothing was found.", File.ReadAllText(Path.Combine(_world.Root, "audit.html")), StringComparison.Ordinal);
        Assert.Equal(0, AuditSheet.Write(Path.Combine(_world.Root, "audit.png"), report));
    }

    [Theory]
    [InlineData(900, 300, 100, 100, 33)]
    [InlineData(300, 900, 100, 33, 100)]
    [InlineData(60, 40, 100, 60, 40)]
    public void A_thumbnail_fits_its_square_and_is_never_enlarged(int width, int height, int side, int thumbWidth, int thumbHeight)
    {
        using var scratch = new Scratch();
        RgbImage picture = Scratch.Fundus(width, height), thumbnail = Thumbnail.Of(scratch.Put("picture.png", picture), side);
        Assert.Equal((thumbWidth, thumbHeight), (thumbnail.Width, thumbnail.Height));
        if (thumbWidth == width)
            Assert.Equal(picture.Pixels, thumbnail.Pixels);
        else
            Assert.Equal(picture.Pixels.Average(p => p), thumbnail.Pixels.Average(p => p), 1.5);
    }

    private AuditReport Report() => Auditor.Run(Faulty(), ct: TestContext.Current.CancellationToken);

    // Identical images of two grades, near ones of two grades, and one that is in the test set.
    private Experiment Faulty()
    {
        Put("<b>x", 1, 1);
        Put("y", 1, 1);
        Put("p", 2, 1);
        Put("q", 2, 0.9);
        Put("l", 3, 1);
        Put("t", 3, 0.9);
        return ImageWorld.Experiment(_world.Csv("id,grade\n<b>x,1\ny,2\np,0\nq,3\nl,4\n"), _world.Csv("id\nt\n", "test", SourceRole.Test, grade: null));

        void Put(string id, int number, double gain) => Picture(id, Pictures.Brighter(Pictures.Retina(number), gain));
    }

    private CsvSource ExternalSource()
    {
        Picture("o", Pictures.Retina(9));
        return _world.Csv("id,grade\no,1\n", "other", SourceRole.External);
    }

    private void Picture(string id, RgbImage picture)
    {
        using NetVips.Image image = Scratch.Vips(picture);
        _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
    }
}
