using System.Diagnostics;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Torch.Loading;
using Gradus.Torch.Losses;
using Gradus.Torch.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// One step of the optimiser on one batch: forward, loss, backward, clip, move. Float32 master weights learn; with bfloat16 only what
/// flows through the backbone is rounded (Micikevicius et al. 2018, section 3.1; bfloat16 needs no loss scaling).
/// </summary>
internal sealed class GradientStep(GradedClassifier model, GroupedOptimizer optimizer, Target target, Normalisation normalisation, TrainSpec train)
{
    private readonly ScalarType _type = Engine.TypeOf(train.Precision);
    private readonly Parameter[] _parameters = [.. model.parameters()];

    /// <summary>Where the time went since the beginning.</summary>
    public StepTimes Times { get; private set; }

    /// <summary>Learns from a batch.</summary>
    /// <param name="images">(B, 3, H, W) float32 on 0 to 255; normalised in place.</param>
    /// <param name="grades">(B) int64.</param>
    /// <returns>The mean loss of the batch, and its logits, (B * M) row by row.</returns>
    public (double Loss, float[] Logits) Take(Tensor images, Tensor grades)
    {
        optimizer.ZeroGradients();
        long count = images.shape[0];
        int parts = (int)Math.Min(train.Accumulate, count);
        double loss = 0;
        var logits = new List<float>();
        for (int part = 0; part < parts; part++)
        {
            using var scope = NewDisposeScope();
            long from = count * part / parts, length = count * (part + 1) / parts - from;
            (double partLoss, float[] rows) = Accumulate(images.narrow(0, from, length), grades.narrow(0, from, length), (double)length / count);
            loss += partLoss;
            logits.AddRange(rows);
        }

        long started = Stopwatch.GetTimestamp();
        if (train.ClipNorm is { } norm)
            nn.utils.clip_grad_norm_(_parameters.Where(p => p.requires_grad), norm);
        optimizer.Step();
        Times = Times with { Optimizer = Times.Optimizer + Stopwatch.GetElapsedTime(started) };
        return (loss, [.. logits]);
    }

    /// <summary>Adds the gradients of a part of a batch, weighted by its share of the images.</summary>
    private (double Loss, float[] Logits) Accumulate(Tensor images, Tensor grades, double share)
    {
        long started = Stopwatch.GetTimestamp();
        Tensor logits = model.call(BatchInput.Normalise(images, normalisation).to(_type)); // (B, M)
        Tensor loss = TargetLoss.Compute(target, logits, grades);
        if (share < 1)
            loss = loss * share;
        long forward = Stopwatch.GetTimestamp();
        loss.backward();
        double value = loss.item<float>(); // waits for a GPU, so that the times below are true there too
        Times = Times with { Forward = Times.Forward + Stopwatch.GetElapsedTime(started, forward), Backward = Times.Backward + Stopwatch.GetElapsedTime(forward) };
        return (value, [.. logits.detach().cpu().contiguous().data<float>()]);
    }
}

/// <summary>Where the time of training steps went. On a GPU work is queued, and what is not waited for counts as backward.</summary>
public readonly record struct StepTimes(TimeSpan Forward, TimeSpan Backward, TimeSpan Optimizer);
