using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Duplicates;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Audit;

public sealed class DecisionFileTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public DecisionFileTests()
    {
        // a, b and c of "old" are one image, d and e another; f stands alone.
        foreach ((string id, int shade) in (ReadOnlySpan<(string, int)>)[("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 2), ("f", 3), ("t", 4)])
            _world.Image(id + ".png", shade);
    }

    private string File => Path.Combine(_world.Root, "decisions.csv");

    public void Dispose() => _world.Dispose();

    private Experiment Experiment(ConflictPolicy policy) => ImageWorld.Experiment(
        _world.Csv("id,grade\na,1\nb,2\nd,0\nf,4\n"), _world.Csv("id,grade\nc,2\ne,3\n", "old", SourceRole.External), _world.Csv("id\nt\n", "test", SourceRole.Test, grade: null)) with
    {
        Conflicts = policy,
        Decisions = policy == ConflictPolicy.File ? File : null,
    };

    private AuditReport Audit(ConflictPolicy policy = ConflictPolicy.File) => Auditor.Run(Experiment(policy), ct: TestContext.Current.CancellationToken);

    private static string Usable(AuditReport report) => string.Join(' ', report.Main.Concat(report.External).Select(r => $"{r.Id}{r.Grade}").Order(StringComparer.Ordinal));

    /// <summary>Fills in decisions as a person would: in the cell of an id.</summary>
    private void Decide(params (string Id, string Decision)[] decisions)
    {
        DecisionFile.Write(File, Audit(ConflictPolicy.Quarantine));
        string[] lines = System.IO.File.ReadAllLines(File);
        foreach ((string id, string decision) in decisions)
        {
            int at = Array.FindIndex(lines, l => l.StartsWith(id + ",", StringComparison.Ordinal));
            string[] cells = lines[at].Split(',');
            cells[4] = decision;
            lines[at] = string.Join(',', cells);
        }
        AtomicFile.WriteText(File, string.Join('\n', lines) + "\n");
    }

    private string Hash(string id) => Audit(ConflictPolicy.Keep).Readable.Single(r => r.Id.Value == id).Hash!.Value.Hex;

    [Fact]
    public void Every_image_in_conflict_is_a_row_to_fill_in()
    {
        (int rows, int decided) = DecisionFile.Write(File, Audit(ConflictPolicy.Quarantine));
        Assert.Equal((5, 0), (rows, decided));
        string[] lines = System.IO.File.ReadAllLines(File);
        Assert.Equal("id,source,hash,grade,decision,why,group,grades,file", lines[0]);
        Assert.Equal(["a", "b", "c", "d", "e"], lines.Skip(1).Select(l => l.Split(',')[0]));
        Assert.StartsWith($"b,main,{Hash("b")},moderate,,identical with another grade,c1,mild / moderate / moderate,", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:drop d:keep e:drop", "b2 c2 d0 f4", "")] // what remains of a, b and c agrees
    [InlineData("a:2 d:3", "a2 b2 c2 d3 e3 f4", "")]
    [InlineData("a:moderate d:Keep e:KEEP", "a2 b2 c2 d0 e3 f4", "")] // kept on purpose with two grades
    [InlineData("a:keep", "a1 f4", "b c d e")]
    [InlineData("", "f4", "a b c d e")]
    public void A_conflict_is_settled_as_a_person_decides_and_the_undecided_are_quarantined(string decisions, string usable, string quarantined)
    {
        Decide([.. decisions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split(':')).Select(d => (d[0], d[1]))]);
        AuditReport report = Audit();
        Assert.Equal(usable, Usable(report));
        Assert.Equal(quarantined, string.Join(' ', report.Quarantined.Select(k => k.Id)));
        Assert.Equal(2, report.Conflicts.Length);
        foreach (ImageKey image in report.Quarantined)
            Assert.Contains(report.Findings, f => f.Kind == FindingKind.Conflict && f.Ids.Contains(image.Id) && f.Message.Contains("not decided and quarantined", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_image_may_be_dropped_or_graded_anew_by_a_row_of_its_own()
    {
        Decide(("d", "keep"), ("e", "keep"));
        AtomicFile.WriteText(File, System.IO.File.ReadAllText(File) + $"f,main,{Hash("f")},4,none,,,,\n");
        Assert.Equal("d0 e3 f0", Usable(Audit()));
        AtomicFile.WriteText(File, System.IO.File.ReadAllText(File).Replace("4,none", "4,drop", StringComparison.Ordinal));
        Assert.Equal("d0 e3", Usable(Audit()));
    }

    [Fact]
    public void A_decision_that_sets_two_identical_images_at_odds_is_a_conflict_itself()
    {
        AtomicFile.WriteText(File, $"id,source,hash,grade,decision\na,main,{Hash("a")},,2\nb,main,{Hash("b")},,3\nd,main,{Hash("d")},,drop\n");
        AuditReport report = Audit();
        Assert.Equal(["c"], report.Quarantined.Select(k => k.Id.Value));
        Assert.Equal("a2 b3 e3 f4", Usable(report));
    }

    [Fact]
    public void Writing_again_loses_no_decision_no_added_row_and_no_added_column()
    {
        Decide(("a", "drop"));
        string[] lines = System.IO.File.ReadAllLines(File);
        string text = string.Join('\n', lines.Select((l, i) => l + (i == 0 ? ",note" : l.StartsWith("b,", StringComparison.Ordinal) ? ",look again" : ","))) + $"\nf,main,{Hash("f")},4,none,mine,,,,sure\n";
        AtomicFile.WriteText(File, text);
        Assert.Equal((5, 1), DecisionFile.Write(File, Audit()));
        string[] after = System.IO.File.ReadAllLines(File);
        Assert.EndsWith(",note", after[0], StringComparison.Ordinal);
        Assert.Contains(after, l => l.StartsWith("a,", StringComparison.Ordinal) && l.Contains(",drop,", StringComparison.Ordinal));
        Assert.Contains(after, l => l.StartsWith("b,", StringComparison.Ordinal) && l.EndsWith(",look again", StringComparison.Ordinal));
        Assert.Contains($"f,main,{Hash("f")},4,none,mine,,,,sure", after);
        DecisionFile.Write(File, Audit());
        Assert.Equal(after, System.IO.File.ReadAllLines(File));
    }

    [Fact]
    public void One_decision_is_set_and_everything_else_in_the_file_stays()
    {
        AuditReport report = Audit(ConflictPolicy.Quarantine);
        DecisionFile.Decide(File, report, new ImageKey("main", new ImageId("a")), "drop");
        string[] fresh = System.IO.File.ReadAllLines(File);
        Assert.Equal(["a", "b", "c", "d", "e"], fresh.Skip(1).Select(l => l.Split(',')[0]));
        Assert.Equal("drop", Assert.Single(DecisionFile.Read(File, report.Scale)).Kind.ToString().ToLowerInvariant());

        string[] noted = [.. fresh.Select((l, i) => l + (i == 0 ? ",note" : i == 2 ? ",\"look, again\"" : ","))];
        AtomicFile.WriteText(File, string.Join('\n', noted) + $"\nz,gone,{Hash("f")},,keep,,,,,\n");
        DecisionFile.Decide(File, report, new ImageKey("old", new ImageId("c")), "mild");
        DecisionFile.Decide(File, report, new ImageKey("main", new ImageId("f")), "0");
        string[] after = System.IO.File.ReadAllLines(File);
        Assert.Equal(noted[..3], after[..3]);
        Assert.Equal(noted[3].Replace(",moderate,,", ",moderate,mild,", StringComparison.Ordinal), after[3]);
        Assert.Equal(noted[4..], after[4..6]);
        Assert.StartsWith("z,gone,", after[6], StringComparison.Ordinal);
        Assert.StartsWith($"f,main,{Hash("f")},proliferative,0,", after[7], StringComparison.Ordinal);

        DecisionFile.Decide(File, report, new ImageKey("old", new ImageId("c")), "");
        Assert.Equal(noted[..6], System.IO.File.ReadAllLines(File)[..6]);
    }

    [Theory]
    [InlineData("main", "a", "perhaps", "a decision is a grade, keep or drop")]
    [InlineData("main", "a", "5", "a decision is a grade, keep or drop")]
    [InlineData("main", "nobody", "keep", "no usable image 'main/nobody'")]
    [InlineData("test", "t", "keep", "no usable image 'test/t'")]
    public void A_decision_that_an_audit_would_refuse_is_not_written(string source, string id, string decision, string says)
    {
        GradusException error = Assert.Throws<GradusException>(() => DecisionFile.Decide(File, Audit(ConflictPolicy.Quarantine), new ImageKey(source, new ImageId(id)), decision));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData("a,main,{a},1,perhaps", ":2: a decision is a grade, keep or drop; found 'perhaps'")]
    [InlineData("a,main,{a},1,5", "found '5'")]
    [InlineData("a,main,{f},1,keep", ":2: 'main/a' is another image than the one that was decided about")]
    [InlineData("aa,main,{a},1,keep", ":2: there is no usable image 'main/aa' to decide about. Did you mean 'a'?")]
    [InlineData("a,man,{a},1,keep", "Did you mean 'main'?")]
    [InlineData("t,test,{t},,1", "'test/t' is a test image")]
    [InlineData("a,main,a,1,keep", ":2: a content hash is 64 hexadecimal digits; found 'a'")]
    [InlineData("a,main,{a},1,keep\na,main,{a},1,drop", ":3: 'main/a' is decided a second time")]
    [InlineData("a,main,{a},1,\"keep", ":2: the line")]
    public void A_decision_about_nothing_or_in_other_words_is_refused_with_its_line(string row, string says)
    {
        foreach (string id in new[] { "a", "f", "t" })
            row = row.Replace($"{{{id}}}", Hash(id), StringComparison.Ordinal);
        AtomicFile.WriteText(File, $"id,source,hash,grade,decision\n{row}\n");
        GradusException error = Assert.Throws<GradusException>(() => Audit());
        Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
    }

    [Fact]
    public void Findings_name_the_source_where_images_of_several_are_meant()
    {
        AuditReport report = Audit(ConflictPolicy.Quarantine);
        string[] conflicts = [.. report.Findings.Where(f => f.Kind == FindingKind.Conflict).Select(f => f.Message)];
        Assert.Contains(conflicts, m => m.Contains("'main/d' grade 0, 'old/e' grade 3", StringComparison.Ordinal));
        AuditJson json = AuditJson.Of(report);
        Assert.Equal([["main", "main", "old"], ["main", "old"]], json.Conflicts.OrderByDescending(c => c.Ids.Length).Select(c => c.Sources.ToArray()));
        Assert.Equal(json.ExactDuplicates.Select(g => g.Length), json.ExactDuplicateSources.Select(g => g.Length));
    }

    [Fact]
    public void A_list_of_another_kind_is_no_file_of_decisions_and_is_not_written_over()
    {
        AtomicFile.WriteText(File, "id,source,hash,grade,group\n");
        Assert.Contains("is no file of decisions: it lacks the column 'decision'", Assert.Throws<GradusException>(() => Audit()).Message, StringComparison.Ordinal);
        Assert.Throws<GradusException>(() => DecisionFile.Write(File, Audit(ConflictPolicy.Quarantine)));
        Assert.Equal("id,source,hash,grade,group\n", System.IO.File.ReadAllText(File));
        System.IO.File.Delete(File);
        Assert.Contains("--decide decisions.csv", Assert.Throws<GradusException>(() => Audit()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Near_duplicates_with_another_grade_across_sources_are_rows_and_are_at_rest_once_decided()
    {
        foreach ((string id, double gain) in (ReadOnlySpan<(string, double)>)[("x", 1), ("y", 0.9)])
        {
            using NetVips.Image image = Scratch.Vips(Pictures.Brighter(Pictures.Retina(1), gain));
            _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
        }
        Experiment experiment = ImageWorld.Experiment(_world.Csv("id,grade\nx,1\nf,0\n"), _world.Csv("id,grade\ny,2\n", "old", SourceRole.External));
        AuditReport before = Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);
        Assert.Contains(before.Findings, f => f.Kind == FindingKind.NearDuplicateOtherGrade);
        Assert.Equal((2, 0), DecisionFile.Write(File, before));
        string text = System.IO.File.ReadAllText(File);
        Assert.Contains("nearly the same with another grade,n1,mild / moderate", text, StringComparison.Ordinal);

        AtomicFile.WriteText(File, text.Replace("mild,,", "mild,moderate,", StringComparison.Ordinal));
        AuditReport after = Auditor.Run(experiment with { Conflicts = ConflictPolicy.File, Decisions = File }, ct: TestContext.Current.CancellationToken);
        Assert.Equal("f0 x2 y2", Usable(after));
        Assert.DoesNotContain(after.Findings, f => f.Kind == FindingKind.NearDuplicateOtherGrade);
        Assert.Equal((2, 1), DecisionFile.Write(File, after));
    }

    [Fact]
    public void The_lists_of_the_diary_have_ids_and_hashes_under_their_names()
    {
        _world.Image("g.png", 3);
        _world.Image("t.png", 3);
        AuditReport report = Auditor.Run(
            ImageWorld.Experiment(_world.Csv("id,grade\na,1\nb,2\nf,4\ng,4\nd,0\nd,1\n"), _world.Csv("id,grade\nc,2\n", "old", SourceRole.External), _world.Csv("id\nt\n", "test", SourceRole.Test, grade: null)),
            ct: TestContext.Current.CancellationToken);
        (string Path, int Groups)[] lists = [.. DuplicateLists.Write(_world.Root, report)];
        Assert.Equal([2, 2, 1, 0, 1], lists.Select(l => l.Groups));
        Assert.All(lists, l => Assert.Equal("id,source,hash,grade,group", System.IO.File.ReadLines(l.Path).First()));
        Assert.Equal(["d", "a", "b", "c"], Ids(lists[0].Path));
        Assert.Equal(["a", "b", "c", "f", "g"], Ids(lists[1].Path));
        Assert.Equal(["f", "g"], Ids(lists[2].Path));
        Assert.Equal(["f", "t", "g"], Ids(lists[4].Path));

        static string[] Ids(string path) => [.. System.IO.File.ReadLines(path).Skip(1).Select(l => l.Split(',')[0])];
    }

    [Fact]
    public void A_plan_made_of_decided_grades_is_balanced_by_them()
    {
        Decide(("a", "2"), ("d", "3"));
        Experiment experiment = Experiment(ConflictPolicy.File);
        DataPartition parts = DataPartition.Create(experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken));
        Assert.Equal(2, parts.Training.Records.Concat(parts.Validation.Records).Single(r => r.Id.Value == "a").Grade);
    }
}
