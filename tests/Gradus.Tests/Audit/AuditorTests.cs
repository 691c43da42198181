using System.Text.Json;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Audit;

public sealed class AuditorTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private static AuditReport Run(Experiment experiment) => Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);

    [Fact]
    public void Everything_is_found_in_one_pass()
    {
        byte[] whole = ImageWorld.Png(40, side: 64);
        _world.Bytes("images/cut.png", whole[..(whole.Length / 2)]);
        _world.Bytes("images/text.png", "no image"u8.ToArray());
        _world.Bytes("images/empty.png", []);
        _world.Image("tiny.png", 9, side: 2);
        foreach ((string id, int shade) in (ReadOnlySpan<(string, int)>)[("good", 1), ("twin1", 2), ("twin2", 2), ("x1", 3), ("x2", 3), ("leak", 4), ("t1", 4), ("t2", 5), ("t3", 5), ("old", 1)])
            _world.Image(id + ".png", shade);
        AuditReport report = Run(ImageWorld.Experiment(
            _world.Csv("id,grade\ngood,0\ncut,1\ntext,1\nempty,1\ntiny,1\ngone,1\ntwin1,2\ntwin2,2\nx1,1\nx2,3\nleak,4\ngood,0\nx9,8\n"),
            _world.Csv("id,grade\nold,0\n", "external", SourceRole.External),
            _world.Csv("id\nt1\nt2\nt3\n", "test", SourceRole.Test, grade: null)));

        Assert.Equal(15, report.Images);
        Assert.Equal(["gone", "cut", "text", "empty", "tiny"], report.Unreadable.Select(u => u.Image.Id.Value));
        Assert.Equal(["good", "twin1", "twin2", "leak"], report.Main.Select(r => r.Id.Value));
        Assert.All(report.Main, r => Assert.NotNull(r.Hash));
        Assert.Equal(["old"], report.External.Select(r => r.Id.Value));
        Assert.Equal(["t1", "t2", "t3"], report.Test.Select(r => r.Id.Value));
        Assert.Equal(["good+old", "twin1+twin2", "x1+x2", "t2+t3"], report.ExactDuplicates.Select(g => string.Join('+', g.Select(k => k.Id))));
        Assert.Equal(["x1", "x2"], report.Quarantined.Select(k => k.Id.Value));
        Assert.Equal(("leak", "t1"), report.TestLeaks.Select(l => (l.Train.Id.Value, l.Test.Id.Value)).Single());
        Assert.Equal(["main", "external"], report.ClassCounts.Select(c => c.Source));
        Assert.Equal([1, 5, 2, 1, 1], report.ClassCounts[0].Counts);
        Assert.Equal(
            [
                (FindingKind.DuplicateId, 1), (FindingKind.MissingImage, 1), (FindingKind.GradeOutsideScale, 1), (FindingKind.GradeAbsentFromSource, 1),
                (FindingKind.UnreadableImage, 4),
                (FindingKind.ExactDuplicate, 3), (FindingKind.Conflict, 1), (FindingKind.TestLeak, 1),
            ],
            report.Findings.CountBy(f => f.Kind).Select(c => (c.Key, c.Value)).OrderBy(c => c.Key));
        Assert.All(report.Findings, f => Assert.Matches(@"^.+[.;] ?.+\.$", f.Message));
    }

    [Fact]
    public void The_json_has_exactly_the_documented_keys_and_plain_ids()
    {
        _world.Image("a.png", 1);
        _world.Image("b.png", 1);
        AuditReport report = Run(ImageWorld.Experiment(_world.Csv("id,grade\na,0\nb,1\ngone,1\n")));
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(AuditJson.Of(report), GradusJson.Compact));
        Assert.Equal(
            ["images", "unreadable", "exactDuplicates", "exactDuplicateSources", "conflicts", "testLeaks", "nearDuplicates", "nearDuplicateGroups", "classCounts", "findings", "quarantined", "samples"],
            json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("""[{"id":"gone","source":"main","problem":"missing"}]""", json.RootElement.GetProperty("unreadable").GetRawText());
        Assert.Equal("""[["a","b"]]""", json.RootElement.GetProperty("exactDuplicates").GetRawText());
        Assert.Equal("""[{"ids":["a","b"],"grades":[0,1],"sources":["main","main"]}]""", json.RootElement.GetProperty("conflicts").GetRawText());
        Assert.Equal("""{"main":{"none":1,"mild":1,"moderate":0,"severe":0,"proliferative":0}}""", json.RootElement.GetProperty("classCounts").GetRawText());
        Assert.Equal("missing_image", json.RootElement.GetProperty("findings")[0].GetProperty("kind").GetString());
        Assert.Equal("""["a","b"]""", json.RootElement.GetProperty("quarantined").GetRawText());
    }

    [Fact]
    public void Two_sources_of_one_name_are_refused()
    {
        CsvSource source = _world.Csv("id,grade\n");
        Assert.Throws<GradusException>(() => Run(ImageWorld.Experiment(source, source)));
    }

    [Fact]
    public void Progress_reaches_the_total_and_cancelling_stops()
    {
        for (int i = 0; i < 5; i++)
            _world.Image($"i{i}.png", i);
        Experiment experiment = ImageWorld.Experiment(_world.Csv("id,grade\n" + string.Concat(Enumerable.Range(0, 5).Select(i => $"i{i},0\n"))));
        var reports = new System.Collections.Concurrent.ConcurrentBag<WorkProgress>();
        Auditor.Run(experiment, new Immediate(reports.Add), TestContext.Current.CancellationToken);
        Assert.Contains(new WorkProgress("audit", 5, 5, "images"), reports);
        Assert.ThrowsAny<OperationCanceledException>(() => Auditor.Run(experiment, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_hundred_thousand_identical_images_are_grouped_without_comparing_pairs()
    {
        byte[] one = new byte[8 * 8 * 3];
        string train = _world.Npz("train", 8, [.. Enumerable.Repeat(one, 60_000)], new byte[60_000]);
        string test = _world.Npz("test", 8, [.. Enumerable.Repeat(one, 40_000)], new byte[40_000]);
        AuditReport report = Run(ImageWorld.Experiment(
            new NpzSource { Name = "main", Npz = train, Split = "train" }, new NpzSource { Name = "test", Npz = test, Split = "test", Role = SourceRole.Test }));
        Assert.Equal(100_000, report.Images);
        Assert.Equal([60_000, 40_000], report.ExactDuplicates.Select(g => g.Length));
        Assert.Equal(99_999, report.TestLeaks.Length);
        Assert.All(report.Findings, f => Assert.InRange(f.Message.Length, 10, 500));
    }

    [Fact]
    public void The_faults_of_the_published_retinopathy_set_are_found()
    {
        string? data = Environment.GetEnvironmentVariable("GRADUS_DATA");
        Assert.SkipWhen(data is null, "GRADUS_DATA is not set");
        string idrid = Path.Combine(data, "idrid");
        AuditReport report = Run(ImageWorld.Experiment(
            new CsvSource { Name = "idrid", Labels = Path.Combine(idrid, "train.csv"), Id = "id_code", Grade = "diagnosis", Images = Path.Combine(idrid, "train"), Extension = ".jpg" },
            new CsvSource { Name = "test", Role = SourceRole.Test, Labels = Path.Combine(idrid, "test.csv"), Id = "id_code", Images = Path.Combine(idrid, "test"), Extension = ".jpg" }));
        Assert.Equal(455, report.Images);
        Assert.Empty(report.Unreadable);
        Assert.Equal([104, 18, 133, 71, 49], report.ClassCounts.Single().Counts);
        Assert.Equal(
            ["IDRiD_028+IDRiD_327", "IDRiD_045+IDRiD_333", "IDRiD_073+IDRiD_375", "IDRiD_079+IDRiD_279"],
            report.ExactDuplicates.Select(g => string.Join('+', g.Select(k => k.Id))).Order(StringComparer.Ordinal));
        Assert.Equal([4, 3], report.Conflicts.Single().Grades);
        Assert.Equal(["IDRiD_028", "IDRiD_327"], report.Quarantined.Select(k => k.Id.Value));
        Assert.Equal(373, report.Main.Length);
        Assert.Equal(("IDRiD_118", "IDRiD_064test"), report.TestLeaks.Select(l => (l.Train.Id.Value, l.Test.Id.Value)).Single());
    }

    private sealed class Immediate(Action<WorkProgress> report) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => report(value);
    }
}
