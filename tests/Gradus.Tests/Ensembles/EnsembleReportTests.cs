using System.Security.Cryptography;
using System.Text;
using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Thresholds;

namespace Gradus.Tests.Ensembles;

public sealed class EnsembleReportTests
{
    private static readonly GradeScale Scale = new(["none", "mild", "severe"]);
    private static readonly CutPointOptions Options = new() { Seed = 5 };

    [Theory]
    [InlineData(EnsembleMethod.Mean)]
    [InlineData(EnsembleMethod.RankMean)]
    [InlineData(EnsembleMethod.Nnls)]
    [InlineData(EnsembleMethod.Greedy)]
    public void Two_members_with_errors_of_their_own_are_better_together(EnsembleMethod method)
    {
        EnsembleReport report = EnsembleReport.Create([("a", Noisy(1)), ("b", Noisy(2))], method, Scale, Options);
        Assert.Equal(1, report.Combination.Weights.Sum(), 1e-12);
        Assert.All(report.Members, m => Assert.True(report.Ensemble.CrossFitted.Qwk > m.CrossFitted.Qwk));
        Assert.InRange(report.Ensemble.CrossFitted.Qwk, report.Ensemble.CrossFitted.Low, report.Ensemble.CrossFitted.High);
        Assert.Equal(3, report.Folds);
    }

    [Theory]
    [InlineData(EnsembleMethod.Nnls)]
    [InlineData(EnsembleMethod.Greedy)]
    public void A_member_that_guesses_gets_next_to_no_weight(EnsembleMethod method)
    {
        EnsembleReport report = EnsembleReport.Create([("good", Noisy(1)), ("guess", Noisy(2, noise: 50, centre: 0))], method, Scale, Options);
        Assert.InRange(report.Combination.Weights[1], 0, 0.05);
    }

    [Fact]
    public void Cross_fitting_sees_through_what_pure_noise_fits()
    {
        EnsembleReport report = EnsembleReport.Create([.. Enumerable.Range(0, 8).Select(m => ($"m{m}", Noisy(m, noise: 1, images: 60, signal: 0)))], EnsembleMethod.Greedy, Scale, Options);
        Assert.True(report.Ensemble.Tuned > report.Ensemble.CrossFitted.Qwk + 0.1);
    }

    [Fact]
    public void Members_of_other_images_are_refused_with_the_ids()
    {
        OutOfFoldSet all = Noisy(1), fewer = new(all.Scores.Where(s => s.Key.Id.Value is not "i007"));
        var changed = new OutOfFoldSet(all.Scores.Select(s => s.Key.Id.Value == "i003" ? s with { Hash = Hash("another") } : s));
        var regraded = new OutOfFoldSet(all.Scores.Select(s => s.Key.Id.Value == "i004" ? s with { Grade = (s.Grade + 1) % 3 } : s));
        foreach ((OutOfFoldSet other, string id) in new[] { (fewer, "i007"), (changed, "i003"), (regraded, "i004") })
        {
            GradusException error = Assert.Throws<GradusException>(() => EnsembleReport.Create([("a", all), ("b", other)], EnsembleMethod.Mean, Scale, Options));
            Assert.Contains(id, error.Message, StringComparison.Ordinal);
            Assert.Equal(Fault.Request, error.Fault);
        }
    }

    [Fact]
    public void Out_of_fold_scores_return_from_their_file_as_they_were()
    {
        using var folder = new TemporaryFolder();
        OutOfFoldSet set = Noisy(3);
        OutOfFoldFile.Write(folder.PathOf("oof.csv"), set);
        OutOfFoldSet read = OutOfFoldFile.Read(folder.PathOf("oof.csv"), 3);
        Assert.Equal(set.Scores.Select(s => s with { Probabilities = [] }), read.Scores.Select(s => s with { Probabilities = [] }));
        Assert.All(set.Scores.Zip(read.Scores), p => Assert.Equal(p.First.Probabilities, p.Second.Probabilities));
    }

    [Fact]
    public void Predictions_of_a_test_set_are_no_out_of_fold_scores()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder.PathOf("predictions.csv"), "id,grade,score,p0,p1,p2\na,1,1.2,0.1,0.6,0.3\n");
        GradusException error = Assert.Throws<GradusException>(() => OutOfFoldFile.Read(folder.PathOf("predictions.csv"), 3));
        Assert.Contains("never on predictions for a test set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ensemble_survives_a_move_of_its_folder_but_no_change_of_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = folder.PathOf("runs", "r_f0", "checkpoints", "epoch-001.safetensors"), file = folder.PathOf("runs", "g", "ensemble.json");
        AtomicFile.WriteText(checkpoint, "weights");
        EnsembleReport report = EnsembleReport.Create([("r", Noisy(1))], EnsembleMethod.RankMean, Scale, Options);
        var ensemble = Ensemble.Create(Scale, [new EnsembleMember("r", [new EnsembleCheckpoint(checkpoint, EnsembleFile.Sha256(checkpoint), "r_f0", 1, 0, new Recipe([new Resize(32)]))])], report);
        EnsembleFile.Write(file, ensemble);
        Assert.DoesNotContain(folder.Root, File.ReadAllText(file), StringComparison.Ordinal);

        Directory.Move(folder.PathOf("runs"), folder.PathOf("moved"));
        Ensemble read = EnsembleFile.Read(folder.PathOf("moved", "g", "ensemble.json"));
        string moved = folder.PathOf("moved", "r_f0", "checkpoints", "epoch-001.safetensors");
        Assert.Equal(moved, read.Members[0].Checkpoints[0].Path);
        double[] scores = [0.4, 1.1, 1.7];
        Assert.All(scores, s => Assert.Equal(ensemble.Combination.Combine([s]), read.Combination.Combine([s])));
        Assert.Equal(ensemble.TunedRule.Values, read.TunedRule.Values);

        AtomicFile.WriteText(moved, "Weights");
        Assert.Contains("another file", Assert.Throws<GradusException>(() => EnsembleFile.Read(folder.PathOf("moved", "g", "ensemble.json"))).Message, StringComparison.Ordinal);
        File.Delete(moved);
        Assert.Contains("is not there", Assert.Throws<GradusException>(() => EnsembleFile.Read(folder.PathOf("moved", "g", "ensemble.json"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "is no ensemble")]
    [InlineData("[1]", "is no ensemble")]
    [InlineData("{\"format\":9,\"members\":[]}", "layout 9")]
    [InlineData("{\"format\":1,\"members\":[]}", "is damaged")]
    [InlineData("{", "is damaged")]
    public void What_is_no_ensemble_is_refused(string text, string words)
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder.PathOf("e.json"), text);
        Assert.Contains(words, Assert.Throws<GradusException>(() => EnsembleFile.Read(folder.PathOf("e.json"))).Message, StringComparison.Ordinal);
    }

    private static OutOfFoldSet Noisy(int member, double noise = 1.0, int images = 240, double signal = 1, double centre = 1) => new(Enumerable.Range(0, images).Select(i =>
    {
        int grade = i % 3;
        Random random = RandomStream.Create(11, "ensemble", member, i);
        double score = centre + signal * (grade - 1) + noise * (random.NextDouble() + random.NextDouble() - 1);
        return new OutOfFoldScore(new ImageKey("s", new ImageId($"i{i:000}")), Hash($"{i}"), i / 3 % 3, grade, score, [0.25, 0.5, random.NextDouble()]);
    }));

    private static ContentHash Hash(string text) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    private sealed class TemporaryFolder : IDisposable
    {
        public string Root { get; } = Directory.CreateTempSubdirectory("gradus-ensemble-").FullName;

        public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}
