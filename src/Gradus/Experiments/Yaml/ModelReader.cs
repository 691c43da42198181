using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>model</c> and <c>target</c>.</summary>
internal static class ModelReader
{
    /// <summary>The network.</summary>
    /// <param name="value">The block.</param>
    /// <param name="paths">Resolves the weights.</param>
    /// <param name="knownBackbones">The names of the zoo; null accepts any.</param>
    /// <param name="recipe">What prepares its input.</param>
    public static ModelSpec Model(YamlValue value, ExperimentPaths paths, IReadOnlyCollection<string>? knownBackbones, Recipe recipe) => value.Block(ExperimentKeys.Model, block => new ModelSpec
    {
        Backbone = Backbone(block.Required("backbone"), knownBackbones),
        Pool = block.Optional("pool", Pooling.Avg, v => v.Choice<Pooling>()),
        Head = block.Optional("head", [], v => v.Items("layers").Select(Layer).ToImmutableArray()),
        Channels = block.Optional("channels", 3, v => Channels(v, recipe)),
        StemPool = block.Optional("stem_pool", true, v => v.Flag()),
        // What the file is, its content says when it is opened.
        Weights = block.Optional("weights", null, paths.Full),
        WeightsKey = block.Optional("weights_key", null, v => value.Present("weights").Count > 0
            ? v.Text()
            : throw v.Wrong("chooses within a file of weights, and none is named", remedy: "Add weights, or leave weights_key out")),
    });

    /// <summary>The target, checked against the scale.</summary>
    public static Target Target(YamlValue value, GradeScale scale)
    {
        (string word, YamlValue parameters) = value.Variant(ExperimentKeys.Target);
        Target target = word switch
        {
            "ordinal" => parameters.Block(ExperimentKeys.Ordinal, b => new OrdinalTarget(b.Optional("all_outputs", false, v => v.Flag()))),
            "coral" => None(parameters, new CoralTarget()),
            "corn" => None(parameters, new CornTarget()),
            "soft_labels" => parameters.Block(ExperimentKeys.SoftLabels, b => new SoftLabelTarget(
                b.Optional("distance", GradeDistance.Squared, v => v.Choice<GradeDistance>()),
                b.Optional("sharpness", 1.0, v => v.Number("above 0 and at most 100", x => x is > 0 and <= 100)))),
            "cross_entropy" => None(parameters, new ClassTarget()),
            "regression" => parameters.Block(ExperimentKeys.Regression, b => new RegressionTarget(b.Optional("loss", RegressionLoss.Mse, v => v.Choice<RegressionLoss>()))),
            "binary" => None(parameters, new BinaryTarget()),
            _ => throw new UnreachableException(word),
        };
        value.Located(() =>
        {
            target.Check(scale);
            return target;
        });
        return target;
    }

    private static string Backbone(YamlValue value, IReadOnlyCollection<string>? known)
    {
        string name = value.Text();
        return known is null || known.Contains(name)
            ? name
            : throw value.Wrong("is not in the zoo", $"'{YamlValue.Shown(name)}'", NearestWord.Remedy(name, known, $"Known are {string.Join(", ", known)}"));
    }

    private static int Channels(YamlValue value, Recipe recipe) => value.Whole(1, 3) switch
    {
        2 => throw value.Wrong("is 1 or 3", "2"),
        1 when !recipe.IsGrey => throw value.Wrong("is 1 only where the recipe makes grey images", "a recipe in colour", "Add gray to the recipe, or leave channels out"),
        int channels => channels,
    };

    private static HeadLayer Layer(YamlValue item)
    {
        (string word, YamlValue parameters) = item.Variant(ExperimentKeys.Head);
        return word switch
        {
            "dropout" => new DropoutLayer(parameters.Number("at least 0 and below 1", x => x is >= 0 and < 1)),
            "batch_norm" => None(parameters, new BatchNormLayer()),
            "linear" => new LinearLayer(parameters.Whole(1, 65536)),
            "relu" => None(parameters, new ReluLayer()),
            _ => throw new UnreachableException(word),
        };
    }

    private static T None<T>(YamlValue parameters, T made)
    {
        parameters.Nothing();
        return made;
    }
}
