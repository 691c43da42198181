using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gradus.Cli.Terminal;

/// <summary>
/// Shows long work on standard error: a bar with rate and remaining time on a terminal; elsewhere a plain line at most every five
/// seconds, and none at all for work of less than two. Reports may come from many threads.
/// </summary>
internal sealed class ProgressDisplay : IProgress<WorkProgress>
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TextWriter _lines;
    private readonly ProgressContext? _bars;
    private ProgressTask? _bar;
    private WorkProgress _first;
    private WorkProgress _last;
    private long _began;
    private long _printed;
    private bool _spoke;

    /// <summary>Plain lines to <paramref name="lines"/>.</summary>
    internal ProgressDisplay(TimeProvider time, TextWriter lines) => (_time, _lines) = (time, lines);

    private ProgressDisplay(TimeProvider time, ProgressContext bars)
        : this(time, TextWriter.Null) => _bars = bars;

    /// <summary>Does the work while showing its progress.</summary>
    public static T During<T>(Func<IProgress<WorkProgress>, T> work)
    {
        if (Console.IsErrorRedirected)
            return Finish(new ProgressDisplay(TimeProvider.System, Console.Error), work);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new PaceColumn())
            .Start(bars => Finish(new ProgressDisplay(TimeProvider.System, bars), work));
    }

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
        _bar = _bars?.AddTask(Markup.Escape(value.Stage));
    }

    private void End()
    {
        if (_bar is not null)
            _bar.StopTask();
        else if (_spoke)
            Speak();
        _spoke = false;
    }

    private void Speak()
    {
        (_printed, _spoke) = (_time.GetTimestamp(), true);
        string pace = Pace();
        _lines.WriteLine($"{_last.Stage}: {_last.Done}/{_last.Total} {_last.Unit}{(pace.Length > 0 ? ", " + pace : "")}");
    }

    private void Draw(ProgressTask bar)
    {
        bar.MaxValue = Math.Max(1, _last.Total);
        bar.Value = _last.Total == 0 ? 1 : _last.Done;
        bar.State.Update<string>("pace", _ => Pace());
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

    private sealed class PaceColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.State.Get<string>("pace") ?? "");
    }
}
