using System.Runtime.InteropServices;

namespace Gradus.Cli.Terminal;

/// <summary>Lets work end in order on Ctrl-C and on a request to terminate; the second one ends the process at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _counting = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _own, _handedOn; // one request may come twice: to this process, and to its supervisor, who hands it on

    public Interrupt() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ref _own)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ref _own)),
        .. Supervisor.IsWatching
            ? [PosixSignalRegistration.Create(Supervisor.StopRequest, context => Stop(context, ref _handedOn))]
            : (PosixSignalRegistration[])[],
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context, ref int requests)
    {
        lock (_counting)
        {
            requests++;
            if (Math.Max(_own, _handedOn) > 1)
                return;
        }
        context.Cancel = true;
        _source.Cancel();
    }
}
