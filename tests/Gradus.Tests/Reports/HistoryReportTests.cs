using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Runs.Notes;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Reports;

public sealed class HistoryReportTests : IDisposable
{
    private const string HostileName = "\"><script>";
    private const string HostileRemark = "=HYPERLINK(\"http://example.org\",\"click\")";
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void No_text_becomes_a_formula_in_the_workbook()
    {
        Add("a", name: HostileName, remark: HostileRemark);
        Add("b", info => info with { Failure = "@SUM(1)\u0001\r\n\uD800 _x0041_" }, name: "+1");
        foreach (XDocument sheet in Sheets(Xlsx()))
        {
            Assert.Empty(sheet.Descendants(Main + "f"));
            Assert.All(sheet.Descendants(Main + "c"), c => Assert.True((string?)c.Attribute("t") == "inlineStr" ? c.Element(Main + "is") is not null : IsNumber(c)));
        }
        XDocument runs = Sheets(Xlsx())[0];
        Assert.Contains(HostileName, Texts(runs));
        XElement[] quoted = [.. runs.Descendants(Main + "c").Where(c => c.Value == HostileRemark || c.Value == "+1" || c.Value.StartsWith("@SUM", StringComparison.Ordinal))];
        Assert.Equal(3, quoted.Length);
        Assert.All(quoted, c => Assert.Equal("2", (string?)c.Attribute("s")));
        Assert.Contains("@SUM(1) \uFFFD _x005F_x0041_", Texts(runs));
    }

    [Fact]
    public void Every_sheet_has_a_frozen_header_and_filters_over_its_whole_table()
    {
        for (int i = 0; i < 3; i++)
            Add($"run{i}");
        XDocument[] sheets = Sheets(Xlsx());
        Assert.Equal(3, sheets.Length);
        foreach ((XDocument sheet, int rows) in sheets.Zip([3, 6, 3]))
        {
            XElement pane = sheet.Descendants(Main + "pane").Single();
            Assert.Equal(("frozen", "1"), ((string?)pane.Attribute("state"), (string?)pane.Attribute("ySplit")));
            XElement head = sheet.Descendants(Main + "row").First();
            string last = ((string)head.Elements().Last().Attribute("r")!).TrimEnd('1');
            Assert.Equal($"A1:{last}{rows + 1}", (string?)sheet.Descendants(Main + "autoFilter").Single().Attribute("ref"));
        }
    }

    [Fact]
    public void Equal_runs_give_equal_bytes_and_the_file_is_known_again()
    {
        Add("a");
        string first = Xlsx("1.xlsx"), second = Xlsx("2.xlsx");
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.True(HistoryReport.IsOwnXlsx(first));
        string other = Path.Combine(_root.Path, "other.xlsx");
        using (ZipArchive zip = ZipFile.Open(other, ZipArchiveMode.Create))
            zip.CreateEntry("xl/workbook.xml");
        Assert.False(HistoryReport.IsOwnXlsx(other));
        AtomicFile.WriteText(other, "no zip");
        Assert.False(HistoryReport.IsOwnXlsx(other));
    }

    [Fact]
    public void A_text_that_begins_like_a_formula_has_an_apostrophe_in_csv_and_a_number_has_not()
    {
        Add("a", info => info with { Failure = "\t-2+3" }, name: HostileName, remark: HostileRemark, score: -0.25);
        Add("plain");
        string[][] lines = [.. Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Fields)];
        Assert.StartsWith(HistoryReport.CsvStart, Csv(), StringComparison.Ordinal);
        Assert.All(lines, l => Assert.Equal(lines[0].Length, l.Length));
        Assert.Equal(HostileName, Cell(lines, 1, "run"));
        Assert.Equal("'" + HostileRemark, Cell(lines, 1, "remark"));
        Assert.Equal("'-2+3", Cell(lines, 1, "failure"));
        Assert.Equal("-0.25", Cell(lines, 1, "public"));
    }

    [Fact]
    public void The_row_of_a_run_has_every_setting_and_its_figures_at_both_thresholds()
    {
        Add("a");
        Add("b", info => info with { Experiment = info.Experiment with { Train = info.Experiment.Train with { TopLr = 0.02 } } });
        string[][] lines = [.. Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Fields)];
        EpochRecord best = LoggedRun.Read(RunFolder.Open(Path.Combine(_root.Path, "runs", "a"))).Best!;
        foreach ((string setting, string value, _) in ExperimentDifference.Settings(SampleRun.Experiment()).Where(s => s.Value != ExperimentDifference.Absent))
            Assert.Equal(value, Cell(lines, 1, setting));
        Assert.Equal(best.Validation.Default.Qwk, double.Parse(Cell(lines, 1, "QWK, default"), CultureInfo.InvariantCulture));
        Assert.Equal(best.Validation.Tuned.Qwk, double.Parse(Cell(lines, 1, "QWK, tuned"), CultureInfo.InvariantCulture));
        Assert.Equal("296", Cell(lines, 1, "training: mild"));
        Assert.Equal("55.2", Cell(lines, 1, "images/s")[..4]);
        // What differs comes before what does not.
        Assert.True(Array.IndexOf(lines[0], "train.top_lr") < Array.IndexOf(lines[0], "model.backbone"));
    }

    [Fact]
    public void The_logbook_says_the_same_as_its_parent_but_and_newest_first()
    {
        Add("old");
        Add("young", info => info with
        {
            CreatedUtc = info.CreatedUtc.AddDays(1),
            Parent = new RunParent("old", 2, "/x", 0.02, null, 3),
            Experiment = info.Experiment with { Train = info.Experiment.Train with { TopLr = 0.02 } },
        }, remark: "a [link](http://example.org) <b>", score: 0.704);
        string md = Write("logbook.md", HistoryReport.WriteMarkdown);
        Assert.Contains("Continued from epoch 2 of old: the same as its parent, but train.top_lr 0.02 instead of 0.001.", md, StringComparison.Ordinal);
        Assert.True(md.IndexOf("## 2026-11-25", StringComparison.Ordinal) < md.IndexOf("## 2026-11-24", StringComparison.Ordinal));
        Assert.Contains("The first run with mobilenet_v2: ", md, StringComparison.Ordinal);
        Assert.Contains("3 of the validation images were among those that its parent learnt", md, StringComparison.Ordinal);
        Assert.Contains("Leaderboard: public 0.704.", md, StringComparison.Ordinal);
        Assert.Contains(@"a \[link\](http:\//example.org) &lt;b&gt;", md, StringComparison.Ordinal);
        Assert.Contains("at default and", md, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_parent_is_held_beside_the_run_before_with_its_backbone()
    {
        Add("first");
        Add("other", info => info with { CreatedUtc = info.CreatedUtc.AddHours(1), Experiment = info.Experiment with { Model = info.Experiment.Model with { Backbone = "resnet50" } } });
        Add("third", info => info with { CreatedUtc = info.CreatedUtc.AddHours(2) });
        string md = Write("logbook.md", HistoryReport.WriteMarkdown);
        Assert.Contains("Beside first, the run before with mobilenet_v2: the same as it in every setting.", md, StringComparison.Ordinal);
        Assert.Contains("The first run with resnet50: ", md, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_odd_is_said()
    {
        Add("failed", info => info with { Status = RunStatus.Failed, Failure = "no space left on the disk" }, epochs: 0);
        Add("diverged", change: r => r.Epoch == 2 ? r with { Train = r.Train with { Loss = null } } : r);
        string md = Write("logbook.md", HistoryReport.WriteMarkdown);
        Assert.Contains("it failed: no space left on the disk.", md, StringComparison.Ordinal);
        Assert.Contains("No epoch ended, so there is no result.", md, StringComparison.Ordinal);
        Assert.Contains("it diverged: the loss was not finite in epoch 2.", md, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_markup_are_shown_and_not_run_and_the_page_needs_nothing()
    {
        Add("a", name: HostileName, remark: HostileName);
        string html = Write("runs.html", HistoryReport.WriteHtml);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&quot;&gt;&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", html);
        Assert.DoesNotContain("<script", Write("logbook.md", HistoryReport.WriteMarkdown), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Trust_in_validation_needs_four_runs_with_a_score()
    {
        for (int i = 0; i < 3; i++)
            Add($"run{i}", epochs: i + 1, score: 0.5 + 0.1 * i);
        Assert.StartsWith("Too few to say: 3 runs have a public score", LeaderboardTrust.Of(History().Chosen)[0].Sentence, StringComparison.Ordinal);
        double[] scores = [0.8, 0.7, 0.9];
        for (int i = 0; i < 3; i++)
            Add($"more{i}", epochs: i + 4, score: scores[i]);
        LeaderboardTrust trust = LeaderboardTrust.Of(History().Chosen)[0];
        Assert.Equal(("QWK at tuned thresholds", "public", 6), (trust.Figure, trust.Board, trust.Runs));
        Assert.True(trust.Spearman.Low < trust.Spearman.Value && trust.Spearman.Value < trust.Spearman.High);
        Assert.Contains(trust.Sentence, Texts(Sheets(Xlsx())[2]));
    }

    [Fact]
    public void Runs_with_two_grades_are_trusted_by_their_AUC()
    {
        for (int i = 0; i < 4; i++)
            Add($"run{i}", info => info with { Experiment = SampleRun.Experiment(SampleRun.Histology) }, epochs: i + 1, score: 0.5 + 0.1 * i);
        LeaderboardTrust[] trust = [.. LeaderboardTrust.Of(History().Chosen)];
        Assert.Equal(("AUC", "public"), (trust[0].Figure, trust[0].Board));
        Assert.Contains($"<p>{trust[0].Sentence}</p>", Write("runs.html", HistoryReport.WriteHtml), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_run_is_named_and_the_others_are_reported()
    {
        Add("good");
        Add("bad");
        AtomicFile.WriteText(Path.Combine(_root.Path, "runs", "bad", "run.json"), "{");
        RunHistory history = History();
        Assert.Equal(["good"], history.Chosen.Select(r => r.Name));
        Assert.Contains("bad", Assert.Single(history.Problems), StringComparison.Ordinal);
        Assert.Contains("## Could not be read", Write("logbook.md", HistoryReport.WriteMarkdown), StringComparison.Ordinal);
        Assert.Throws<GradusException>(() => RunHistory.Read(Path.Combine(_root.Path, "none"), [], stop: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_run_whose_experiment_another_version_wrote_is_in_every_report_with_what_can_be_read()
    {
        Add("good");
        Add("old", info => info with { CreatedUtc = info.CreatedUtc.AddDays(-1), Status = RunStatus.Finished, Selection = [2] }, score: 0.5);
        OtherVersion.Rewrite(RunFolder.Open(Path.Combine(_root.Path, "runs", "old")));
        const string Said = "its experiment cannot be read by this version of Gradus";
        Assert.Empty(History().Problems);
        string[][] lines = [.. Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Fields)];
        Assert.Equal(
            ["old", "2", "mobilenet_v2", "296", "[1, 2]", "0.5"],
            new[] { "run", "selected epoch", "model.backbone", "training: mild", "sampling.class_weights", "public" }.Select(title => Cell(lines, 1, title)));
        Assert.NotEqual("", Cell(lines, 1, "QWK, tuned"));
        Assert.Contains(Said, Cell(lines, 1, "cannot be read"), StringComparison.Ordinal);
        Assert.Contains(Said, Write("logbook.md", HistoryReport.WriteMarkdown), StringComparison.Ordinal);
        Assert.Contains(Said, Write("runs.html", HistoryReport.WriteHtml), StringComparison.Ordinal);
        Assert.Equal(3, Sheets(Xlsx()).Length);
        OtherVersion.Rewrite(RunFolder.Open(Path.Combine(_root.Path, "runs", "old")), "{}");
        Assert.Contains("The first run with a backbone that is not known.", Write("logbook.md", HistoryReport.WriteMarkdown), StringComparison.Ordinal);
        Assert.Equal(3, Sheets(Xlsx()).Length);
    }

    [Fact]
    public void Metrics_that_cannot_be_read_are_named_and_the_rest_of_the_run_is_reported()
    {
        Add("a", score: 0.5);
        AtomicFile.WriteText(Path.Combine(_root.Path, "runs", "a", "metrics.jsonl"), "{}\n{}\n");
        LoggedRun run = Assert.Single(History().Chosen);
        Assert.Contains("metrics.jsonl", Assert.Single(run.Problems), StringComparison.Ordinal);
        Assert.Equal(0.5, run.Notes.Public);
        Assert.Contains("metrics.jsonl", Write("logbook.md", HistoryReport.WriteMarkdown), StringComparison.Ordinal);
    }

    // A folder can be renamed to anything.
    private void Add(string folder, Func<RunInfo, RunInfo>? with = null, string? name = null, string? remark = null, double? score = null, int epochs = 2, Func<EpochRecord, EpochRecord>? change = null)
    {
        RunFolder run = RunFolder.Create(Path.Combine(_root.Path, "runs"), folder);
        RunInfo info = SampleRun.Info(run.Name);
        run.WriteInfo(with?.Invoke(info) ?? info);
        foreach (EpochRecord record in SampleRun.Records(epochs))
            run.Metrics.Append(change?.Invoke(record) ?? record);
        if (remark is not null || score is not null)
            RunNotes.Add(run, new RunNote { At = new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero), Public = score, Remark = remark, Tags = ["x"] });
        if (name is not null)
            Directory.Move(run.Root, Path.Combine(_root.Path, "runs", name));
    }

    private RunHistory History() => RunHistory.Read(Path.Combine(_root.Path, "runs"), [], stop: TestContext.Current.CancellationToken);

    private string Xlsx(string name = "runs.xlsx")
    {
        string path = Path.Combine(_root.Path, name);
        HistoryReport.WriteXlsx(path, History());
        return path;
    }

    private string Csv() => Write("runs.csv", HistoryReport.WriteCsv);

    private string Write(string name, Action<string, RunHistory> write)
    {
        string path = Path.Combine(_root.Path, name);
        write(path, History());
        return File.ReadAllText(path);
    }

    private static XDocument[] Sheets(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        return [.. zip.Entries.Where(e => e.FullName.StartsWith("xl/worksheets/", StringComparison.Ordinal)).OrderBy(e => e.FullName, StringComparer.Ordinal).Select(Load)];

        static XDocument Load(ZipArchiveEntry entry)
        {
            using Stream stream = entry.Open();
            return XDocument.Load(stream);
        }
    }

    private static string[] Texts(XDocument sheet) => [.. sheet.Descendants(Main + "t").Select(t => t.Value)];

    private static bool IsNumber(XElement cell) =>
        cell.Attribute("t") is null && double.TryParse(cell.Element(Main + "v")?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);

    private static string Cell(string[][] lines, int row, string title) => lines[row][Array.IndexOf(lines[0], title)];

    private static string[] Fields(string line)
    {
        var fields = new List<string>();
        for (int at = 0; at <= line.Length; at++)
        {
            if (at == line.Length || line[at] != '"')
            {
                int comma = line.IndexOf(',', at);
                fields.Add(line[at..(comma < 0 ? line.Length : comma)]);
                at += fields[^1].Length;
                continue;
            }
            int end = at + 1;
            while (line[end] != '"' || (end + 1 < line.Length && line[end + 1] == '"'))
                end += line[end] == '"' ? 2 : 1;
            fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
            at = end + 1;
        }
        return [.. fields];
    }
}
