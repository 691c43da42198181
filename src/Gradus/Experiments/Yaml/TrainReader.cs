using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>train</c>.</summary>
internal static class TrainReader
{
    /// <summary>The optimisation, without contradictions.</summary>
    /// <param name="value">The block.</param>
    /// <param name="random">True where the backbone starts from random weights, which have as much to learn as the head.</param>
    public static TrainSpec Train(YamlValue value, bool random) => value.Block(ExperimentKeys.Train, block =>
    {
        int epochs = block.Required("epochs").Whole(1, 100_000);
        YamlValue? steps = block.Optional("base_lr_steps");
        int batch = block.Optional("batch", 32, v => v.Whole(1, 65536));
        var train = new TrainSpec
        {
            Epochs = epochs,
            Batch = batch,
            Accumulate = block.Optional("accumulate", 1, v => v.Whole(1, batch)),
            Device = block.Optional("device", "auto", Device),
            Precision = block.Optional("precision", Precision.Float32, v => v.Choice<Precision>()),
            Optimizer = Optimizer(block.Required("optimizer")),
            TopLr = block.Required("top_lr").Number("above 0 and at most 100", x => x is > 0 and <= 100),
            BaseLrRatio = block.Optional("base_lr_ratio", random ? 1 : 0.1, v => v.Number("above 0 and at most 1000", x => x is > 0 and <= 1000)),
            BaseLrSteps = steps is null ? ImmutableSortedDictionary<int, double>.Empty : BaseLrSteps(steps, epochs),
            Schedule = block.Optional<ScheduleSpec>("schedule", new ConstantSchedule(), v => Schedule(v, epochs)),
            FreezeBackboneEpochs = block.Optional("freeze_backbone_epochs", 0, v => v.Whole(0, 100_000) is > 0 and var frozen && random
                ? throw v.Wrong("freezes a backbone of random weights, which then never sees anything", $"{frozen}", "Name model: weights, or remove the key")
                : v.Whole(0, 100_000)),
            BatchNorm = block.Optional("batch_norm", BatchNormMode.Train, v => v.Choice<BatchNormMode>()),
            ClipNorm = block.Optional("clip_norm", (double?)null, v => v.Number("above 0", x => x > 0)),
            Ema = block.Optional("ema", (double?)null, v => Decay(v)),
            Seed = block.Optional("seed", 42, v => v.WholeLong(0, long.MaxValue)),
        };
        if (steps is not null && train.BaseLrSteps.Count > 0 && train.FreezeBackboneEpochs >= epochs)
            throw steps.Wrong("moves the rate of a backbone that is frozen for the whole run", $"freeze_backbone_epochs {train.FreezeBackboneEpochs} of {epochs} epochs", "Remove one of the two");
        return train;
    });

    private static string Device(YamlValue value)
    {
        string text = value.Text();
        bool cuda = text.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return text is "auto" or "cpu" || cuda ? text : throw value.Wrong("is auto, cpu or cuda:N", $"'{YamlValue.Shown(text)}'", "Write for example device: cuda:0");
    }

    private static OptimizerSpec Optimizer(YamlValue value)
    {
        (string word, YamlValue parameters) = value.Variant(ExperimentKeys.Optimizer);
        return word switch
        {
            "sgd" => parameters.Block<OptimizerSpec>(ExperimentKeys.Sgd, b =>
            {
                double momentum = b.Optional("momentum", 0.9, Decay);
                YamlValue? nesterov = b.Optional("nesterov");
                bool on = nesterov?.Flag() ?? false;
                if (on && momentum == 0)
                    throw nesterov!.Wrong("needs a momentum", "momentum 0", "Remove nesterov, or raise momentum");
                return new SgdSpec(momentum, on) { WeightDecay = b.Optional("weight_decay", 0, WeightDecay) };
            }),
            "adam" => parameters.Block<OptimizerSpec>(ExperimentKeys.Adam, b =>
                new AdamSpec(b.Optional("beta1", 0.9, Decay), b.Optional("beta2", 0.999, Decay)) { WeightDecay = b.Optional("weight_decay", 0, WeightDecay) }),
            "adamw" => parameters.Block<OptimizerSpec>(ExperimentKeys.AdamW, b =>
                new AdamWSpec(b.Optional("beta1", 0.9, Decay), b.Optional("beta2", 0.999, Decay)) { WeightDecay = b.Optional("weight_decay", 0, WeightDecay) }),
            _ => throw new UnreachableException(word),
        };
    }

    private static ScheduleSpec Schedule(YamlValue value, int epochs)
    {
        (string word, YamlValue parameters) = value.Variant(ExperimentKeys.Schedule);
        switch (word)
        {
            case "constant":
                parameters.Nothing();
                return new ConstantSchedule();
            case "cosine":
                return parameters.Block(ExperimentKeys.Cosine, b => new CosineSchedule(
                    b.Optional("warmup_epochs", 0, v => v.Number($"from 0 to below {epochs}, the epochs of the run", x => x >= 0 && x < epochs, "Train for more epochs, or warm up for part of one, such as warmup_epochs: 0.5")),
                    b.Optional("final_ratio", 0, v => v.Number("from 0 to 1", x => x is >= 0 and <= 1))));
            case "one_cycle":
                return parameters.Block(ExperimentKeys.OneCycle, b => new OneCycleSchedule(b.Optional("peak_at", 0.3, v => v.Number("above 0 and below 1", x => x is > 0 and < 1))));
            case "plateau":
                return parameters.Block(ExperimentKeys.Plateau, b => new PlateauSchedule(
                    b.Optional("factor", 0.1, v => v.Number("above 0 and below 1", x => x is > 0 and < 1)),
                    b.Optional("patience", 3, v => v.Whole(1, 100_000))));
            default:
                throw new UnreachableException(word);
        }
    }

    private static ImmutableSortedDictionary<int, double> BaseLrSteps(YamlValue value, int epochs)
    {
        var steps = ImmutableSortedDictionary.CreateBuilder<int, double>();
        foreach ((YamlValue key, YamlValue factor) in value.Pairs("epochs and factors, such as { 1: 2, 3: 5 }"))
        {
            int epoch = key.Whole(1, 100_000);
            if (epoch > epochs)
                throw key.Wrong($"is an epoch of the run, 1 to {epochs}", epoch.ToString(CultureInfo.InvariantCulture), "Remove it, or train for more epochs");
            if (!steps.TryAdd(epoch, factor.Number("above 0 and at most 1000", x => x is > 0 and <= 1000)))
                throw key.Wrong("stands twice", epoch.ToString(CultureInfo.InvariantCulture), "Remove one of them");
        }
        return steps.ToImmutable();
    }

    private static double Decay(YamlValue value) => value.Number("at least 0 and below 1", x => x is >= 0 and < 1);

    private static double WeightDecay(YamlValue value) => value.Number("from 0 to 1", x => x is >= 0 and <= 1);
}
