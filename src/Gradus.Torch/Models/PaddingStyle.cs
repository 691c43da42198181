namespace Gradus.Torch.Models;

/// <summary>Where strided convolutions put their zeros; part of what weights were trained with.</summary>
public enum PaddingStyle
{
    /// <summary>The same on all sides, as PyTorch does.</summary>
    Symmetric,

    /// <summary>
    /// TensorFlow's "same": as much as the input's size needs and the odd one at the bottom and right, so a 3x3 convolution of
    /// stride 2 pads an even size by 0 at the top and left and 1 at the bottom and right.
    /// </summary>
    TfSame,
}
