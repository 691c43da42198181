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
            ImmutableArray<SourceSpec> sources = SourceReader.Sources(block.Required("sources"), paths, scale);
            (ConflictPolicy policy, string? decisions) = block.Optional("conflicts", (ConflictPolicy.Quarantine, null), v => Conflicts(v, paths));
            Target target = ModelReader.Target(block.Required("target"), scale);
            Recipe recipe = RecipeReader.Recipe(block.Required("recipe"));
            ModelSpec model = ModelReader.Model(block.Required("model"), paths, knownBackbones, recipe);
            TrainSpec train = TrainReader.Train(block.Required("train"), random: model.Weights is null);
            (SplitSpec? split, string? list) = Split(block.Optional("split"), sources, paths);
            return new Experiment
            {
                Scale = scale,
                Sources = sources,
                Test = block.Optional("test", null, v => SourceReader.Test(v, paths, sources)),
                Conflicts = policy,
                Decisions = decisions,
                Recipe = recipe,
                Normalise = block.Optional("normalise", null, RecipeReader.Normalise),
                Split = split,
                ValidationList = list,
                Augment = block.Optional("augment", Augmentation.None, RecipeReader.Augment),
                Sampling = block.Optional<SamplingSpec>("sampling", new EveryImageOnce(), v => SamplingReader.Sampling(v, scale, train.Epochs, paths)),
                Model = model,
                Target = target,
                Thresholds = block.Optional("thresholds", new ThresholdSpec(), v => ThresholdReader.Thresholds(v, target)),
                Train = train,
                Select = block.Optional(
                    "select", new SelectSpec(SelectSpec.DefaultRule(train.Schedule)), v => Select(v, scale, target, train.Schedule)),
                Notify = block.Optional("notify", null, NotifyReader.Notify),
            };
        });
    }

    private static GradeScale Scale(YamlValue value)
    {
        ImmutableArray<string> names = [.. value.Items("grades").Select(v => v.Text())];
        return value.Located(() => new GradeScale(names));
    }

    private static (ConflictPolicy Policy, string? Decisions) Conflicts(YamlValue value, ExperimentPaths paths)
    {
        (string word, YamlValue parameters) = value.Variant(ExperimentKeys.Conflicts);
        if (word == "file")
            return (ConflictPolicy.File, paths.Full(parameters));
        parameters.Nothing();
        return (Enum.Parse<ConflictPolicy>(word, ignoreCase: true), null);
    }

    private static (SplitSpec? Split, string? List) Split(YamlValue? value, ImmutableArray<SourceSpec> sources, ExperimentPaths paths)
    {
        SourceSpec? validation = sources.FirstOrDefault(s => s.Role == SourceRole.Validation);
        if (value is null)
            return (validation is null ? new SplitSpec() : null, null);
        if (validation is not null)
            throw value.Wrong("contradicts a source with role validation", $"'{YamlValue.Shown(validation.Name)}'", "Remove split, or give that source role main");
        return value.Block<(SplitSpec?, string?)>(ExperimentKeys.Split, block =>
        {
            int folds = block.Optional("folds", 5, v => v.Whole(2, 100));
            var split = new SplitSpec(folds, block.Optional("fold", 0, v => v.Whole(0, folds - 1)));
            if (block.Optional("validation") is not { } list)
                return (split, (string?)null);
            return value.Present("folds", "fold") is [var (key, place), ..]
                ? throw place.Wrong($"has a list of validation images, so {key} has no meaning", "validation and " + key, "Keep one of them")
                : (null, paths.Full(list));
        });
    }

    private static SelectSpec Select(YamlValue value, GradeScale scale, Target target, ScheduleSpec schedule) =>
        value.Block(ExperimentKeys.Select, block => new SelectSpec(
            block.Optional("by", SelectSpec.DefaultRule(schedule), v =>
            {
                SelectBy by = v.Choice<SelectBy>();
                return by == SelectBy.Auc && target is RegressionTarget && !scale.IsBinary
                    ? throw v.Wrong("cannot be auc: a regression on more than two grades has no probabilities", $"{scale.Count} grades", "Select by loss, qwk or tuned_qwk")
                    : by;
            }),
            block.Optional<int?>("keep", 3, v => v.IsWord("all") ? null : v.Whole(1, 1000))));
}
