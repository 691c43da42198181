namespace Gradus.Runs;

/// <summary>What computed a run or a checkpoint, and how far its arithmetic is from float64.</summary>
/// <param name="Processor">The processor's own name, or the device's.</param>
/// <param name="Engine">Name and version of the tensor engine.</param>
/// <param name="Way">How convolutions were computed: "convolutions by oneDNN".</param>
/// <param name="Tested">Operations that were compared with float64 on this machine; 0 where nothing was.</param>
/// <param name="Worst">The largest relative error among them, in float32; null where nothing was tested.</param>
/// <param name="Fault">What was wrong in a way that was therefore not taken; null where nothing was.</param>
public sealed record ComputedBy(string Processor, string Engine, string Way, int Tested, double? Worst, string? Fault)
{
    /// <summary>What computed a run; null where it does not say or cannot be read.</summary>
    public static ComputedBy? Of(RunFolder run)
    {
        try
        {
            return run.Describe().Outline.ComputedBy;
        }
        catch (GradusException)
        {
            return null; // whoever reads the run itself says what is wrong with it
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string tested = Tested == 0
            ? "not tested"
            : FormattableString.Invariant($"{Tested} operations against float64, largest error {Worst:0.0E+0}");
        return $"{Processor}, {Engine}, {Way}, {tested}{(Fault is null ? "" : $"; the engine's own way is wrong there: {Fault}")}";
    }
}
