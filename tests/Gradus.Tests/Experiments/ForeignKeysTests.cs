using System.Text.Json;
using Gradus.Experiments;

namespace Gradus.Tests.Experiments;

public sealed class ForeignKeysTests
{
    private static string Old(string keys, string role = "external") =>
        ExperimentText.With("extension: .jpg }\ntest", $"extension: .jpg }}\n  - {{ name: old, role: {role}, folder: old, {keys} }}\ntest");

    [Theory]
    [InlineData("quarantine", ConflictPolicy.Quarantine)]
    [InlineData("drop", ConflictPolicy.Drop)]
    [InlineData("keep", ConflictPolicy.Keep)]
    [InlineData("majority", ConflictPolicy.Majority)]
    [InlineData("lowest", ConflictPolicy.Lowest)]
    [InlineData("highest", ConflictPolicy.Highest)]
    [InlineData("{ file: decisions.csv }", ConflictPolicy.File)]
    public void Every_policy_is_one_word_and_a_file_is_relative_to_the_experiment(string words, ConflictPolicy policy)
    {
        using var scratch = new ScratchFolder();
        Experiment e = ExperimentFile.Read(scratch.Write("e.yaml", ExperimentText.With("conflicts: quarantine", $"conflicts: {words}")), null, _ => null);
        Assert.Equal((policy, policy == ConflictPolicy.File ? Path.Combine(scratch.Path, "decisions.csv") : null), (e.Conflicts, e.Decisions));
    }

    [Theory]
    [InlineData("conflicts: file", "experiment")]
    [InlineData("conflicts: { file: }", "is a text")]
    [InlineData("conflicts: { keep: a.csv }", "takes no parameters")]
    [InlineData("conflicts: highst", "Did you mean 'highest'?")]
    public void A_policy_that_is_none_is_refused_at_its_line(string line, string says)
    {
        string refusal = ExperimentText.Refusal(ExperimentText.With("conflicts: quarantine", line));
        Assert.StartsWith("e.yaml:5:", refusal, StringComparison.Ordinal);
        if (says != "experiment")
            Assert.Contains(says, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("match: main", "main", "match is for sources with role external or pseudo")]
    [InlineData("take: 5", "validation", "take is for sources with role external or pseudo")]
    [InlineData("use: folds", "main", "use is for sources with role external or pseudo")]
    [InlineData("use: folds", "pseudo", "a model's own grades cannot judge a model")]
    [InlineData("use: fold", "external", "Did you mean 'folds'?")]
    [InlineData("match: old", "external", "Write match: main")]
    [InlineData("match: [1, 1]", "external", "2 shares for 3 grades")]
    [InlineData("match: [0, 0, 0]", "external", "asks for no image at all")]
    [InlineData("match: [1, -1, 0]", "external", "of at least 0")]
    [InlineData("take: 0", "external", "is a whole number from 1")]
    public void Keys_of_another_role_and_senseless_values_are_refused_at_their_place(string key, string role, string says)
    {
        string refusal = ExperimentText.Refusal(Old(key, role));
        Assert.StartsWith("e.yaml:4:", refusal, StringComparison.Ordinal);
        Assert.Contains(says, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void An_external_source_that_is_to_be_split_does_not_go_with_a_validation_source()
    {
        string text = Old("use: folds").Replace("split: { folds: 5, fold: 0 }\n", "", StringComparison.Ordinal).Replace("\ntest:", "\n  - { name: v, folder: v, role: validation }\ntest:", StringComparison.Ordinal);
        Assert.Contains("takes the place of a split and one that is to be split", ExperimentText.Refusal(text), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_run_stores_reads_back_the_same()
    {
        Experiment e = ExperimentText.Read(Old("scale: [a, b], mapping: { a: none, b: skip }, use: pretraining, match: [0.5, 0.25, 0.25], take: 20")) with { Phase = TrainingPhase.Pretraining };
        string json = JsonSerializer.Serialize(e, GradusJson.Compact);
        Experiment back = JsonSerializer.Deserialize<Experiment>(json, GradusJson.Compact)!;
        Assert.Equal(json, JsonSerializer.Serialize(back, GradusJson.Compact));
        SourceSpec old = back.Sources[1];
        Assert.Equal((SourceUse.Pretraining, 20), (old.Use, old.Take));
        Assert.Equal([0.5, 0.25, 0.25], old.Match!.Shares!.Value);
        Assert.Equal([0, null], old.Scale!.Grades);
        Assert.Equal(TrainingPhase.Pretraining, back.Phase);
    }
}
