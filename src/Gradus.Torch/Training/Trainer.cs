using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Loading;
using Gradus.Torch.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// Trains a run, from its beginning or from wherever it was interrupted. After every epoch the run folder receives, in this
/// order: the validation scores, the checkpoint, the metrics, the state. A kill between any two of them costs one epoch at most, and the resumed run ends
/// with the weights that an uninterrupted one would have had, bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const double DivergedLoss = 1e4; // no target's loss comes near it while anything is learned

    private readonly Experiment _experiment;
    private readonly TrainSpec _train;
    private readonly DataPartition _data;
    private readonly RunFolder _run;
    private readonly TrainingEvents _events;
    private readonly Device _device;
    private readonly RunParent? _parent;
    private readonly TrainingState? _state; // where an earlier process left the run
    private readonly Network _network;
    private readonly GroupedOptimizer _optimizer;
    private readonly GradientStep _step;
    private readonly WeightAverage? _average; // what is judged and kept in place of the weights
    private readonly Parameter[] _head, _backbone;
    private readonly BatchAugmenter _augmenter;
    private readonly BatchLoader _trainLoader, _validationLoader;
    private readonly int[] _trainGrades, _validationGrades;
    private readonly int _stepsPerEpoch;
    private readonly List<EpochRecord> _records = [];

    /// <summary>Builds the network and the loaders; every image must be in the cache.</summary>
    /// <exception cref="GradusException">The weights do not fit, or an image is not in the cache.</exception>
    public Trainer(Experiment experiment, DataPartition data, ImageCache cache, RunFolder run, TrainingEvents events)
    {
        (_experiment, _train, _data, _run, _events) = (experiment, experiment.Train, data, run, events);
        _device = Engine.DeviceOf(_train.Device);
        _parent = run.ReadInfo().Parent;
        _state = TrainingState.Read(run.StateFile);
        _network = _state is { } state
            ? Network.Resume(experiment, run.Checkpoint(state.Epoch), _device)
            : Network.Build(experiment, _device, _parent is null ? LoadScope.Backbone : LoadScope.Parent);
        _head = [.. _network.Model.HeadParameters.Select(p => p.Parameter)];
        _backbone = [.. _network.Model.BackboneParameters.Select(p => p.Parameter)];
        _optimizer = new GroupedOptimizer(_train.Optimizer, _network.Model.HeadParameters, _network.Model.BackboneParameters);
        _average = _train.Ema is { } decay ? new WeightAverage(_network.Model, decay) : null; // of a resumed run: the checkpoint is the average
        _step = new GradientStep(_network.Model, _optimizer, experiment.Target, _network.Normalisation, _train);
        _augmenter = new BatchAugmenter(experiment.Augment);
        _trainLoader = new BatchLoader(cache, experiment.Recipe.Size, data.Training.Records, _device);
        _validationLoader = new BatchLoader(cache, experiment.Recipe.Size, data.Validation.Records, _device);
        _trainGrades = [.. data.Training.Records.Select(r => r.Grade!.Value)];
        _validationGrades = [.. data.Validation.Records.Select(r => r.Grade!.Value)];
        _stepsPerEpoch = BatchLoader.BatchCount(PlanOf(epoch: 1).Images, _train.Batch);
    }

    /// <summary>Runs all epochs that are not done yet.</summary>
    /// <exception cref="GradusException">
    /// The loss is not finite, the draw contradicts the configuration, an augmentation does nothing, a frozen tensor moved, a result
    /// cannot be written, or the data have changed since the run began.
    /// </exception>
    public TrainingResult Run(CancellationToken stop)
    {
        int done = TakeUp();
        _events.Starting?.Invoke(Summarise(done));
        foreach (string note in PlanOf(done + 1).Notes)
            _events.Note?.Invoke(note);
        for (int epoch = done + 1; epoch <= _train.Epochs; epoch++)
        {
            (EpochRecord record, GradedScores scores) = RunEpoch(epoch, stop);
            _records.Add(record);
            Keep(record, scores);
            _events.EpochFinished?.Invoke(record);
        }
        IReadOnlyList<int> ranked = Selection.Rank(_records, _experiment.Select);
        return new TrainingResult(_records, ranked, _run.Checkpoint(ranked[0]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _average?.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    private (EpochRecord Record, GradedScores ValidationScores) RunEpoch(int epoch, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        TrainedEpoch trained = TrainOnce(epoch, stop);
        Evaluation validation;
        using (_average?.Apply())
        {
            validation = Evaluator.Evaluate(
                _network.Model, _experiment.Target, _network.Normalisation, _validationLoader, 2 * _train.Batch, $"epoch {epoch}/{_train.Epochs} validate", _events.Progress, stop);
        }

        if (!(validation.Loss < DivergedLoss))
            throw Diverged($"the validation loss is {validation.Loss:g3} after epoch {epoch}", trained.Rates);
        GradedScores trainScores = _experiment.Target.Link(trained.Logits), validationScores = _experiment.Target.Link(validation.Logits);
        DecodingRule byDefault = _experiment.Target.DefaultRule(_experiment.Scale);
        DecodingRule tuned = ThresholdTuner.Tune(_experiment.Target, _experiment.Scale, validationScores, _validationGrades, _experiment.Thresholds, _train.Seed).Rule;
        var record = new EpochRecord
        {
            Epoch = epoch,
            Step = (long)epoch * _stepsPerEpoch,
            LearningRates = new GroupRates(trained.Rates.Head, trained.Rates.Backbone),
            Trainable = new GroupCounts(Trainable(_head), Trainable(_backbone)),
            Draw = new ClassDraw(trained.Draw.Plan.Expected.Counts, [.. trained.Draw.Realised.Counts.Select(c => (int)c)])
            {
                ConfiguredWeight = trained.Draw.Plan.Weighing?.Mean,
                RealisedWeight = trained.Draw.MeanWeight,
            },
            Train = Measure(trained.Loss, trained.Grades, trainScores, byDefault, tuned, bootstrapSeed: null),
            Validation = Measure(validation.Loss, _validationGrades, validationScores, byDefault, tuned, _train.Seed),
            Thresholds = tuned,
            CrossFittedQwk = ThresholdStability.CrossFittedQwk(_experiment.Target, _experiment.Scale, validationScores, _validationGrades, _experiment.Thresholds, _train.Seed),
            NonMonotoneRate = (byDefault as LeadingOnes)?.NonMonotoneRate(validationScores),
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            ImagesPerSecond = trained.Grades.Length / trained.Elapsed.TotalSeconds,
            DataWaitFraction = trained.Waited / trained.Elapsed,
        };
        return (record, validationScores);
    }

    /// <summary>One pass over the training fold: the loop that everything else serves.</summary>
    private TrainedEpoch TrainOnce(int epoch, CancellationToken stop)
    {
        EpochDraw draw = EpochSampler.Draw(_data.Training, _experiment.Scale, _experiment.Sampling, _train.Seed, epoch);
        FrozenTensors frozen = Freeze(epoch);
        double[] pastLosses = [.. _records.Select(r => r.Validation.Loss ?? double.PositiveInfinity)];
        var outputs = new List<float>();
        var positions = new List<int>(draw.Indices.Length);
        double lossSum = 0;
        LearningRates rates = default;
        long step = (long)(epoch - 1) * _stepsPerEpoch;
        TimeSpan waitedBefore = _trainLoader.Waited;
        long started = Stopwatch.GetTimestamp();

        foreach (ByteBatch batch in _trainLoader.Load(draw.Indices, _train.Batch))
        {
            using ByteBatch owned = batch;
            using var scope = NewDisposeScope();
            stop.ThrowIfCancellationRequested();

            rates = LearningRates.At(_train, step, _stepsPerEpoch, pastLosses);
            _optimizer.SetRates(rates);
            EngineSeed.Set(_train.Seed, step);

            Tensor images = BatchInput.ToFloat(batch.Pixels); // (B, 3, H, W), 0 to 255
            if (!_augmenter.IsEmpty)
                images = _augmenter.Apply(images, RandomStream.Create(_train.Seed, "augment", epoch, (int)(step % _stepsPerEpoch)));
            (double loss, float[] logits) = _step.Take(images, batch.Grades); // forward, backward, clip, move
            if (!(loss < DivergedLoss))
                throw Diverged($"the loss is {loss:g3} at step {step + 1}, in epoch {epoch}", rates);
            _average?.Update(step);
            lossSum += loss * batch.Positions.Length;
            outputs.AddRange(logits);
            positions.AddRange(batch.Positions);
            step++;
            _events.Progress?.Report(new WorkProgress($"epoch {epoch}/{_train.Epochs} train", positions.Count, draw.Indices.Length, "images"));
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        frozen.Verify(epoch);
        // What reached the network against the experiment, whatever the sampler says of itself (ledger, row 3).
        draw = EpochSampler.Account(_data.Training, _experiment.Scale, PlanOf(epoch), [.. positions]);
        DrawCheck.Verify(draw);
        int[] grades = [.. positions.Select(p => _trainGrades[p])];
        var logitsSeen = new Logits(grades.Length, outputs.Count / grades.Length, [.. outputs]);
        return new TrainedEpoch(logitsSeen, grades, lossSum / grades.Length, draw, rates, elapsed, _trainLoader.Waited - waitedBefore);
    }

    private EpochPlan PlanOf(int epoch) => EpochSampler.Plan(_data.Training, _experiment.Scale, _experiment.Sampling, epoch);

    /// <summary>Decides what may move in this epoch, and takes the fingerprints of what may not.</summary>
    private FrozenTensors Freeze(int epoch)
    {
        bool whole = epoch <= _train.FreezeBackboneEpochs;
        _network.Model.SetTraining(true, _train.BatchNorm, whole);
        IEnumerable<(string Name, Tensor Tensor)> still = whole
            ? _network.Model.Backbone.state_dict().Select(p => (p.Key, p.Value))
            : _network.Model.BackboneParameters.Where(p => !p.Parameter.requires_grad).Select(p => (p.Name, (Tensor)p.Parameter));
        return new FrozenTensors([.. still]);
    }

    private GradusException Diverged(string problem, LearningRates rates) => new(
        problem, _run.Root, $"learning rates {rates.Head:g3} (head) and {rates.Backbone:g3} (backbone)", "Training diverged: lower top_lr or set clip_norm, and start a new run");

    private SplitRecord Measure(double loss, int[] truth, GradedScores scores, DecodingRule byDefault, DecodingRule tuned, long? bootstrapSeed) => new(
        loss,
        MetricSet.Compute(truth, byDefault.Grades(scores), scores, _experiment.Scale, bootstrapSeed),
        MetricSet.Compute(truth, tuned.Grades(scores), scores, _experiment.Scale, bootstrapSeed));

    /// <summary>Writes the epoch's files in the order that makes a kill harmless, and prunes checkpoints last.</summary>
    private void Keep(EpochRecord record, GradedScores validationScores)
    {
        ImmutableArray<ImageRecord> validation = _data.Validation.Records;
        ScoreFile.Write(_run.ValidationScores(record.Epoch), new ScoredImages([.. validation.Select(r => r.Id)], [.. validation.Select(r => r.Hash!.Value)], [.. validation.Select(r => r.Grade)], validationScores));
        using (_average?.Apply())
            Checkpoint.Save(_run.Checkpoint(record.Epoch), _network.Model, Describe(record));
        _run.Metrics.Append(record);
        new TrainingState(record.Epoch, _data.Fingerprint) { Settings = ExperimentDifference.Settings(_experiment) }.Save(_run.StateFile, _optimizer, _average);
        _run.PruneCheckpoints([record.Epoch, .. Selection.Kept(_records, _experiment.Select)]);
    }

    private CheckpointInfo Describe(EpochRecord record) => new()
    {
        Scale = _experiment.Scale,
        Recipe = _experiment.Recipe,
        Normalisation = _network.Normalisation,
        Model = _experiment.Model,
        Target = _experiment.Target,
        DefaultRule = _experiment.Target.DefaultRule(_experiment.Scale),
        TunedRule = record.Thresholds,
        Run = _run.Name,
        Parent = _parent,
        Epoch = record.Epoch,
        CodeVersion = CodeVersion.Current,
        ComputedBy = EngineCheck.Record,
        TrainedOn = TrainedOn.From(_data, _experiment.Split),
        ValidationLoss = record.Validation.Loss,
        ValidationQwk = record.Validation.Default.Qwk,
        ValidationTunedQwk = record.Validation.Tuned.Qwk,
        ValidationAuc = record.Validation.Default.Auc,
        ValidationEffect = ThresholdEffect.Of(record.Validation.Default, record.Validation.Tuned),
    };

    /// <summary>Takes the run up where its state says that it stopped; returns the epochs that are done.</summary>
    private int TakeUp()
    {
        _run.Metrics.TruncateAfter(_state?.Epoch ?? 0);
        if (_state is not { } state)
            return 0;
        if (state.Data != _data.Fingerprint)
        {
            TrainedOn trainedOn = Checkpoint.ReadInfo(_run.Checkpoint(state.Epoch)).TrainedOn;
            throw new GradusException(
                "the images, grades or split have changed since this run began",
                _run.Root,
                ChangedImages.Describe(_run, _data, trainedOn.Knows()),
                "Restore them, or start a new run with gradus train");
        }
        TrainingState.Restore(_run.StateFile, _optimizer, _average);
        _records.AddRange(_run.Metrics.Read());
        return state.Epoch;
    }

    private TrainingSummary Summarise(int done)
    {
        using var scope = NewDisposeScope();
        int[] sample = [.. Enumerable.Range(0, _trainGrades.Length)];
        RandomStream.Create(_train.Seed, "augmentation sample").Shuffle(sample);
        using ByteBatch batch = _trainLoader.Load(sample[..Math.Min(16, sample.Length)], 16).First();
        return new TrainingSummary(
            _head.Sum(p => p.numel()),
            _backbone.Sum(p => p.numel()),
            Engine.Describe(_device),
            _network.Normalisation,
            _network.Model.Backbone.Padding,
            _stepsPerEpoch,
            AugmentationCheck.Verify(_experiment.Augment, BatchInput.ToFloat(batch.Pixels), _train.Seed),
            done,
            _network.Origin);
    }

    private static long Trainable(IEnumerable<Parameter> parameters) => parameters.Where(p => p.requires_grad).Sum(p => p.numel());

    private sealed record TrainedEpoch(Logits Logits, int[] Grades, double Loss, EpochDraw Draw, LearningRates Rates, TimeSpan Elapsed, TimeSpan Waited);
}
