using System.Globalization;
using Gradus.Grading;

namespace Gradus.Experiments;

/// <summary>Settings in words, as a run prints them.</summary>
public static class InWords
{
    /// <summary>What the network is asked for, and its loss.</summary>
    public static string Of(Target target) => target switch
    {
        OrdinalTarget { AllOutputs: false } => "ordinal, one cumulative output for each step between grades, binary cross-entropy",
        OrdinalTarget => "ordinal, one cumulative output a grade, binary cross-entropy",
        CoralTarget => "ordinal by CORAL, cumulative outputs with weights in common, binary cross-entropy",
        CornTarget => "ordinal by CORN, one conditional output for each step between grades, binary cross-entropy",
        SoftLabelTarget s => $"one output a grade, cross-entropy with soft labels of {(s.Distance == GradeDistance.Squared ? "squared" : "absolute")} distance, sharpness {s.Sharpness}",
        ClassTarget => "one output a grade, cross-entropy",
        RegressionTarget { Loss: RegressionLoss.Mse } => "the grade by regression, mean squared error",
        RegressionTarget => "the grade by regression, smooth L1",
        BinaryTarget => "the second of two grades, binary cross-entropy",
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };

    /// <summary>"SGD, momentum 0.95".</summary>
    public static string Of(OptimizerSpec optimizer)
    {
        string name = optimizer switch
        {
            SgdSpec s => $"SGD, {(s.Nesterov ? "Nesterov " : "")}momentum {s.Momentum}",
            AdamSpec s => $"Adam, betas {s.Beta1} and {s.Beta2}",
            AdamWSpec s => $"AdamW, betas {s.Beta1} and {s.Beta2}",
            _ => throw new ArgumentOutOfRangeException(nameof(optimizer)),
        };
        return $"{name}, weight decay {optimizer.WeightDecay}";
    }

    /// <summary>"cosine after a warm-up of 1 epochs, down to 0 of the peak".</summary>
    public static string Of(ScheduleSpec schedule) => schedule switch
    {
        ConstantSchedule => "constant",
        CosineSchedule s => $"cosine after a warm-up of {s.WarmupEpochs} epochs, down to {s.FinalRatio:0.####} of the peak",
        OneCycleSchedule s => $"one cycle with its peak at {s.PeakAt:0%}",
        PlateauSchedule s => $"times {s.Factor} after {s.Patience} epochs without a lower validation loss",
        _ => throw new ArgumentOutOfRangeException(nameof(schedule)),
    };

    /// <summary>"every image once an epoch".</summary>
    public static string Of(SamplingSpec sampling) => sampling switch
    {
        EveryImageOnce => "every image once an epoch",
        WeightedClasses s => $"by class weights [{string.Join(", ", s.Weights)}], with replacement",
        BalancedClasses { Balance: ClassBalance.Sqrt } => "grades by the square root of their images, with replacement",
        BalancedClasses => "all grades alike, with replacement",
        AnnealedClasses s => $"from {(s.From == ClassBalance.Sqrt ? "the square root's" : "balanced")} shares to natural ones over {s.Epochs} epochs, with replacement; then every image once",
        WeightedImages s => string.Create(CultureInfo.InvariantCulture, $"images by 1 + {s.Strength} x their error in {Path.GetFileName(s.File)}, with replacement"),
        CappedClasses s when s.Caps.Distinct().Count() == 1 => $"at most {s.Caps[0]} images of a grade an epoch, in turns",
        CappedClasses s => $"at most [{string.Join(", ", s.Caps.Select(c => c is { } cap ? $"{cap}" : "all"))}] images of a grade an epoch, in turns",
        _ => throw new ArgumentOutOfRangeException(nameof(sampling)),
    };

    /// <summary>"avg pooling, dropout 0.3, linear".</summary>
    public static string Of(ModelSpec model) => string.Join(", ", model.Head.Select(Of).Prepend($"{model.Pool.ToString().ToLowerInvariant()} pooling").Append("linear"));

    private static string Of(HeadLayer layer) => layer switch
    {
        DropoutLayer l => $"dropout {l.Probability}",
        BatchNormLayer => "batch norm",
        LinearLayer l => $"linear to {l.Outputs}",
        ReluLayer => "ReLU",
        _ => throw new ArgumentOutOfRangeException(nameof(layer)),
    };
}
