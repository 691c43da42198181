using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>What batch normalisation of the backbone does while training.</summary>
public enum BatchNormMode
{
    /// <summary>Normalises by the batch and learns.</summary>
    Train,

    /// <summary>Keeps the statistics and the scale of the weights; for weights whose batch norm was folded into the convolutions.</summary>
    Frozen,
}

/// <summary>Optimisation.</summary>
public sealed record TrainSpec
{
    /// <summary>Passes over the training fold.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Each batch is worked through in this many parts whose gradients are summed: the step of a large batch in the memory of a small one.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Where to compute: auto, cpu or cuda:N.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>What the backbone computes with; a run's record never says auto.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The optimiser.</summary>
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Learning rate of the head.</summary>
    public required double TopLr { get; init; }

    /// <summary>The backbone's learning rate is this times the head's; a file without weights and without this key means 1, with weights 0.1.</summary>
    public double BaseLrRatio { get; init; } = 1;

    /// <summary>Epoch to factor: from that epoch on the backbone's rate is multiplied by it, and factors accumulate. Epochs count from 1.</summary>
    public ImmutableSortedDictionary<int, double> BaseLrSteps { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>How both rates move over the run.</summary>
    public ScheduleSpec Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The backbone's tensors stand still for this many epochs from the start; at least <see cref="Epochs"/> for the whole run.</summary>
    public int FreezeBackboneEpochs { get; init; }

    /// <summary>Batch normalisation of the backbone.</summary>
    public BatchNormMode BatchNorm { get; init; } = BatchNormMode.Train;

    /// <summary>The gradient's norm is clipped to this; null leaves it.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Decay a step of the moving average of the weights, which is what is judged and kept; null keeps the weights themselves.</summary>
    public double? Ema { get; init; }

    /// <summary>Fixes everything random in the run.</summary>
    public long Seed { get; init; } = 42;
}

/// <summary>The optimiser and what it alone needs.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(SgdSpec), "sgd")]
[JsonDerivedType(typeof(AdamSpec), "adam")]
[JsonDerivedType(typeof(AdamWSpec), "adamw")]
public abstract record OptimizerSpec
{
    /// <summary>Weight decay, 0 or more.</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Stochastic gradient descent.</summary>
public sealed record SgdSpec(double Momentum = 0.9, bool Nesterov = false) : OptimizerSpec;

/// <summary>Adam (Kingma and Ba 2015).</summary>
public sealed record AdamSpec(double Beta1 = 0.9, double Beta2 = 0.999) : OptimizerSpec;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
public sealed record AdamWSpec(double Beta1 = 0.9, double Beta2 = 0.999) : OptimizerSpec;

/// <summary>How the learning rates move; always a pure function of the step (plateau: of the recorded epochs).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(OneCycleSchedule), "one_cycle")]
[JsonDerivedType(typeof(PlateauSchedule), "plateau")]
public abstract record ScheduleSpec;

/// <summary>The rates stay, but for <see cref="TrainSpec.BaseLrSteps"/>.</summary>
public sealed record ConstantSchedule : ScheduleSpec;

/// <summary>A linear warm-up, then half a cosine down to <paramref name="FinalRatio"/> of the peak (Loshchilov and Hutter 2017, eq. 5).</summary>
public sealed record CosineSchedule(double WarmupEpochs = 0, double FinalRatio = 0) : ScheduleSpec;

/// <summary>Up from 1/25 and down to 1/10000 of the peak, both by cosine (Smith and Topin 2018).</summary>
/// <param name="PeakAt">The share of all steps at which the peak is reached, above 0 and below 1.</param>
public sealed record OneCycleSchedule(double PeakAt = 0.3) : ScheduleSpec;

/// <summary>Multiplied by <paramref name="Factor"/> whenever the validation loss has not fallen for <paramref name="Patience"/> epochs.</summary>
public sealed record PlateauSchedule(double Factor = 0.1, int Patience = 3) : ScheduleSpec;
