using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>
/// How training images are drawn, after the split and from the training fold only. One rule at a time: two of them would each
/// undo a part of the other.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "rule")]
[JsonDerivedType(typeof(EveryImageOnce), "every_image_once")]
[JsonDerivedType(typeof(WeightedClasses), "class_weights")]
[JsonDerivedType(typeof(BalancedClasses), "balance")]
[JsonDerivedType(typeof(AnnealedClasses), "anneal")]
[JsonDerivedType(typeof(CappedClasses), "caps")]
[JsonDerivedType(typeof(WeightedImages), "image_weights")]
public abstract record SamplingSpec;

/// <summary>Every image once an epoch, shuffled: the distribution of the training fold.</summary>
public sealed record EveryImageOnce : SamplingSpec;

/// <summary>An image is drawn with a chance in proportion to its grade's weight, with replacement.</summary>
/// <param name="Weights">(K), 0 or more.</param>
public sealed record WeightedClasses(ImmutableArray<double> Weights) : SamplingSpec;

/// <summary>Classes are drawn in the shares of <paramref name="Balance"/>, with replacement; the images of a class all alike.</summary>
public sealed record BalancedClasses(ClassBalance Balance) : SamplingSpec;

/// <summary>
/// From balanced classes to natural ones. A class of n images has a share in proportion to n^a, and a rises in equal steps from its
/// start (0 balanced, 1/2 square root), in the first epoch, towards 1: shares move in a straight line in their logarithms.
/// </summary>
/// <param name="From">The shares of the first epoch.</param>
/// <param name="Epochs">Epochs that are drawn like this, at least 1; those after them show every image once.</param>
public sealed record AnnealedClasses(ClassBalance From, int Epochs) : SamplingSpec;

/// <summary>
/// No more than so many images of a class an epoch, each at most once. The epochs take turns: one goes on in the class where the one
/// before it stopped, so that every image is shown sooner or later.
/// </summary>
/// <param name="Caps">(K), 1 or more; null for a class that is not limited.</param>
public sealed record CappedClasses(ImmutableArray<int?> Caps) : SamplingSpec;

/// <summary>
/// An image is drawn with a chance in proportion to 1 + <paramref name="Strength"/> x its error in a list of out-of-fold mistakes, with replacement. An
/// image that is not in the list has no error.
/// </summary>
/// <param name="File">Full path of a CSV with id, source, hash and error, as <c>gradus mistakes</c> writes it.</param>
/// <param name="Strength">Above 0.</param>
public sealed record WeightedImages(string File, double Strength) : SamplingSpec;

/// <summary>How far the shares of classes are levelled.</summary>
public enum ClassBalance
{
    /// <summary>As many as there are.</summary>
    Natural,

    /// <summary>In proportion to the square root of the number of images.</summary>
    Sqrt,

    /// <summary>All alike.</summary>
    Balanced,
}
