using System.Text.Json.Serialization;

namespace Gradus.Grading;

/// <summary>
/// What the network is asked for: how many outputs, their link, how they become a score and a grade. The loss belongs to the
/// target as well; it is computed in Gradus.Torch, which alone knows tensors.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "target")]
[JsonDerivedType(typeof(OrdinalTarget), "ordinal")]
[JsonDerivedType(typeof(CoralTarget), "coral")]
[JsonDerivedType(typeof(CornTarget), "corn")]
[JsonDerivedType(typeof(ClassTarget), "cross_entropy")]
[JsonDerivedType(typeof(SoftLabelTarget), "soft_labels")]
[JsonDerivedType(typeof(RegressionTarget), "regression")]
[JsonDerivedType(typeof(BinaryTarget), "binary")]
public abstract record Target
{
    /// <summary>M, the outputs of the head for a scale of K grades.</summary>
    public abstract int OutputCount(GradeScale scale);

    /// <summary>The rule before any tuning.</summary>
    public abstract DecodingRule DefaultRule(GradeScale scale);

    /// <summary>Applies the link to (N, M) logits.</summary>
    public abstract GradedScores Link(Logits logits);

    /// <summary>True where the linked outputs are cumulative, each the probability that the grade is at least k.</summary>
    [JsonIgnore]
    public bool IsCumulative => this is OrdinalTarget or CoralTarget or CornTarget;

    /// <summary>True where all outputs have the weights of the final layer in common and differ in their bias only.</summary>
    [JsonIgnore]
    public bool SharesFinalWeights => this is CoralTarget;

    /// <summary>Refuses scales that the target cannot express.</summary>
    /// <exception cref="GradusException">Two-grade target on more grades.</exception>
    public virtual void Check(GradeScale scale)
    {
    }

    /// <summary>The logistic function, computed in double precision.</summary>
    protected static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    /// <summary>Cumulative outputs, and the class probabilities and the score that follow from them.</summary>
    /// <param name="logits">(N, M).</param>
    /// <param name="first">The first output that is counted: 1 where output 0 says "at least grade 0".</param>
    /// <param name="atLeast">The probability of an output from its logit and the probability of the output before it, 1 for the first.</param>
    protected static GradedScores Cumulative(Logits logits, int first, Func<double, double, double> atLeast)
    {
        int grades = logits.Columns - first + 1;
        var outputs = new float[logits.Values.Length];
        var score = new double[logits.Rows];
        var probabilities = new double[logits.Rows * grades];
        var counted = new double[grades - 1];
        for (int i = 0; i < logits.Rows; i++)
        {
            double p = 1;
            for (int k = 0; k < logits.Columns; k++)
            {
                p = atLeast(logits.Values[i * logits.Columns + k], p);
                outputs[i * logits.Columns + k] = (float)p;
                if (k < first)
                    continue;
                score[i] += p;
                counted[k - first] = p;
            }
            GradeProbabilities.Split(counted, probabilities.AsSpan(i * grades, grades));
        }
        return new GradedScores(logits.Rows, logits.Columns, outputs, score, probabilities);
    }

    /// <summary>(N, K) logits to class probabilities, and the expected grade as the score.</summary>
    protected static GradedScores Softmax(Logits logits)
    {
        int grades = logits.Columns;
        var outputs = new float[logits.Values.Length];
        var score = new double[logits.Rows];
        var probabilities = new double[logits.Values.Length];
        for (int i = 0; i < logits.Rows; i++)
        {
            ReadOnlySpan<float> row = logits.Values.AsSpan(i * grades, grades);
            float top = float.NegativeInfinity;
            foreach (float x in row)
                top = Math.Max(top, x);
            double sum = 0;
            for (int k = 0; k < grades; k++)
                sum += probabilities[i * grades + k] = Math.Exp(row[k] - top);
            for (int k = 0; k < grades; k++)
            {
                double p = probabilities[i * grades + k] /= sum;
                outputs[i * grades + k] = (float)p;
                score[i] += k * p;
            }
        }
        return new GradedScores(logits.Rows, grades, outputs, score, probabilities);
    }
}

/// <summary>
/// Cumulative outputs, each answering "is the grade at least k?", trained with binary cross-entropy an output (Frank and Hall 2001).
/// </summary>
/// <param name="AllOutputs">
/// False: K-1 outputs for k = 1 … K-1; grade 3 of 5 is <c>[1,1,1,0]</c>. True: K outputs, the first ("at least grade 0") always
/// one; the third of five steps is <c>[1,1,1,0,0]</c>.
/// </param>
public sealed record OrdinalTarget(bool AllOutputs = false) : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => AllOutputs ? scale.Count : scale.Count - 1;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new LeadingOnes([.. Enumerable.Repeat(0.5, OutputCount(scale))], AllOutputs);

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => Cumulative(logits, AllOutputs ? 1 : 0, static (logit, _) => Sigmoid(logit));
}

/// <summary>
/// Cumulative outputs whose final layer has one vector of weights and a bias for each step, trained with binary cross-entropy an output,
/// so that they cannot contradict each other once the biases fall (CORAL: Cao, Mirjalili and Raschka 2020).
/// </summary>
public sealed record CoralTarget : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => scale.Count - 1;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new LeadingOnes([.. Enumerable.Repeat(0.5, OutputCount(scale))]);

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => Cumulative(logits, 0, static (logit, _) => Sigmoid(logit));
}

/// <summary>
/// Conditional outputs, each answering "is the grade at least k, given that it is at least k-1?" and trained on the images of which that
/// is true. Their running product is the cumulative probability, which cannot rise (CORN: Shi, Cao and Raschka 2021).
/// </summary>
public sealed record CornTarget : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => scale.Count - 1;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new LeadingOnes([.. Enumerable.Repeat(0.5, OutputCount(scale))]);

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => Cumulative(logits, 0, static (logit, before) => before * Sigmoid(logit));
}

/// <summary>How far a grade is from the true one.</summary>
public enum GradeDistance
{
    /// <summary>The square of the difference.</summary>
    Squared,

    /// <summary>The difference.</summary>
    Absolute,
}

/// <summary>
/// One output a grade, softmax, and cross-entropy against labels that give near grades a share: <c>softmax(-sharpness * distance)</c>
/// (Díaz and Marathe 2019, equation 1).
/// </summary>
/// <param name="Distance">Between a grade and the true one.</param>
/// <param name="Sharpness">Above 0; the greater, the less the neighbours get.</param>
public sealed record SoftLabelTarget(GradeDistance Distance = GradeDistance.Squared, double Sharpness = 1) : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => scale.Count;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new MostProbable();

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => Softmax(logits);
}

/// <summary>One output a grade, softmax and cross-entropy; the order of the grades is used by the score only.</summary>
public sealed record ClassTarget : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => scale.Count;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new MostProbable();

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => Softmax(logits);
}
/// <summary>The regression loss.</summary>
public enum RegressionLoss
{
    /// <summary>Mean squared error.</summary>
    Mse,

    /// <summary>Huber's loss with a bend at 1 (Girshick 2015).</summary>
    SmoothL1,
}

/// <summary>One output, the grade itself, without a link.</summary>
public sealed record RegressionTarget(RegressionLoss Loss = RegressionLoss.Mse) : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => 1;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new CutPoints([.. Enumerable.Range(0, scale.Count - 1).Select(k => k + 0.5)]);

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits) => new(logits.Rows, 1, logits.Values, [.. logits.Values.Select(v => (double)v)], null);
}

/// <summary>One output, the logit of the second of two grades, with binary cross-entropy.</summary>
public sealed record BinaryTarget : Target
{
    /// <inheritdoc/>
    public override int OutputCount(GradeScale scale) => 1;

    /// <inheritdoc/>
    public override DecodingRule DefaultRule(GradeScale scale) => new CutPoints([0.5]);

    /// <inheritdoc/>
    public override GradedScores Link(Logits logits)
    {
        double[] p = [.. logits.Values.Select(v => Sigmoid(v))];
        var probabilities = new double[p.Length * 2];
        for (int i = 0; i < p.Length; i++)
            (probabilities[2 * i], probabilities[2 * i + 1]) = (1 - p[i], p[i]);
        return new GradedScores(logits.Rows, 1, [.. p.Select(v => (float)v)], p, probabilities);
    }

    /// <inheritdoc/>
    public override void Check(GradeScale scale)
    {
        if (!scale.IsBinary)
            throw new GradusException("target binary needs a scale of two grades", found: $"{scale.Count}", remedy: "Use target: ordinal", fault: Fault.Request);
    }
}
