using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Imaging;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>recipe</c>, <c>normalise</c> and <c>augment</c>.</summary>
internal static class RecipeReader
{
    /// <summary>The recipe; a step's own mistake is reported at the step, a mistake of the order at the list.</summary>
    public static Recipe Recipe(YamlValue list)
    {
        var steps = ImmutableArray.CreateBuilder<RecipeStep>();
        foreach (YamlValue item in list.Items("steps"))
        {
            RecipeStep step = Step(item);
            item.Located(() => Alone(step));
            steps.Add(step);
        }
        return list.Located(() => new Recipe(steps.ToImmutable()));
    }

    /// <summary>Means and standard deviations.</summary>
    public static Normalisation Normalise(YamlValue value) => value.Block(ExperimentKeys.Normalise, block =>
    {
        ImmutableArray<double> mean = Three(block.Required("mean"));
        ImmutableArray<double> std = Three(block.Required("std"));
        return value.Located(() => new Normalisation(mean, std));
    });

    /// <summary>The augmentation.</summary>
    public static Augmentation Augment(YamlValue list)
    {
        var steps = ImmutableArray.CreateBuilder<AugmentStep>();
        foreach (YamlValue item in list.Items("steps"))
        {
            AugmentStep step = Random(item);
            item.Located(() => new Augmentation([step]));
            steps.Add(step);
        }
        return list.Located(() => new Augmentation(steps.ToImmutable()));
    }

    private static RecipeStep Step(YamlValue item)
    {
        (string word, YamlValue parameters) = item.Variant(ExperimentKeys.Recipe);
        return word switch
        {
            "crop_retina" => parameters.Block(ExperimentKeys.CropRetina, b => new CropRetina(b.Optional("tolerance", 10, v => v.Whole(0, 254)))),
            "resize" => parameters.Block(ExperimentKeys.Resize, b => new Resize(
                b.Required("size").Whole(8, 4096),
                b.Optional("fit", ResizeFit.Stretch, v => v.Choice<ResizeFit>()))),
            "gray" => None(parameters, new Gray()),
            "ben_graham" => parameters.Block(ExperimentKeys.BenGraham, b => new BenGraham(
                b.Optional("colour", true, v => v.Flag()),
                b.Optional("sigma", (double?)null, v => v.Number("above 0 and at most 1000", x => x is > 0 and <= 1000)),
                b.Optional("mask", false, v => v.Flag()))),
            "median" => parameters.Block(ExperimentKeys.Median, b => new Median(b.Optional("size", 3, v => v.Whole(3, 99)))),
            "clahe" => parameters.Block(ExperimentKeys.Clahe, b => new Clahe(
                b.Optional("tiles", 8, v => v.Whole(1, 64)),
                b.Optional("slope", 3, v => v.Whole(1, 100)))),
            "circle_mask" => None(parameters, new CircleMask()),
            _ => throw new UnreachableException(word),
        };
    }

    private static AugmentStep Random(YamlValue item)
    {
        (string word, YamlValue parameters) = item.Variant(ExperimentKeys.Augment);
        return word switch
        {
            "flip" => None(parameters, new FlipStep()),
            "transpose" => None(parameters, new TransposeStep()),
            "rotate" => WithFill(parameters).Block(ExperimentKeys.Rotate, b => new RotateStep(
                b.Required("degrees").Number("above 0 and at most 180", x => x is > 0 and <= 180),
                b.Required("fill").Choice<Fill>())),
            "scale" => WithFill(parameters).Block(ExperimentKeys.Scale, b =>
            {
                YamlValue range = b.Required("range");
                double[] factors = [.. range.Items("two factors").Select(v => v.Number("from 0.1 to 10", x => x is >= 0.1 and <= 10))];
                return factors is [var low, var high] && low <= high
                    ? new ScaleStep(low, high, b.Required("fill").Choice<Fill>())
                    : throw range.Wrong("is [low, high]", $"[{string.Join(", ", factors)}]", "Write for example range: [0.9, 1.1]");
            }),
            "brightness" => new BrightnessStep(Amount(parameters)),
            "contrast" => new ContrastStep(Amount(parameters)),
            _ => throw new UnreachableException(word),
        };
    }

    // A border that the network can see is a mistake nobody finds, so there is no default to overlook.
    private static YamlValue WithFill(YamlValue parameters)
    {
        if (parameters.Present("fill").Count == 0)
            throw parameters.Wrong("leaves open what stands outside the image", "no fill", "Add fill: black (photographs on black), gray (after ben_graham), edge or reflect (tissue)");
        return parameters;
    }

    private static double Amount(YamlValue value) => value.Number("above 0 and below 1", x => x is > 0 and < 1);

    private static T None<T>(YamlValue parameters, T step)
    {
        parameters.Nothing();
        return step;
    }

    private static ImmutableArray<double> Three(YamlValue value) => [.. value.Items("three numbers").Select(v => v.Number("on the scale 0 to 1", x => x is >= 0 and <= 1))];

    // The recipe's own rules about one step, whatever the order of the others.
    private static Recipe Alone(RecipeStep step) => new(step switch
    {
        Resize => [step],
        { Stage: RecipeStage.Geometry } => [step, new Resize(224)],
        _ => [new Resize(224), step],
    });
}
