using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gradus.Runs;

namespace Gradus.Torch.Arithmetic;

/// <summary>What the self-test says of the engine on this machine, and which way is taken.</summary>
/// <param name="Key">A hash of processor, engine and everything else that the verdict depends on.</param>
/// <param name="Processor">The processor's name, or the device's.</param>
/// <param name="Engine">Name and version of the engine.</param>
/// <param name="Ways">The ways that were tested, in order; the last one is taken if it is right.</param>
public sealed record EngineVerdict(string Key, string Processor, string Engine, ImmutableArray<WayResult> Ways)
{
    /// <summary>
    /// The result of the way to take: the first that is right in both types, else the first that is right in float32; null
    /// where none is, and nothing may be computed.
    /// </summary>
    [JsonIgnore]
    public WayResult? Taken => Ways.FirstOrDefault(w => w.IsRightInBfloat16) ?? Ways.FirstOrDefault(w => w.IsRight);

    /// <summary>Why the first way is not taken, a death before wrong numbers; null where it is taken.</summary>
    [JsonIgnore]
    public ArithmeticFault? Fault => Ways.FirstOrDefault() is { } first && first != Taken ? Gravest(first) : null;

    /// <summary>True where another way than the engine's own was taken because that one is wrong here, or known to be.</summary>
    [JsonIgnore]
    public bool IsDetour => Taken is { Way: not ArithmeticWay.Convolution };

    private static ArithmeticFault? Gravest(WayResult way) => way.Faults.FirstOrDefault(f => f.End is not null) ?? way.Faults.FirstOrDefault();

    /// <summary>One line for people.</summary>
    public string Describe()
    {
        if (Taken is not { } taken)
            return $"wrong in every way tried: {string.Join("; ", Ways.Select(Gravest))}";
        string figures = FormattableString.Invariant(
            $"{taken.Tested} operations against float64, largest error {taken.Worst:0.0E+0} (bfloat16 {taken.WorstBfloat16:0.0E+0})");
        string way = Arithmetic.Ways.Describe(taken.Way);
        string bfloat16 = taken.IsRightInBfloat16 ? "" : $"; bfloat16 is wrong here: {taken.Faults[0]}";
        if (Fault is { } fault)
        {
            int more = Ways[0].Faults.Length - 1;
            string others = more > 0 ? $" ({more} more {(more == 1 ? "is" : "are")} wrong)" : "";
            return $"wrong as the engine does it: {fault}{others}; {way} instead: {figures}{bfloat16}";
        }
        string why = taken.Way == ArithmeticWay.Convolution ? "" : $"{way}, because this processor hides its cache sizes; ";
        return $"{why}{figures}{bfloat16}";
    }

    /// <summary>The way that was taken although it is not the engine's own, as it is named in the environment; null where none had to be.</summary>
    [JsonIgnore]
    public string? SafeWay => IsDetour ? EngineCheck.NameOf(Taken!.Way) : null;

    /// <summary>For the records of runs and checkpoints.</summary>
    public ComputedBy ToRecord() => new(
        Processor, Engine, Taken is { } taken ? Arithmetic.Ways.Describe(taken.Way) : "nothing", Taken?.Tested ?? 0, Taken?.Worst, Fault?.ToString());
}
