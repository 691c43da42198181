using Gradus.Experiments;

namespace Gradus.Torch.Training;

/// <summary>The learning rates of one step.</summary>
/// <param name="Head">Of the head.</param>
/// <param name="Backbone">Of the backbone.</param>
public readonly record struct LearningRates(double Head, double Backbone)
{
    /// <summary>
    /// The rates as a pure function of the step, so that a resumed run needs no memory of its schedule. Only the plateau schedule
    /// looks at anything else: at the validation losses that the run recorded.
    /// </summary>
    /// <param name="train">The experiment's optimisation.</param>
    /// <param name="step">From 0, over the whole run.</param>
    /// <param name="stepsPerEpoch">Steps in an epoch, at least 1.</param>
    /// <param name="validationLosses">Of the epochs finished so far, in order.</param>
    public static LearningRates At(TrainSpec train, long step, int stepsPerEpoch, IReadOnlyList<double> validationLosses)
    {
        double position = (double)step / stepsPerEpoch; // in epochs
        double factor = train.Schedule switch
        {
            ConstantSchedule => 1,
            CosineSchedule s => Cosine(s, position, train.Epochs),
            OneCycleSchedule s => OneCycle(s, position / train.Epochs),
            PlateauSchedule s => Math.Pow(s.Factor, Reductions(s, validationLosses)),
            _ => throw new ArgumentOutOfRangeException(nameof(train)),
        };
        int epoch = (int)(step / stepsPerEpoch) + 1;
        double baseFactor = train.BaseLrSteps.Where(s => s.Key <= epoch).Aggregate(1.0, (product, s) => product * s.Value);
        double head = train.TopLr * factor;
        return new LearningRates(head, head * train.BaseLrRatio * baseFactor);
    }

    private static double Cosine(CosineSchedule schedule, double position, int epochs)
    {
        if (position < schedule.WarmupEpochs)
            return (position + 1e-3) / (schedule.WarmupEpochs + 1e-3); // not 0, or the first step would do nothing
        double done = (position - schedule.WarmupEpochs) / Math.Max(1e-9, epochs - schedule.WarmupEpochs);
        return Between(1, schedule.FinalRatio, done);
    }

    private static double OneCycle(OneCycleSchedule schedule, double done) => done < schedule.PeakAt
        ? Between(1 / 25.0, 1, done / schedule.PeakAt)
        : Between(1, 1 / 10000.0, (done - schedule.PeakAt) / (1 - schedule.PeakAt));

    private static double Between(double from, double to, double done) => to + (from - to) * 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(done, 0, 1)));

    private static int Reductions(PlateauSchedule schedule, IReadOnlyList<double> losses)
    {
        int reductions = 0, waited = 0;
        double best = double.PositiveInfinity;
        foreach (double loss in losses)
        {
            if (loss < best)
                (best, waited) = (loss, 0);
            else if (++waited > schedule.Patience)
                (reductions, waited) = (reductions + 1, 0);
        }
        return reductions;
    }
}
