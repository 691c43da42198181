using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Mistakes;

namespace Gradus.Tests.Mistakes;

public sealed class MistakeRankingTests
{
    private const int Grades = 5;

    [Fact]
    public void Planted_label_errors_come_out_on_top_and_are_candidates()
    {
        // 200 images judged by two runs whose opinions follow the truth; six labels are two or more grades off.
        Random random = RandomStream.Create(1, "planted label errors");
        var planted = new HashSet<string>();
        var judgements = new List<Judgement>();
        for (int i = 0; i < 200; i++)
        {
            int truth = i % Grades, label = truth;
            if (i % 33 == 7)
            {
                label = truth >= 2 ? truth - 2 : truth + 2;
                planted.Add($"i{i}");
            }
            foreach (string run in (string[])["a", "b"])
                judgements.Add(Opinion($"i{i}", label, truth + 0.5 * (random.NextDouble() - 0.5), run));
        }
        ImmutableArray<Mistake> ranked = MistakeRanking.Rank(judgements);
        Assert.Equal(200, ranked.Length);
        Assert.Equal(planted.Order(), ranked.Take(planted.Count).Select(m => m.Image.Id.Value).Order());
        // Confidence varies from image to image, so one of the planted may miss the mark; none that is right may reach it.
        Assert.InRange(ranked.Take(planted.Count).Count(m => m.IsCandidate), planted.Count - 2, planted.Count);
        Assert.All(ranked, m => Assert.Equal(2, m.Runs));
        Assert.All(ranked.Skip(planted.Count), m => Assert.False(m.IsCandidate));
    }

    [Fact]
    public void A_label_that_one_of_two_runs_believes_is_no_candidate()
    {
        Judgement[] usual = [.. Enumerable.Range(0, 40).SelectMany(i => (Judgement[])[Opinion($"u{i}", i % Grades, i % Grades, "a"), Opinion($"u{i}", i % Grades, i % Grades, "b")])];
        Mistake Of(params Judgement[] judged) => MistakeRanking.Rank([.. usual, .. judged]).Single(m => m.Image.Id.Value == "x");
        Assert.True(Of(Opinion("x", 0, 4, "a"), Opinion("x", 0, 4, "b")).IsCandidate);
        Assert.False(Of(Opinion("x", 0, 4, "a"), Opinion("x", 0, 0, "b")).IsCandidate);
        Mistake unsure = Of(Opinion("x", 0, 2.5, "a"));
        Assert.Equal((2.5, 1), (unsure.Error, unsure.Runs));
        Assert.False(unsure.IsCandidate); // wrong, and not sure of it
    }

    [Fact]
    public void A_regression_without_probabilities_is_judged_by_how_far_off_it_is()
    {
        Mistake[] ranked = [.. MistakeRanking.Rank([Plain("near", 1, 2), Plain("far", 0, 3.2), Plain("right", 2, 2.1)])];
        Assert.Equal(["far", "near", "right"], ranked.Select(m => m.Image.Id.Value));
        Assert.Equal([true, false, false], ranked.Select(m => m.IsCandidate));
        Assert.All(ranked, m => Assert.Null(m.Confidence));
    }

    [Fact]
    public void An_image_that_changed_between_the_runs_is_refused()
    {
        GradusException e = Assert.Throws<GradusException>(() => MistakeRanking.Rank([Opinion("x", 0, 1, "a"), Opinion("x", 1, 1, "b")]));
        Assert.Contains("'main/x'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_has_a_row_an_image_with_an_empty_decision_and_the_same_bytes_each_time()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("gradus-mistakes-").FullName, "mistakes.csv");
        ImmutableArray<Mistake> ranked = MistakeRanking.Rank([Opinion("a,1", 0, 3, "r"), Opinion("b", 2, 2, "r")]);
        MistakeFile.Write(path, ranked);
        string[] lines = File.ReadAllLines(path);
        Assert.Equal("id,source,hash,grade,decision,predicted,score,error,confidence,runs,candidate", lines[0]);
        Assert.StartsWith($"\"a,1\",main,{Hash("a,1").Hex},0,,3,3,3,", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.Equal(0, MistakeFile.Decided(path));
        byte[] first = File.ReadAllBytes(path);
        MistakeFile.Write(path, ranked);
        Assert.Equal(first, File.ReadAllBytes(path));
        AtomicFile.WriteText(path, string.Join('\n', lines).Replace(",0,,3", ",0,3,3", StringComparison.Ordinal));
        Assert.Equal(1, MistakeFile.Decided(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    /// <summary>A run that puts its belief around a grade: all of it on a whole one, shared between its neighbours otherwise.</summary>
    private static Judgement Opinion(string id, int label, double belief, string run)
    {
        double[] p = [.. Enumerable.Range(0, Grades).Select(k => Math.Max(0, 1 - Math.Abs(k - belief)))];
        double sum = p.Sum();
        ImmutableArray<double> shares = [.. p.Select(v => v / sum)];
        return new Judgement(Image(id, label), run, shares.IndexOf(shares.Max()), belief, shares);
    }

    private static Judgement Plain(string id, int label, double score) => new(Image(id, label), "r", (int)Math.Round(score), score, []);

    private static ContentHash Hash(string id) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(id));

    private static ImageRecord Image(string id, int label) => new(new ImageId(id), label, null, "main", new FileLocation($"/{id}.png")) { Hash = Hash(id) };
}
