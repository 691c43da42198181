using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;
using Gradus.Torch;
using Gradus.Torch.Checkpoints;

namespace Gradus.Cli.Commands;

/// <summary>What tune works on: the scores of a file or of a run's validation images, as a score or as cumulative outputs.</summary>
internal sealed class TuneSource
{
    private readonly ScoreTable? _scores;
    private readonly CumulativeTable? _cumulative;
    private readonly ThresholdTuning _outputs;
    private readonly string? _checkpoint;

    private TuneSource(ScoreTable? scores, CumulativeTable? cumulative, ThresholdTuning outputs, string? checkpoint, string words) =>
        (_scores, _cumulative, _outputs, _checkpoint, Words) = (scores, cumulative, outputs, checkpoint, words);

    /// <summary>What is tuned on, in a sentence.</summary>
    public string Words { get; }

    /// <summary>The names of the grades; null calls them by their numbers.</summary>
    public IReadOnlyList<string>? Names { get; private init; }

    /// <summary>The column that groups come from; null where images are drawn one by one.</summary>
    public string? GroupedBy { get; private init; }

    /// <summary>A file; it is taken for cumulative outputs where that is asked for, or where it has nothing else.</summary>
    public static TuneSource OfFile(string path, PredictionColumns columns, string? labels, ThresholdTuning? outputs)
    {
        if (outputs is not null && columns.Score is not null)
            throw new GradusException("--score names one score, and --shared and --per-output are for cumulative outputs c1, c2 and so on", remedy: "Leave one of them out", fault: Fault.Request);
        bool cumulative = outputs is not null || columns.Score is null && ScoreTable.IsCumulativeOnly(path);
        var (scores, outs) = cumulative
            ? ((ScoreTable?)null, CumulativeTable.Read(path, columns, labels))
            : (ScoreTable.Read(path, columns, labels), null);
        return new TuneSource(scores, outs, outputs ?? ThresholdTuning.Shared, checkpoint: null, $"Scores of {path}.")
        {
            Names = columns.Scale?.Names,
            GroupedBy = columns.Group,
        };
    }

    /// <summary>The validation images of a run after an epoch.</summary>
    public static TuneSource OfRun(Session session, string named, int? epoch, ThresholdTuning? outputs)
    {
        RunFolder run;
        if (File.Exists(named))
        {
            if (epoch is not null)
                throw new GradusException("--epoch belongs to a run; a checkpoint is of one epoch", named, remedy: "Leave it out, or name the run", fault: Fault.Request);
            CheckpointInfo info = Checkpoint.ReadInfo(named);
            string? root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(named)));
            if (root is null || !File.Exists(Path.Combine(root, "run.json")) || RunFolder.Open(root).Name != info.Run)
                throw new GradusException("does not lie in the folder of its run, where the validation scores are", named, $"run {info.Run}, epoch {info.Epoch}", "Name the run, or the checkpoint in its folder", Fault.Request);
            (run, epoch) = (RunFolder.Open(root), info.Epoch);
        }
        else
        {
            run = session.Run(named);
        }
        RunInfo about = run.ReadInfo();
        int at = epoch ?? (about.Selection.IsDefaultOrEmpty ? throw new GradusException("the run has no finished epoch", run.Root, remedy: "Train it first", fault: Fault.Request) : about.Selection[0]);
        string file = run.ValidationScores(at);
        if (!File.Exists(file))
            throw new GradusException($"the run kept no validation scores of epoch {at}", run.Root, remedy: "Name another epoch with --epoch", fault: Fault.Request);
        ScoredImages images = ScoreFile.Read(file);
        (Target target, GradeScale scale) = (about.Experiment.Target, about.Experiment.Scale);
        int[] truth = images.Truth ?? throw new GradusException("holds images without a grade", file);
        if (outputs is not null && !target.IsCumulative)
            throw new GradusException("--shared and --per-output are for cumulative targets: ordinal, coral and corn", run.Root, InWords.Of(target), "Leave it out: a score has cut points", Fault.Request);
        string checkpoint = run.Checkpoint(at);
        bool chosen = !about.Selection.IsDefaultOrEmpty && about.Selection[0] == at;
        string words = $"Validation images of {run.Name}, epoch {at}{(chosen ? ", which was chosen on these very images: figures on other images will be somewhat lower" : "")}.";
        DecodingRule usual = target.DefaultRule(scale);
        if (usual is LeadingOnes leading)
        {
            var table = new CumulativeTable(file, leading, images.Scores, [.. truth], scale.Count);
            return new TuneSource(null, table, outputs ?? about.Experiment.Thresholds.Outputs, checkpoint, words) { Names = scale.Names };
        }
        var scores = new ScoreTable(file, [.. images.Scores.Score], [.. truth], scale.Count)
        {
            // Before tuning the run grades by its own rule, which for classes is no cut point.
            Predicted = usual is MostProbable ? [.. usual.Grades(images.Scores)] : [],
            Origin = usual is MostProbable ? PredictionColumns.MostProbable : null,
        };
        return new TuneSource(scores, null, ThresholdTuning.Shared, checkpoint, words) { Names = scale.Names };
    }

    /// <summary>The one true grade of all images, of which nothing can be tuned; null where there are several.</summary>
    public int? OnlyGrade => Truth.Distinct().Take(2).ToArray() is [int only] ? only : null;

    /// <summary>What the images are graded as before tuning.</summary>
    public GradingFigures Default
    {
        get
        {
            (int grades, int[] given) = _cumulative is { } c
                ? (c.Grades, c.Usual.Grades(c.Scores))
                : (_scores!.Grades, _scores.Predicted.IsEmpty ? new CutPoints(CutPointFit.Default(_scores.Grades)).Grades(Of(_scores)) : [.. _scores.Predicted]);
            return GradingFigures.Of(ConfusionMatrix.Of([.. Truth], given, grades));
        }
    }

    /// <summary>What grades them before tuning, as a clause.</summary>
    public string DefaultOrigin => _cumulative is not null ? PredictionColumns.AboveHalf : _scores!.Origin ?? PredictionColumns.AtDefault;

    /// <summary>(K-1) the thresholds before tuning.</summary>
    public ImmutableArray<double> DefaultThresholds => _cumulative is { } c ? c.Usual.Thresholds[(c.Usual.FirstIsCertain ? 1 : 0)..] : CutPointFit.Default(_scores!.Grades);

    /// <summary>N.</summary>
    public int Count => Truth.Length;

    /// <summary>What the images are called in a warning.</summary>
    public string Images => _checkpoint is null ? "these images" : "validation";

    /// <summary>(N) the true grades.</summary>
    private ImmutableArray<int> Truth => _cumulative?.Truth ?? _scores!.Truth;

    /// <summary>Chooses thresholds and measures them.</summary>
    public CutPointReport Report(CutPointOptions options)
    {
        if (options.Ordered && (_cumulative is null || _outputs != ThresholdTuning.PerOutput))
            throw new GradusException("--ordered is for one threshold an output", remedy: _cumulative is null ? "Leave it out: cut points of a score always rise" : "Add --per-output, or leave it out", fault: Fault.Request);
        return _cumulative is null ? CutPointReport.Create(_scores!, options) : CutPointReport.Create(_cumulative, options with { Outputs = _outputs });
    }

    /// <summary>Refuses an output that cannot be written, before the work.</summary>
    public void CheckOutput(string path)
    {
        if (!File.Exists(_checkpoint))
            throw new GradusException("the checkpoint of this epoch was not kept", _checkpoint, remedy: "Name an epoch whose checkpoint there is, with --epoch", fault: Fault.Request);
        if (Path.Exists(path))
            throw new GradusException("is there already", path, remedy: "Choose another name, or remove the file", fault: Fault.Request);
    }

    /// <summary>Writes a copy of the checkpoint whose tuned thresholds are these; a run's own files stay as they are.</summary>
    public void Write(string path, CutPointReport report)
    {
        using Checkpoint checkpoint = Checkpoint.Load(_checkpoint!, Engine.DeviceOf("cpu"));
        Checkpoint.Save(path, checkpoint.Model, checkpoint.Info with
        {
            TunedRule = report.Rule,
            ValidationTunedQwk = report.Tuned.Qwk,
            ValidationEffect = report.Effect,
        });
    }

    private static GradedScores Of(ScoreTable table) => new(table.Scores.Length, 0, [], [.. table.Scores], null);
}
