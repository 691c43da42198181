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
