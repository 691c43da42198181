using System.Globalization;
using Gradus.Grading;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>The number whose origin a map shows: an image's logits (B, M) to (B).</summary>
public abstract record CamScalar
{
    /// <summary>Reads score, grade, grade:K or output:K.</summary>
    /// <exception cref="GradusException">Another word, or the target has no such grade or output (fault: request).</exception>
    public static CamScalar Parse(string text, Target target, GradeScale scale)
    {
        string[] parts = text.Split(':');
        int? number = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : null;
        int outputs = target.OutputCount(scale);
        switch (parts[0], number)
        {
            case ("score", null) when parts.Length == 1:
                return new ScoreScalar();
            case ("grade", _) when target is RegressionTarget:
                throw new GradusException("a regression has no evidence for one grade: its only output is the score", found: $"--of {text}", remedy: "Use --of score", fault: Fault.Request);
            case ("grade", null) when parts.Length == 1:
                return new GradeScalar(null);
            case ("grade", { } grade):
                return scale.Contains(grade) ? new GradeScalar(grade) : throw new GradusException($"grades are 0 to {scale.Count - 1}", found: $"--of {text}", fault: Fault.Request);
            case ("output", { } output):
                return output < outputs ? new OutputScalar(output) : throw new GradusException($"outputs are 0 to {outputs - 1}", found: $"--of {text}", fault: Fault.Request);
            default:
                throw new GradusException("--of is score, grade, grade:K or output:K", found: $"'{text}'", fault: Fault.Request);
        }
    }

    /// <summary>(B, M) logits to (B), differentiable.</summary>
    internal abstract Tensor Of(Tensor logits, Target target, int[] predicted);
}

/// <summary>The expected grade, as <see cref="Target.Link"/> computes it: what speaks for a higher grade.</summary>
public sealed record ScoreScalar : CamScalar
{
    /// <inheritdoc/>
    public override string ToString() => "the score";

    internal override Tensor Of(Tensor logits, Target target, int[] predicted) => target switch
    {
        OrdinalTarget { AllOutputs: true } => logits.narrow(1, 1, logits.shape[1] - 1).sigmoid().sum(1),
        OrdinalTarget or CoralTarget or BinaryTarget => logits.sigmoid().sum(1),
        CornTarget => logits.sigmoid().cumprod(1).sum(1),
        ClassTarget or SoftLabelTarget => (logits.softmax(1) * arange(logits.shape[1], dtype: ScalarType.Float32, device: logits.device)).sum(1),
        RegressionTarget => logits.select(1, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };
}

/// <summary>The evidence for one grade: its logit, or the logarithm of its probability where the outputs are cumulative.</summary>
/// <param name="Grade">0 to K-1; null takes the grade predicted for each image.</param>
public sealed record GradeScalar(int? Grade) : CamScalar
{
    /// <inheritdoc/>
    public override string ToString() => Grade is { } grade ? $"grade {grade}" : "the predicted grade";

    internal override Tensor Of(Tensor logits, Target target, int[] predicted) =>
        stack([.. predicted.Select((grade, i) => One(logits.select(0, i), target, Grade ?? grade))]); // (B)

    private static Tensor One(Tensor z, Target target, int k) => target switch
    {
        ClassTarget or SoftLabelTarget => z[k],
        BinaryTarget => k == 1 ? z[0] : -z[0],
        // "At least k, and not at least k + 1"; of conditional outputs, "at least each up to k".
        CornTarget => Exactly(z, k, from: 0),
        OrdinalTarget { AllOutputs: true } => Exactly(z.narrow(0, 1, z.shape[0] - 1), k, from: k - 1),
        OrdinalTarget or CoralTarget => Exactly(z, k, from: k - 1),
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };

    // Output j answers "at least j + 1?".
    private static Tensor Exactly(Tensor z, int k, int from)
    {
        Tensor? atLeast = k > 0 ? nn.functional.logsigmoid(z.narrow(0, Math.Max(0, from), k - Math.Max(0, from))).sum() : null;
        Tensor? below = k < z.shape[0] ? nn.functional.logsigmoid(-z[k]) : null;
        return (atLeast, below) is ({ } a, { } b) ? a + b : atLeast ?? below!;
    }
}

/// <summary>The logit of one output.</summary>
/// <param name="Index">0 to M-1.</param>
public sealed record OutputScalar(int Index) : CamScalar
{
    /// <inheritdoc/>
    public override string ToString() => $"output {Index}";

    internal override Tensor Of(Tensor logits, Target target, int[] predicted) => logits.select(1, Index);
}
