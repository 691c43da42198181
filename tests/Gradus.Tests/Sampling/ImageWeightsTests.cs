using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Sampling;

public sealed class ImageWeightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradus-weights-").FullName;
    private readonly ImmutableArray<ImageRecord> _records = [.. SplitWorld.Singles(Enumerable.Range(0, 400).Select(i => i % 5))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File => Path.Combine(_folder, "mistakes.csv");

    private WeightedImages Rule(double strength = 1) => new(File, strength);

    private void Write(params IEnumerable<string> rows) => AtomicFile.WriteText(File, "id,source,hash,error\n" + string.Concat(rows.Select(r => r + "\n")));

    private string Row(int i, string error) => $"{_records[i].Id},{_records[i].Source},{_records[i].Hash},{error}";

    private TrainingSet Set(WeightedImages rule) => new(_records, ImageWeightFile.Read(rule, _records, _records));

    [Fact]
    public void An_image_comes_in_proportion_to_one_and_its_error()
    {
        Write(Enumerable.Range(0, 40).Select(i => Row(i, i < 20 ? "1.5" : "0")));
        WeightedImages rule = Rule(strength: 2);
        TrainingSet set = Set(rule);
        Assert.Equal([4, 1, 1], (double[])[set.Weights!.Value[0], set.Weights.Value[20], set.Weights.Value[40]]);
        int heavy = 0, all = 0;
        for (int epoch = 1; epoch <= 50; epoch++)
        {
            EpochDraw draw = EpochSampler.Draw(set, ImageWorld.Scale, rule, 42, epoch);
            DrawCheck.Verify(draw);
            heavy += draw.Indices.Count(i => i < 20);
            all += draw.Indices.Length;
        }
        Assert.Equal(20.0 * 4 / (20 * 4 + 380), (double)heavy / all, 0.01);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_draw_that_ignores_the_weights_is_refused(bool withReplacement)
    {
        Write(Enumerable.Range(0, 100).Select(i => Row(i, "3")));
        WeightedImages rule = Rule();
        TrainingSet set = Set(rule);
        EpochPlan plan = EpochSampler.Plan(set, ImageWorld.Scale, rule, 1);
        int[] unweighted = EpochSampler.Draw(set, ImageWorld.Scale, withReplacement ? new WeightedClasses([1, 1, 1, 1, 1]) : new EveryImageOnce(), 42, 1).Indices;
        GradusException error = Assert.Throws<GradusException>(() => DrawCheck.Verify(EpochSampler.Account(set, ImageWorld.Scale, plan, unweighted)));
        Assert.Contains("images are drawn by their weights, 2.71 a drawn image", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_about_images_that_validate_are_passed_over()
    {
        Write(Row(0, "2"), Row(399, "2"));
        Assert.Equal(3, ImageWeightFile.Read(Rule(), _records[..10], _records)[0]);
    }

    [Theory]
    [InlineData("ghost,main,{0},1", "there is no readable image 'main/ghost'")]
    [InlineData("{id},main,{1},1", "is another image than when the list was made")]
    [InlineData("{id},main,{0},NaN", "an error is a number of at least 0; found 'NaN'")]
    [InlineData("{id},main,{0},-1", "an error is a number of at least 0; found '-1'")]
    [InlineData("{id},main,{0},0", "no training image has an error")]
    [InlineData("{id},main,{0},1\n{id},main,{0},1", "a second time")]
    public void A_list_that_cannot_be_meant_is_refused(string row, string says)
    {
        Write(row.Replace("main", _records[0].Source, StringComparison.Ordinal).Replace("{id}", $"{_records[0].Id}", StringComparison.Ordinal)
            .Replace("{0}", $"{_records[0].Hash}", StringComparison.Ordinal).Replace("{1}", $"{_records[1].Hash}", StringComparison.Ordinal));
        GradusException error = Assert.Throws<GradusException>(() => Set(Rule()));
        Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
        Assert.Contains(says.Replace("main", _records[0].Source, StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
    }

    [Fact]
    public void A_missing_list_says_how_to_make_it() =>
        Assert.Contains("gradus mistakes", Assert.Throws<GradusException>(() => Set(Rule())).Message, StringComparison.Ordinal);
}
