using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Reports;
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
        Assert.Contains("<h1>&lt;i&gt;title&lt;/i&gt;</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>x", page, StringComparison.Ordinal);
        Assert.Contains("<figcaption>&lt;b&gt;x: main, grade 1 mild</figcaption>", page, StringComparison.Ordinal);
        string[] order = ["One image, different grades", "Near duplicates, different grades", "Near duplicates, one in the test set", "Images of each grade", "Findings"];
        int[] places = [.. order.Select(o => page.IndexOf($"<h2>{o}</h2>", StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.All(report.Findings, f => Assert.Contains(System.Net.WebUtility.HtmlEncode(f.Message), page, StringComparison.Ordinal));
        // Nothing beside it is needed.
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sheet_holds_a_row_of_every_conflict_and_pair()
    {
        string file = Path.Combine(_world.Root, "audit.png");
        Assert.Equal(3, AuditSheet.Write(file, Report()));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.InRange(sheet.Width, 900, 1600);
        Assert.InRange(sheet.Height, 400, 2000);
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

    // Identical images of two grades, near ones of two grades, and one that is in the test set.
    private AuditReport Report()
    {
        Put("<b>x", 1, 1);
        Put("y", 1, 1);
        Put("p", 2, 1);
        Put("q", 2, 0.9);
        Put("l", 3, 1);
        Put("t", 3, 0.9);
        return Auditor.Run(
            ImageWorld.Experiment(_world.Csv("id,grade\n<b>x,1\ny,2\np,0\nq,3\nl,4\n"), _world.Csv("id\nt\n", "test", SourceRole.Test, grade: null)),
            ct: TestContext.Current.CancellationToken);

        void Put(string id, int number, double gain)
        {
            using NetVips.Image image = Scratch.Vips(Pictures.Brighter(Pictures.Retina(number), gain));
            _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
        }
    }
}
