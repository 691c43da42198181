using Spectre.Console;

namespace Gradus.Cli.Terminal;

/// <summary>
/// Shows long work on standard error: one bar with rate and remaining time on a terminal, which goes when the work is done;
/// elsewhere a plain line at most every five seconds, and none for work of less than two. Reports may come from many threads.
/// </summary>
internal sealed class ProgressDisplay : IProgress<WorkProgress>
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TextWriter _lines;
    private readonly ProgressTask? _bar;
    private WorkProgress _first;
    private WorkProgress _last;
    private long _began;
    private long _printed;
    private long _spokeOf;
    private bool _spoke;

    /// <summary>Plain lines to <paramref name="lines"/>.</summary>
    internal ProgressDisplay(TimeProvider time, TextWriter lines) => (_time, _lines) = (time, lines);

    private ProgressDisplay(TimeProvider time, ProgressTask bar)
        : this(time, TextWriter.Null) => _bar = bar;

    /// <summary>Does the work while showing its progress on <paramref name="screen"/>, or in lines on standard error where that is null.</summary>
    public static T During<T>(IAnsiConsole? screen, Func<IProgress<WorkProgress>, T> work) => screen is null
        ? Finish(new ProgressDisplay(TimeProvider.System, Console.Error), work)
        : screen.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(bars => Finish(new ProgressDisplay(TimeProvider.System, bars.AddTask("…")), work));

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        lock (_gate)
        {
            if (value.Stage != _last.Stage)
                Begin(value);
            else if (value.Done < _last.Done)
                return; // Threads overtake each other between counting and reporting.
            _last = value;
            if (_bar is not null)
                Draw(_bar);
            else if (_time.GetElapsedTime(_began) >= Quiet && (!_spoke || _time.GetElapsedTime(_printed) >= Pause))
                Speak();
        }
    }

    private static T Finish<T>(ProgressDisplay display, Func<IProgress<WorkProgress>, T> work)
    {
        T result = work(display);
        lock (display._gate)
            display.End();
        return result;
    }

    private void Begin(WorkProgress value)
    {
        End();
        (_first, _began, _spoke) = (value, _time.GetTimestamp(), false);
    }

    private void End()
    {
        if (_spoke && _spokeOf != _last.Done)
            Speak();
        _spoke = false;
    }

    private void Speak()
    {
        (_printed, _spokeOf, _spoke) = (_time.GetTimestamp(), _last.Done, true);
        string pace = Pace();
        _lines.WriteLine($"{_last.Stage}: {_last.Done}/{_last.Total} {_last.Unit}{(pace.Length > 0 ? ", " + pace : "")}");
    }

    private void Draw(ProgressTask bar)
    {
        bar.Description = Markup.Escape($"{_last.Stage}  {Pace()}");
        bar.MaxValue = Math.Max(1, _last.Total);
        bar.Value = _last.Total == 0 ? 1 : Math.Min(_last.Done, _last.Total - 0.01); // A full bar would stop for good.
    }

    // Over what this stage did itself: resumed work starts above zero.
    private string Pace()
    {
        double seconds = _time.GetElapsedTime(_began).TotalSeconds;
        double rate = seconds > 0 ? (_last.Done - _first.Done) / seconds : 0;
        if (rate <= 0)
            return "";
        string pace = $"{rate.ToString(rate < 10 ? "0.0" : "0")} {_last.Unit}/s";
        if (_last.Done >= _last.Total)
            return pace;
        var left = TimeSpan.FromSeconds((_last.Total - _last.Done) / rate);
        return $"{pace}, {(left.TotalHours >= 1 ? left.ToString(@"h\:mm\:ss") : left.ToString(@"m\:ss"))} left";
    }
}
