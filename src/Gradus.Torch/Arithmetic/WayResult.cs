using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Torch.Arithmetic;

/// <summary>What the self-test found of one way.</summary>
/// <param name="Way">The way.</param>
/// <param name="Tested">Operations that were compared.</param>
/// <param name="Worst">The largest relative error of values and gradients in float32; faults are not counted.</param>
/// <param name="WorstBfloat16">The same in bfloat16.</param>
/// <param name="Faults">What is wrong, in the order of the operations.</param>
public sealed record WayResult(ArithmeticWay Way, int Tested, double Worst, double WorstBfloat16, ImmutableArray<ArithmeticFault> Faults)
{
    /// <summary>True where float32 is right.</summary>
    [JsonIgnore]
    public bool IsRight => Tested > 0 && !Faults.Any(f => !f.InBfloat16);

    /// <summary>True where bfloat16 is right too.</summary>
    [JsonIgnore]
    public bool IsRightInBfloat16 => IsRight && Faults.IsEmpty;
}

/// <summary>An operation that is wrong on this machine.</summary>
/// <param name="Operation">What: "1x1 512→2048 at 2 px, batch 2, float32".</param>
/// <param name="InBfloat16">Whether its maps are bfloat16.</param>
/// <param name="Error">The relative error; null where the process died or the engine refused.</param>
/// <param name="End">How the process ended: "died of signal 8 (SIGFPE)"; null where it lived.</param>
public sealed record ArithmeticFault(string Operation, bool InBfloat16, double? Error, string? End)
{
    /// <inheritdoc/>
    public override string ToString() => End is not null
        ? $"{Operation}: the process {End}"
        : FormattableString.Invariant($"{Operation}: relative error {Error:0.0E+0}");
}
