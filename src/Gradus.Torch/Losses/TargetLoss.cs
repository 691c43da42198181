using Gradus.Grading;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Losses;

/// <summary>The loss that belongs to a target. It takes logits: the links are inside, where they are numerically stable.</summary>
public static class TargetLoss
{
    /// <summary>The mean loss of a batch, a float32 scalar with a gradient to <paramref name="logits"/>.</summary>
    /// <param name="target">Says which; see its documentation for the source.</param>
    /// <param name="logits">(B, M) floating point, before any link; 16-bit floats are widened first.</param>
    /// <param name="grades">(B) int64, 0 to K-1.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit the target.</exception>
    public static Tensor Compute(Target target, Tensor logits, Tensor grades)
    {
        CheckGrades(grades);
        if (logits.ndim != 2 || logits.shape[0] != grades.shape[0])
            throw new ArgumentException($"logits (B, M) for {grades.shape[0]} grades expected, ({string.Join(", ", logits.shape)}) given", nameof(logits));
        if (target is RegressionTarget or BinaryTarget && logits.shape[1] != 1)
            throw new ArgumentException($"one output expected, {logits.shape[1]} given", nameof(logits));
        using var scope = NewDisposeScope();
        Tensor x = logits.to(ScalarType.Float32); // (B, M)
        Tensor loss = target switch
        {
            OrdinalTarget ordinal => functional.binary_cross_entropy_with_logits(x, Encode(ordinal, grades, (int)x.shape[1] + (ordinal.AllOutputs ? 0 : 1))),
            CoralTarget => functional.binary_cross_entropy_with_logits(x, Encode(new OrdinalTarget(), grades, (int)x.shape[1] + 1)),
            CornTarget => Conditional(x, grades),
            SoftLabelTarget soft => -(SoftLabels(soft, grades, (int)x.shape[1]) * functional.log_softmax(x, 1)).sum(1).mean(),
            ClassTarget => functional.cross_entropy(x, grades),
            RegressionTarget { Loss: RegressionLoss.Mse } => functional.mse_loss(x.squeeze(1), grades.to(ScalarType.Float32)),
            RegressionTarget { Loss: RegressionLoss.SmoothL1 } => functional.smooth_l1_loss(x.squeeze(1), grades.to(ScalarType.Float32)),
            BinaryTarget => functional.binary_cross_entropy_with_logits(x.squeeze(1), grades.to(ScalarType.Float32)),
            _ => throw new ArgumentOutOfRangeException(nameof(target)),
        };
        return loss.MoveToOuterDisposeScope(); // ()
    }

    /// <summary>
    /// The cumulative code of grades: 3 of 5 is <c>[1,1,1,0]</c>; with <see cref="OrdinalTarget.AllOutputs"/> the third of
    /// five steps (grade 2) is <c>[1,1,1,0,0]</c>.
    /// </summary>
    /// <param name="target">Says whether the certain first output is there.</param>
    /// <param name="grades">(B) int64, 0 to K-1.</param>
    /// <param name="gradeCount">K.</param>
    /// <returns>(B, K-1) or (B, K) float32, zeros and ones, on the device of the grades.</returns>
    /// <exception cref="ArgumentException">The grades are not a vector of int64.</exception>
    public static Tensor Encode(OrdinalTarget target, Tensor grades, int gradeCount)
    {
        CheckGrades(grades);
        using var scope = NewDisposeScope();
        Tensor steps = arange(target.AllOutputs ? 0 : 1, gradeCount, ScalarType.Int64, grades.device); // (M), output k asks "at least k?"
        return grades.unsqueeze(1).ge(steps).to(ScalarType.Float32).MoveToOuterDisposeScope(); // (B, M)
    }

    /// <summary>The shares of all grades in the label of each image, (B, K) float32; rows add up to 1.</summary>
    /// <param name="target">Distance and sharpness.</param>
    /// <param name="grades">(B) int64, 0 to K-1.</param>
    /// <param name="gradeCount">K.</param>
    public static Tensor SoftLabels(SoftLabelTarget target, Tensor grades, int gradeCount)
    {
        CheckGrades(grades);
        using var scope = NewDisposeScope();
        Tensor apart = (grades.unsqueeze(1) - arange(gradeCount, ScalarType.Int64, grades.device)).abs().to(ScalarType.Float32); // (B, K)
        Tensor distance = target.Distance == GradeDistance.Squared ? apart.square() : apart;
        return functional.softmax(distance * -target.Sharpness, 1).MoveToOuterDisposeScope();
    }

    // The published loss divides by the number of questions that apply to the batch; dividing by all of them instead keeps the gradient of
    // a batch the mean of the gradients of its parts.
    private static Tensor Conditional(Tensor logits, Tensor grades)
    {
        Tensor steps = arange(logits.shape[1], ScalarType.Int64, grades.device); // (M), output k asks "above k, given at least k?"
        Tensor applies = grades.unsqueeze(1).ge(steps).to(ScalarType.Float32), answer = grades.unsqueeze(1).gt(steps).to(ScalarType.Float32); // (B, M)
        return functional.binary_cross_entropy_with_logits(logits, answer, weight: applies);
    }

    private static void CheckGrades(Tensor grades)
    {
        if (grades.ndim != 1 || grades.dtype != ScalarType.Int64)
            throw new ArgumentException($"grades (B) of int64 expected, ({string.Join(", ", grades.shape)}) of {grades.dtype} given", nameof(grades));
    }
}
