using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Imaging;

namespace Gradus.Runs;

/// <summary>What differs from a parent, in tokens short enough for a name: <c>s64</c>, <c>lr1e-4</c>, <c>cw</c>.</summary>
internal static class NameTokens
{
    private const int Most = 6;

    // In the name already, or, as the weights of a parent are, not a person's choice.
    private static readonly string[] Silent = ["split.fold", "model.backbone", "model.weights", "phase", "normalise"];

    /// <summary>One to seven different tokens, in the order of the settings; "again" where nothing differs.</summary>
    public static IReadOnlyList<string> Of(Experiment parent, Experiment child)
    {
        string[] tokens = [.. ExperimentDifference.Between(parent, child).Where(d => !Silent.Any(s => d.Setting == s || d.Setting.StartsWith(s + ".", StringComparison.Ordinal)))
            .SelectMany(d => Tokens(d, parent, child)).Distinct(StringComparer.Ordinal)];
        return tokens.Length == 0 ? ["again"] : tokens.Length <= Most ? tokens : [.. tokens.Take(Most), "etc"];
    }

    private static IEnumerable<string> Tokens(SettingDifference d, Experiment parent, Experiment child) => d.Setting switch
    {
        _ when d.Setting.StartsWith("recipe", StringComparison.Ordinal) => OfRecipe(parent.Recipe.Steps, child.Recipe.Steps),
        "train.top_lr" => [$"lr{Number(child.Train.TopLr)}"],
        "train.base_lr_ratio" => [$"blr{Number(child.Train.BaseLrRatio)}"],
        "train.freeze_backbone_epochs" => [$"fr{child.Train.FreezeBackboneEpochs}"],
        "train.epochs" => [$"e{child.Train.Epochs}"],
        "train.batch" => [$"b{child.Train.Batch}"],
        "train.seed" => [$"seed{child.Train.Seed}"],
        "train.clip_norm" => [$"clip{(child.Train.ClipNorm is { } norm ? Number(norm) : "0")}"],
        "train.precision" => [Word(child.Train.Precision.ToString())],
        "train.optimizer.weight_decay" => [$"wd{Number(child.Train.Optimizer.WeightDecay)}"],
        _ when d.Setting.StartsWith("train.optimizer", StringComparison.Ordinal) => [Kind(child.Train.Optimizer, "Spec")],
        _ when d.Setting.StartsWith("train.schedule", StringComparison.Ordinal) => [Kind(child.Train.Schedule, "Schedule")],
        _ when d.Setting.StartsWith("train.base_lr_steps", StringComparison.Ordinal) => ["steps"],
        _ when d.Setting.StartsWith("sampling", StringComparison.Ordinal) => [child.Sampling switch { WeightedClasses => "cw", BalancedClasses => "bal", AnnealedClasses => "ann", CappedClasses => "caps", _ => "nat" }],
        _ when d.Setting.StartsWith("target", StringComparison.Ordinal) => [Kind(child.Target, "Target")],
        _ when d.Setting.StartsWith("augment", StringComparison.Ordinal) => ["aug"],
        "model.pool" => [Word(child.Model.Pool.ToString())],
        "sources" => ["src"],
        "test" => [],
        _ when d.Setting.StartsWith("test.", StringComparison.Ordinal) => [],
        "split.folds" => [$"{child.Split?.Folds ?? 0}folds"],
        "split" => ["split"],
        _ => [d.Setting[(d.Setting.LastIndexOf('.') + 1)..].Replace("_", "", StringComparison.Ordinal)],
    };

    private static IEnumerable<string> OfRecipe(ImmutableArray<RecipeStep> before, ImmutableArray<RecipeStep> after)
    {
        int? old = before.OfType<Resize>().LastOrDefault()?.Size, now = after.OfType<Resize>().LastOrDefault()?.Size;
        if (now is not null && now != old)
            yield return $"s{now}";
        string[] had = [.. before.Where(s => s is not Resize).Select(Step)], has = [.. after.Where(s => s is not Resize).Select(Step)];
        foreach (string step in has.Except(had))
            yield return step;
        foreach (string step in had.Except(has))
            yield return $"no{step}";
        if (now == old && has.ToHashSet().SetEquals(had))
            yield return "recipe";
    }

    private static string Step(RecipeStep step) => step switch { BenGraham => "bg", CropRetina => "crop", _ => Kind(step, "") };

    private static string Kind(object spec, string suffix)
    {
        string name = spec.GetType().Name;
        return Word(suffix.Length > 0 && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name);
    }

    private static string Word(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace("_", "", StringComparison.Ordinal);

    private static string Number(double value) => value is > 0 and < 0.01 ? value.ToString("0.###e-0", CultureInfo.InvariantCulture) : value.ToString("0.####", CultureInfo.InvariantCulture);
}
