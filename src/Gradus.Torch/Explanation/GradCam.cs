using System.Collections.Immutable;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>
/// Class activation maps from gradients (Selvaraju et al. 2017; Chattopadhay et al. 2018) of the feature map that a backbone hands to its head:
/// for every network of the zoo, pooling, head and target alike.
/// </summary>
public static class GradCam
{
    /// <summary>The maps of a batch, and the logits from the same pass. The network must be evaluating; neither weights nor gradients of it are touched.</summary>
    /// <param name="model">The network.</param>
    /// <param name="input">(B, 3, H, W) float32, normalised.</param>
    /// <param name="method">How channels are weighed.</param>
    /// <param name="of">Whose origin is shown.</param>
    /// <param name="target">What the logits mean.</param>
    /// <param name="rule">Makes the predicted grades that <see cref="GradeScalar"/> may ask for.</param>
    public static (ImmutableArray<HeatMap> Maps, Logits Logits) Maps(GradedClassifier model, Tensor input, CamMethod method, CamScalar of, Target target, DecodingRule rule)
    {
        if (model.training)
            throw new InvalidOperationException("a network that trains has no fixed answer to explain");
        using var scope = NewDisposeScope();
        Tensor features;
        using (no_grad())
            features = model.Features(input).to(ScalarType.Float32).detach(); // (B, C, h, w)
        // The graph begins here: what lies below the feature map needs no gradient.
        using IDisposable grad = enable_grad();
        features.requires_grad_(true);
        Tensor outputs = model.Head.call(features); // (B, M)
        var logits = new Logits((int)outputs.shape[0], (int)outputs.shape[1], [.. outputs.detach().cpu().contiguous().data<float>()]);
        int[] predicted = rule.Grades(target.Link(logits));
        // An image's answer depends on that image alone, so the gradient of the sum holds the gradient of each.
        Tensor gradient = autograd.grad([of.Of(outputs, target, predicted).sum()], [features])[0]; // (B, C, h, w)
        using IDisposable noGrad = no_grad();
        Tensor activations = features.detach();
        Tensor weights = method == CamMethod.GradCam ? gradient.mean([2, 3], keepdim: true) : PlusPlus(activations, gradient); // (B, C, 1, 1)
        Tensor maps = (weights * activations).sum(1).relu(); // (B, h, w)
        float[] values = [.. maps.cpu().contiguous().data<float>()];
        (int height, int width) = ((int)maps.shape[1], (int)maps.shape[2]);
        if (values.Any(v => !float.IsFinite(v)))
            throw new GradusException("the network's activations are no numbers, so there is nothing to explain", remedy: "Its training diverged; take another checkpoint");
        return ([.. values.Chunk(width * height).Select(v => new HeatMap(width, height, [.. v]))], logits);
    }

    /// <summary>Equation 19 with the exponential as the last link, for which the second and third derivative are powers of the first.</summary>
    private static Tensor PlusPlus(Tensor activations, Tensor gradient)
    {
        // The coefficients depend on the gradient's size, which says nothing here: it is brought to 1 an image.
        Tensor g = gradient / gradient.abs().amax([1, 2, 3], keepdim: true).clamp(min: 1e-30);
        Tensor square = g * g;
        Tensor denominator = 2 * square + activations.sum([2, 3], keepdim: true) * square * g;
        Tensor alpha = where(denominator.eq(0), zeros_like(denominator), square / denominator);
        return (alpha * g.relu()).sum([2, 3], keepdim: true); // (B, C, 1, 1)
    }
}
