using Gradus.Experiments;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Tests.Runs;

public sealed class SelectionTests
{
    private static readonly EpochRecord Template = SampleRun.Record(1);

    //                                             epoch loss  qwk  tuned  auc   accuracy
    private static readonly EpochRecord[] Records =
    [
        Record(1, 0.50, 0.58, 0.70, 0.80, 0.55) with { CrossFittedQwk = 0.5 },
        Record(2, 0.30, 0.70, 0.72, null, 0.60) with { CrossFittedQwk = 0.6 },
        Record(3, null, 0.65, 0.79, 0.95, 0.60),
        Record(4, 0.30, 0.74, 0.78, 0.90, 0.58),
    ];

    [Theory]
    [InlineData(SelectBy.Loss, new[] { 2, 4, 1, 3 })]
    [InlineData(SelectBy.Qwk, new[] { 4, 2, 3, 1 })]
    [InlineData(SelectBy.TunedQwk, new[] { 3, 4, 2, 1 })]
    [InlineData(SelectBy.Auc, new[] { 3, 4, 1, 2 })]
    [InlineData(SelectBy.Accuracy, new[] { 2, 3, 4, 1 })]
    [InlineData(SelectBy.CrossFittedQwk, new[] { 2, 1, 3, 4 })]
    [InlineData(SelectBy.SmoothedQwk, new[] { 3, 2, 1, 4 })]
    [InlineData(SelectBy.Last, new[] { 4, 3, 2, 1 })]
    public void Epochs_rank_by_the_rule_with_ties_to_the_earlier_and_undefined_figures_last(SelectBy by, int[] expected) =>
        Assert.Equal(expected, Selection.Rank([.. Records.Reverse()], new SelectSpec(by)));

    [Fact]
    public void Ledger_9_the_rule_is_named_and_the_choices_of_all_others_stand_beside_it()
    {
        Assert.Equal(
            [
                new SelectionChoice(SelectBy.Loss, 2, 0.30), new SelectionChoice(SelectBy.Qwk, 4, 0.74), new SelectionChoice(SelectBy.TunedQwk, 3, 0.79),
                new SelectionChoice(SelectBy.Auc, 3, 0.95), new SelectionChoice(SelectBy.Accuracy, 2, 0.60),
                new SelectionChoice(SelectBy.CrossFittedQwk, 2, 0.6), new SelectionChoice(SelectBy.SmoothedQwk, 3, new[] { 0.70, 0.65, 0.74 }.Average()),
                new SelectionChoice(SelectBy.Last, 4, null),
            ],
            Selection.Alternatives(Records));
        string[] names = [.. Enum.GetValues<SelectBy>().Select(Selection.Describe)];
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void A_rule_whose_figure_is_never_defined_has_no_choice() =>
        Assert.DoesNotContain(Selection.Alternatives([Record(1, 0.5, 0.6, 0.7, null, 0.5)]), c => c.By == SelectBy.Auc);

    [Fact]
    public void Without_epochs_there_is_nothing_to_choose()
    {
        Assert.Empty(Selection.Rank([], new SelectSpec()));
        Assert.Empty(Selection.Alternatives([]));
    }

    private static EpochRecord Record(int epoch, double? loss, double qwk, double tunedQwk, double? auc, double accuracy)
    {
        MetricSet usual = Template.Validation.Default with { Qwk = qwk, Auc = auc, Accuracy = accuracy };
        return Template with { Epoch = epoch, Validation = new SplitRecord(loss, usual, usual with { Qwk = tunedQwk }) };
    }
}
