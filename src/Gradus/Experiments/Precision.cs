namespace Gradus.Experiments;

/// <summary>The numbers that the backbone computes with. Weights, gradients, batch-norm statistics, head and loss are float32 always.</summary>
public enum Precision
{
    /// <summary>32-bit floats.</summary>
#pragma warning disable CA1720 // the type's name is what it is about
    Float32,
#pragma warning restore CA1720

    /// <summary>Brain floats of 16 bits, about twice as fast where the processor has instructions for them and slow elsewhere.</summary>
    Bfloat16,

    /// <summary>bfloat16 where the device is fast at it, else float32; decided once, when a run begins, and recorded.</summary>
    Auto,
}
