using Gradus.Dashboard.Files;
using Gradus.Experiments;
using Gradus.Runs;

namespace Gradus.Dashboard.Auditing;

/// <summary>How far an audit is.</summary>
/// <param name="Run">Whose.</param>
/// <param name="Work">The stage that is being done; null before the first report.</param>
/// <param name="PerSecond">Units of the stage a second; null where that cannot be said yet.</param>
/// <param name="Remaining">Of the stage; null where that cannot be said yet.</param>
internal sealed record AuditProgress(string Run, WorkProgress? Work, double? PerSecond, TimeSpan? Remaining);

/// <summary>
/// Audits runs' data when somebody asks for it, one at a time for all visitors, on threads that others go before. What was found is kept
/// until the run changes, or the server ends.
/// </summary>
/// <param name="folders">Say what may be read.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditDesk(ServedFolders folders, TimeProvider time) : IDisposable
{
    private const int MostKept = 4;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Stamp, DataAudit? Found, string? Problem)> _done = [];
    private readonly CancellationTokenSource _end = new();
    private Job? _job;

    /// <summary>The audit that is under way; null for none.</summary>
    public AuditProgress? Current
    {
        get
        {
            lock (_lock)
                return _job?.Describe();
        }
    }

    /// <summary>What was found of a run's data, or why nothing could be; both null where nobody has asked, or the run has changed since.</summary>
    public (DataAudit? Found, string? Problem) ResultOf(RunFolder run)
    {
        lock (_lock)
            return _done.TryGetValue(run.Root, out var done) && done.Stamp == Stamp(run) ? (done.Found, done.Problem) : (null, null);
    }

    /// <summary>Starts an audit in the background.</summary>
    /// <returns>False where one is under way already.</returns>
    public bool Start(RunFolder run, Experiment experiment)
    {
        lock (_lock)
        {
            if (_job is not null || _end.IsCancellationRequested)
                return false;
            _job = new Job(run.Name, CancellationTokenSource.CreateLinkedTokenSource(_end.Token), time);
            _ = WorkAsync(_job, run, experiment);
            return true;
        }
    }

    /// <summary>Stops the audit of a run, if it is under way.</summary>
    public void Stop(string run)
    {
        lock (_lock)
        {
            if (_job?.Run == run)
                _job.Stop.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Cancel();

    private async Task WorkAsync(Job job, RunFolder run, Experiment experiment)
    {
        string stamp = Stamp(run);
        (DataAudit? Found, string? Problem)? result = null; // stopped, what was known stays known
        using var quiet = new QuietScheduler(Environment.ProcessorCount);
        try
        {
            result = (await Task.Factory.StartNew(() => Look(job, experiment), job.Stop.Token, TaskCreationOptions.None, quiet).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException)
        {
            // as somebody wished
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            result = (null, e.Message);
        }
        catch (Exception e)
        {
            // Nobody waits for this task: what is not told here would never be.
            result = (null, $"An error of the program: {e.GetType().Name}: {e.Message}");
        }
        lock (_lock)
        {
            _job = null;
            if (result is { } done)
            {
                if (_done.Count >= MostKept && !_done.ContainsKey(run.Root))
                    _done.Remove(_done.MinBy(d => d.Value.Found?.At ?? default).Key);
                _done[run.Root] = (stamp, done.Found, done.Problem);
            }
        }
        job.Stop.Dispose();
    }

    private DataAudit Look(Job job, Experiment experiment)
    {
        folders.CheckReadable(experiment);
        return DataAudit.Run(experiment, time, job, job.Stop.Token);
    }

    private static string Stamp(RunFolder run) => new FileInfo(run.InfoFile) is { Exists: true } file ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}" : "-";

    private sealed class Job(string run, CancellationTokenSource stop, TimeProvider time) : IProgress<WorkProgress>
    {
        private readonly Lock _lock = new();
        private WorkProgress? _work;
        private long _stageStarted = time.GetTimestamp();

        public string Run => run;

        public CancellationTokenSource Stop => stop;

        public void Report(WorkProgress value)
        {
            lock (_lock)
            {
                if (_work is not null && _work?.Stage != value.Stage)
                    _stageStarted = time.GetTimestamp();
                // Of several threads the one that was first may report last.
                else if (value.Done < _work?.Done)
                    return;
                _work = value;
            }
        }

        public AuditProgress Describe()
        {
            lock (_lock)
            {
                double seconds = time.GetElapsedTime(_stageStarted).TotalSeconds;
                double? rate = _work is { Done: > 0 } work && seconds > 0.5 ? work.Done / seconds : null;
                return new AuditProgress(run, _work, rate, rate is > 0 ? TimeSpan.FromSeconds((_work!.Value.Total - _work.Value.Done) / rate.Value) : null);
            }
        }
    }
}
