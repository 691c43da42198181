using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Gradus.Torch.Arithmetic;

/// <summary>The self-test as a process of its own: what the child does, and how its parent reads it.</summary>
/// <remarks>
/// The child writes <c>begin N</c> before and <c>end N FORWARD GRADIENT</c> after each operation, so that a parent whose child
/// has died knows of what.
/// </remarks>
public static class Probe
{
    private const long Seed = 20261128;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // for one operation, on a machine that is busy

    /// <summary>
    /// What the child does. Arguments: the way, the device, and a file of convolutions in place of the self-test, one line for
    /// each, <c>inputs,outputs,kernel,stride,groups,padding,side,batch,layout,type</c>, layout nhwc or nchw, type float32 or bfloat16.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        Ways.Take(Enum.Parse<ArithmeticWay>(arguments[0]));
        Device device = Engine.DeviceOf(arguments[1]);
        EngineSwitches.LeaveNnpack();
        ImmutableArray<ProbedOperation> operations = arguments.Count > 2 ? [.. File.ReadLines(arguments[2]).Select(Parse)] : SelfTest.Operations;
        for (int i = 0; i < operations.Length; i++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"begin {i}"));
            output.Flush();
            Deviation found = operations[i].Measure(device, Seed + i);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"end {i} {found.Forward:R} {found.Gradient:R}"));
        }
        output.Flush();
        return 0;
    }

    private static ProbedConvolution Parse(string line)
    {
        string[] fields = line.Split(',');
        return new ProbedConvolution(ConvolutionShape.Parse(line), int.Parse(fields[7], CultureInfo.InvariantCulture), fields[8] == "nhwc")
        {
            Type = fields[9] == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32,
        };
    }

    /// <summary>Tests a way in a child. float32 comes first, so a death in bfloat16 leaves float32 known.</summary>
    internal static WayResult InChild(
        ArithmeticWay way, Device device, Func<IReadOnlyList<string>, ProcessStartInfo> child, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var faults = ImmutableArray.CreateBuilder<ArithmeticFault>();
        var worst = new double[2]; // float32, bfloat16
        int tested = 0, all = SelfTest.Operations.Length;
        string name = device.type == TorchSharp.DeviceType.CPU ? "cpu" : $"cuda:{Math.Max(device.index, 0)}";
        (int begun, string? end) = RunChild(child([way.ToString(), name]), Note, stop);
        if (end is not null)
        {
            ProbedOperation? last = begun < 0 ? null : SelfTest.Operations[begun];
            faults.Add(new ArithmeticFault(last?.Name ?? "the start of the engine", last?.Type == ScalarType.BFloat16, null, end));
        }
        return new WayResult(way, tested, worst[0], worst[1], faults.ToImmutable());

        void Note(int index, Deviation found)
        {
            ProbedOperation operation = SelfTest.Operations[index];
            bool inBfloat16 = operation.Type == ScalarType.BFloat16;
            tested++;
            double error = Math.Max(found.Forward, found.Gradient);
            if (!found.IsWithin(operation.ToleranceOn(device)))
                faults.Add(new ArithmeticFault(operation.Name, inBfloat16, double.IsFinite(error) ? error : null, double.IsFinite(error) ? null : "gave no number"));
            else
                worst[inBfloat16 ? 1 : 0] = Math.Max(worst[inBfloat16 ? 1 : 0], error);
            progress?.Report(new WorkProgress("testing the engine's arithmetic", index + 1, all, "operations"));
        }
    }

    /// <returns>The operation that was under way at the end, -1 for none, and how the child ended; null where it ended well.</returns>
    private static (int Begun, string? End) RunChild(ProcessStartInfo start, Action<int, Deviation> note, CancellationToken stop)
    {
        int begun = -1;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync(stop);
        try
        {
            while (true)
            {
                Task<string?> reading = process.StandardOutput.ReadLineAsync(stop).AsTask();
                if (!reading.Wait((int)Patience.TotalMilliseconds, stop))
                {
                    process.Kill(entireProcessTree: true);
                    return (begun, "did not end within two minutes");
                }
                if (reading.Result is not { } line)
                    break;
                string[] words = line.Split(' ');
                if (words is ["begin", var first])
                    begun = int.Parse(first, CultureInfo.InvariantCulture);
                else if (words is ["end", var which, var forward, var gradient])
                    note(int.Parse(which, CultureInfo.InvariantCulture), new Deviation(double.Parse(forward, CultureInfo.InvariantCulture), double.Parse(gradient, CultureInfo.InvariantCulture)));
            }
            process.WaitForExit();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode == 0 ? (begun, null) : (begun, Ending(process.ExitCode, errors.Result));
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new GradusException("the engine's self-test could not be started", start.FileName, e.Message.TrimEnd('.'), inner: e);
        }
    }

    // .NET reports a death by signal N as 128 + N.
    private static string Ending(int code, string errors) => code switch
    {
        132 => "died of signal 4 (SIGILL)",
        134 => "died of signal 6 (SIGABRT)",
        135 => "died of signal 7 (SIGBUS)",
        136 => "died of signal 8 (SIGFPE)",
        137 => "was killed (signal 9)",
        139 => "died of signal 11 (SIGSEGV)",
        _ => $"ended with code {code}{(errors.Split('\n').FirstOrDefault(l => l.Length > 0) is { } first ? $": {first.Trim()}" : "")}",
    };
}
