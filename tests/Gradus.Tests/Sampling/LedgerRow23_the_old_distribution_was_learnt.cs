using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Sampling;

public sealed class LedgerRow23_the_old_distribution_was_learnt : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    // Main: 8 of grade 0, 4 of grade 1, 4 of grade 2. Old: 24, 3 and 1.
    private Experiment Experiment(Func<CsvSource, CsvSource> old)
    {
        string Rows(string prefix, int shade, params int[] counts)
        {
            string text = "id,grade\n";
            foreach (int grade in counts.Index().SelectMany(c => Enumerable.Repeat(c.Index, c.Item)))
            {
                _world.Image($"{prefix}{shade}.png", shade);
                text += $"{prefix}{shade++},{grade}\n";
            }
            return text;
        }
        return ImageWorld.Experiment(_world.Csv(Rows("m", 0, 8, 4, 4)), old(_world.Csv(Rows("o", 100, 24, 3, 1), "old", SourceRole.External)));
    }

    private static DataPartition Partition(Experiment experiment) => DataPartition.Create(experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken));

    private static int[] Old(DataPartition parts) => [.. Enumerable.Range(0, 3).Select(g => parts.Training.Records.Count(r => r.Source == "old" && r.Grade == g))];

    [Fact]
    public void A_source_matched_to_main_gives_the_largest_sample_with_its_distribution()
    {
        Assert.Equal([24, 3, 1], Old(Partition(Experiment(old => old))));
        DataPartition parts = Partition(Experiment(old => old with { Match = new ClassMatch() }));
        // Of 6 wanted as 0.5, 0.25, 0.25: 3, 2 and 1, the larger of equal remainders to the lower grade.
        Assert.Equal([3, 2, 1], Old(parts));
        Assert.DoesNotContain(parts.Findings, f => f.Kind == FindingKind.SampleFallsShort);
    }

    [Fact]
    public void What_a_grade_lacks_is_said_and_not_made_up_for()
    {
        DataPartition parts = Partition(Experiment(old => old with { Match = new ClassMatch(), Take = 16 }));
        Assert.Equal([8, 3, 1], Old(parts));
        Assert.Equal(
            ["'old' ran out of grade 1 (mild): 4 wanted, 3 there, 1 missing.", "'old' ran out of grade 2 (moderate): 4 wanted, 1 there, 3 missing."],
            parts.Findings.Where(f => f.Kind == FindingKind.SampleFallsShort).Select(f => f.Message[..(f.Message.IndexOf("missing", StringComparison.Ordinal) + 8)]));
        Assert.Equal([0, 1, 3, 0, 0], Assert.Single(parts.Samples).Counts.Missing);
    }

    [Fact]
    public void Shares_can_be_given_and_a_number_alone_is_taken_at_random()
    {
        Assert.Equal([2, 2, 0], Old(Partition(Experiment(old => old with { Match = new ClassMatch([1, 1, 0, 0, 0]), Take = 4 }))));
        DataPartition parts = Partition(Experiment(old => old with { Take = 10 }));
        Assert.Equal(10, Old(parts).Sum());
        AuditFinding finding = Assert.Single(Partition(Experiment(old => old with { Take = 30 })).Findings, f => f.Kind == FindingKind.SampleFallsShort);
        Assert.Contains("was to give 30 images and has 28", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_nothing_can_fulfil_takes_nothing_and_says_so()
    {
        DataPartition parts = Partition(Experiment(old => old with { Match = new ClassMatch([1, 1, 1, 1, 100]) }));
        Assert.Equal([0, 0, 0], Old(parts));
        Assert.Contains(parts.Findings, f => f.Kind == FindingKind.SampleFallsShort && f.Message.Contains("4 (proliferative)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_is_that_of_the_seed_whatever_the_order_of_the_rows()
    {
        Experiment experiment = Experiment(old => old with { Match = new ClassMatch() });
        string labels = ((CsvSource)experiment.Sources[1]).Labels;
        ImageId[] before = Ids();
        string[] lines = File.ReadAllLines(labels);
        AtomicFile.WriteText(labels, string.Join('\n', lines.Take(1).Concat(lines.Skip(1).Reverse())) + "\n");
        Assert.Equal(before.Order(), Ids().Order());
        experiment = experiment with { Train = experiment.Train with { Seed = 7 } };
        Assert.NotEqual(before.Order(), Ids().Order());

        ImageId[] Ids() => [.. Partition(experiment).Training.Records.Where(r => r.Source == "old").Select(r => r.Id)];
    }
}
