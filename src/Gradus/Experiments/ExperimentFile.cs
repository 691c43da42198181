using System.Collections.Immutable;
using Gradus.Experiments.Yaml;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Experiments;

/// <summary>Reads an experiment from YAML, strictly: what is not understood, or not used, is refused.</summary>
public static class ExperimentFile
{
    /// <summary>Reads, checks and resolves an experiment file.</summary>
    /// <param name="path">The YAML file; relative paths in it are relative to its folder.</param>
    /// <param name="knownBackbones">The names of the zoo, against which <c>model.backbone</c> is checked; null accepts any name.</param>
    /// <param name="variables">Looks up <c>${NAME}</c> in paths; null takes the environment's variables.</param>
    /// <exception cref="GradusException">
    /// Anything wrong, at <c>path:line:column</c>: a key that is unknown, missing or doubled, a value of the wrong type or out of range,
    /// keys that contradict each other, an unset variable. Fault is always <see cref="Fault.Request"/>.
    /// </exception>
    public static Experiment Read(string path, IReadOnlyCollection<string>? knownBackbones = null, Func<string, string?>? variables = null)
    {
        YamlValue root = StrictYaml.Load(path);
        var paths = new ExperimentPaths(Path.GetDirectoryName(Path.GetFullPath(path))!, variables ?? Environment.GetEnvironmentVariable);
        return root.Block(ExperimentKeys.Experiment, block =>
        {
            GradeScale scale = Scale(block.Required("scale"));
            ImmutableArray<SourceSpec> sources = SourceReader.Sources(block.Required("sources"), paths);
            Target target = ModelReader.Target(block.Required("target"), scale);
            Recipe recipe = RecipeReader.Recipe(block.Required("recipe"));
            return new Experiment
            {
                Scale = scale,
                Sources = sources,
                Test = block.Optional("test", null, v => SourceReader.Test(v, paths, sources)),
                Conflicts = block.Optional("conflicts", ConflictPolicy.Quarantine, v => v.Choice<ConflictPolicy>()),
                Recipe = recipe,
                Normalise = block.Optional("normalise", null, RecipeReader.Normalise),
                Split = Split(block.Optional("split"), sources),
                Augment = block.Optional("augment", Augmentation.None, RecipeReader.Augment),
                Sampling = block.Optional("sampling", new SamplingSpec(), v => Sampling(v, scale)),
                Model = ModelReader.Model(block.Required("model"), paths, knownBackbones, recipe),
                Target = target,
                Thresholds = block.Optional("thresholds", ThresholdTuning.Shared, v => Thresholds(v, target)),
                Train = TrainReader.Train(block.Required("train")),
                Select = block.Optional("select", new SelectSpec(), v => Select(v, scale, target)),
            };
        });
    }

    private static GradeScale Scale(YamlValue value)
    {
        ImmutableArray<string> names = [.. value.Items("grades").Select(v => v.Text())];
        return value.Located(() => new GradeScale(names));
    }

    private static SplitSpec? Split(YamlValue? value, ImmutableArray<SourceSpec> sources)
    {
        SourceSpec? validation = sources.FirstOrDefault(s => s.Role == SourceRole.Validation);
        if (value is null)
            return validation is null ? new SplitSpec() : null;
        if (validation is not null)
            throw value.Wrong("contradicts a source with role validation", $"'{YamlValue.Shown(validation.Name)}'", "Remove split, or give that source role main");
        return value.Block(ExperimentKeys.Split, block =>
        {
            int folds = block.Optional("folds", 5, v => v.Whole(2, 100));
            return new SplitSpec(folds, block.Optional("fold", 0, v => v.Whole(0, folds - 1)));
        });
    }

    private static SamplingSpec Sampling(YamlValue value, GradeScale scale) => value.Block(ExperimentKeys.Sampling, block =>
        new SamplingSpec(block.Optional("class_weights", (ImmutableArray<double>?)null, v =>
        {
            ImmutableArray<double> weights = [.. v.Items("weights").Select(w => w.Number("of at least 0", x => x >= 0))];
            if (weights.Length != scale.Count)
                throw v.Wrong("has a weight for each grade of the scale", $"{weights.Length} weights for {scale.Count} grades", $"Write {scale.Count} weights, for {string.Join(", ", scale.Names.Select(YamlValue.Shown))}");
            return weights.Any(w => w > 0) ? weights : throw v.Wrong("draws no image at all", "only zeros", "Give at least one grade a weight above 0");
        })));

    private static ThresholdTuning Thresholds(YamlValue value, Target target)
    {
        ThresholdTuning tuning = value.Choice<ThresholdTuning>();
        return tuning == ThresholdTuning.Shared || target is OrdinalTarget
            ? tuning
            : throw value.Wrong("is per_output only for target ordinal", "another target", "Remove thresholds, or write target: ordinal");
    }

    private static SelectSpec Select(YamlValue value, GradeScale scale, Target target) => value.Block(ExperimentKeys.Select, block =>
        new SelectSpec(
            block.Optional("by", SelectBy.Loss, v =>
            {
                SelectBy by = v.Choice<SelectBy>();
                return by == SelectBy.Auc && target is RegressionTarget && !scale.IsBinary
                    ? throw v.Wrong("cannot be auc: a regression on more than two grades has no probabilities", $"{scale.Count} grades", "Select by loss, qwk or tuned_qwk")
                    : by;
            }),
            block.Optional<int?>("keep", 3, v => v.IsWord("all") ? null : v.Whole(1, 1000))));
}
