namespace Gradus.Torch.Arithmetic;

/// <summary>
/// How the networks' convolutions are computed on the CPU. The engine is wrong on some processors, so there is more than one
/// way, and the self-test says which one was tested on this machine and found right.
/// </summary>
public enum ArithmeticWay
{
    /// <summary>As the engine does by itself: all convolutions by oneDNN. The fastest where it is right.</summary>
    Convolution,

    /// <summary>1x1 convolutions as products of matrices, all other convolutions by oneDNN.</summary>
    MatrixProduct,

    /// <summary>oneDNN is switched off for the whole process: the engine's own kernels, two to four times slower.</summary>
    WithoutOneDnn,
}
