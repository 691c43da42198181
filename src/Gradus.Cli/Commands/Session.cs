using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch;
using Gradus.Torch.Arithmetic;

namespace Gradus.Cli.Commands;

/// <summary>What a verb works with beside its own options.</summary>
/// <param name="Output">Where it speaks.</param>
/// <param name="Runs">The folder of the runs.</param>
/// <param name="Cache">The folder of prepared images.</param>
/// <param name="Cancel">Set by Ctrl-C.</param>
internal sealed record Session(Output Output, string Runs, string Cache, CancellationToken Cancel)
{
    public static Session Open(ParseResult parse, CancellationToken cancel) => new(
        new Output(parse.GetValue(SharedOptions.Json)),
        parse.GetRequiredValue(SharedOptions.Runs),
        parse.GetRequiredValue(SharedOptions.Cache),
        cancel);

    /// <summary>A run, by its folder or by its name in the folder of runs.</summary>
    /// <exception cref="GradusException">There is no such run.</exception>
    public RunFolder Run(string named)
    {
        if (File.Exists(named))
            throw new GradusException("is a file, and a run is named by its folder", named, remedy: "Give the run's folder, or its name in the folder of runs", fault: Fault.Request);
        bool isPath = Directory.Exists(named) || Path.GetDirectoryName(named) is { Length: > 0 };
        return RunFolder.Open(isPath ? named : Path.Combine(Runs, named));
    }

    /// <summary>The runs that a name stands for: a run's own, or those of a group of folds, in the order of the folds.</summary>
    /// <exception cref="GradusException">There is neither such a run nor such a group, or no run of the group has been begun.</exception>
    public IEnumerable<RunFolder> RunsOf(string named)
    {
        string path = Directory.Exists(named) ? named : Path.Combine(Runs, named);
        if (!FoldGroup.Is(path))
            return [Run(named)];
        RunFolder[] folds = [.. FoldGroup.Open(path).Runs().OrderBy(r => r.Key).Select(r => r.Value)];
        return folds.Length > 0 ? folds : throw new GradusException("no run of the group is there", path, remedy: "Train its folds: gradus train EXPERIMENT --fold all", fault: Fault.Request);
    }

    /// <summary>
    /// The device called auto (or null), cpu or cuda:N, for computing networks on: the engine's arithmetic has been tested on
    /// it, and what had to be done about it is said.
    /// </summary>
    /// <exception cref="GradusException">There is no such device, or the engine is wrong there.</exception>
    public TorchSharp.torch.Device Device(string? name, Precision precision = Precision.Float32)
    {
        TorchSharp.torch.Device device = Engine.DeviceOf(name ?? "auto");
        bool first = EngineCheck.Verdict is null;
        EngineVerdict verdict = Trust(device, again: false);
        EngineCheck.Demand(verdict, precision);
        if (first && (verdict.IsDetour || verdict.Taken is { IsRightInBfloat16: false }))
            Output.Note($"The engine's arithmetic on this machine: {verdict.Describe()}.");
        return device;
    }

    /// <summary>What the engine's self-test says of a device; run where it has not been yet, or <paramref name="again"/>.</summary>
    public EngineVerdict Trust(TorchSharp.torch.Device device, bool again) =>
        During(progress => EngineCheck.Trust(device, SharedOptions.MachineFolder(), again, ProbeCommand.Child, progress, Cancel));

    /// <summary>Does long work while showing its progress.</summary>
    public T During<T>(Func<IProgress<WorkProgress>, T> work) => Output.During(work);
}
