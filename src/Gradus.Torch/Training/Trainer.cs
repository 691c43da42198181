using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using Gradus.Torch.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// Trains a run, from its beginning or from wherever it was interrupted. After every epoch the run folder holds, in this order: the
/// checkpoint, the metrics, the state. A kill between any two of them costs the epoch at most, and the resumed run ends with the
/// weights that an uninterrupted one would have had, bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Experiment _experiment;
    private readonly TrainSpec _train;
    private readonly DataPartition _data;
    private readonly RunFolder _run;
    private readonly TrainingEvents _events;
    private readonly Device _device = Engine.AutomaticDevice;
    private readonly Network _network;
    private readonly GroupedOptimizer _optimizer;
    private readonly Parameter[] _parameters;
    private readonly BatchAugmenter _augmenter;
    private readonly BatchLoader _trainLoader, _validationLoader;
    private readonly int[] _trainGrades, _validationGrades;
    private readonly int _stepsPerEpoch;
    private readonly List<EpochRecord> _records = [];
    private TimeSpan _trainingTime, _waitingTime;
    private long _imagesTrained;

    /// <summary>Builds the network and the loaders; every image must be in the cache.</summary>
    public Trainer(Experiment experiment, DataPartition data, ImageCache cache, RunFolder run, TrainingEvents events)
    {
        (_experiment, _train, _data, _run, _events) = (experiment, experiment.Train, data, run, events);
        _network = Network.Build(experiment, _device);
        _parameters = [.. _network.Model.HeadParameters, .. _network.Model.BackboneParameters];
        _optimizer = new GroupedOptimizer(_train.Optimizer, _network.Model.HeadParameters, _network.Model.BackboneParameters);
        _augmenter = new BatchAugmenter(experiment.Augment);
        _trainLoader = new BatchLoader(cache, experiment.Recipe.Size, data.Train.Records, _device);
        _validationLoader = new BatchLoader(cache, experiment.Recipe.Size, data.Validation.Records, _device);
        _trainGrades = [.. data.Train.Records.Select(r => r.Grade!.Value)];
        _validationGrades = [.. data.Validation.Records.Select(r => r.Grade!.Value)];
        _stepsPerEpoch = BatchLoader.BatchCount(_trainGrades.Length, _train.Batch);
    }

    /// <summary>Runs all epochs that are not done yet.</summary>
    /// <exception cref="GradusException">The loss is not finite, the draw contradicts the configuration, a frozen tensor moved, a result cannot be written, or the data changed since the run began.</exception>
    public TrainingResult Run(CancellationToken stop)
    {
        int done = TakeUp();
        _events.Starting?.Invoke(Summarise(done));
        for (int epoch = done + 1; epoch <= _train.Epochs; epoch++)
        {
            EpochRecord record = RunEpoch(epoch, stop);
            _records.Add(record);
            Keep(record);
            _events.EpochFinished?.Invoke(record);
        }
        EpochRecord best = Best();
        return new TrainingResult(
            best,
            _run.CheckpointPath(best.Epoch),
            _trainingTime > TimeSpan.Zero ? _imagesTrained / _trainingTime.TotalSeconds : best.ImagesPerSecond,
            _trainingTime > TimeSpan.Zero ? _waitingTime / _trainingTime : best.DataWaitFraction);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }

    private EpochRecord RunEpoch(int epoch, CancellationToken stop)
    {
        (Logits trainLogits, int[] drawn, EpochRecord record) = TrainOnce(epoch, stop);
        Evaluation validation = Evaluator.Evaluate(
            _network.Model, _experiment.Target, _network.Normalisation, _validationLoader, _validationGrades.Length, 2 * _train.Batch, $"epoch {epoch}/{_train.Epochs} validate", _events.Progress, stop);

        GradedScores trainScores = _experiment.Target.Link(trainLogits), validationScores = _experiment.Target.Link(validation.Logits);
        DecodingRule byDefault = _experiment.Target.DefaultRule(_experiment.Scale);
        DecodingRule tuned = ThresholdTuner.Tune(_experiment.Target, _experiment.Scale, validationScores, _validationGrades, _experiment.Thresholds).Rule;
        return record with
        {
            Train = Measure(record.Train.Loss, drawn, trainScores, byDefault, tuned, bootstrap: null),
            Validation = Measure(validation.Loss, _validationGrades, validationScores, byDefault, tuned, _train.Seed),
            Thresholds = tuned,
            NonMonotoneRate = (byDefault as LeadingOnes)?.NonMonotoneRate(validationScores),
        };
    }

    /// <summary>One pass over the training fold: the loop that everything else serves.</summary>
    private (Logits Logits, int[] Grades, EpochRecord Record) TrainOnce(int epoch, CancellationToken stop)
    {
        EpochDraw draw = EpochSampler.Draw(_data.Train, _experiment.Scale, _experiment.Sampling, _train.Seed, epoch);
        FrozenTensors frozen = Freeze(epoch);
        var outputs = new List<float>(draw.Indices.Length);
        var grades = new List<int>(draw.Indices.Length);
        double lossSum = 0;
        int columns = 0;
        long step = (long)(epoch - 1) * _stepsPerEpoch;
        double[] pastLosses = [.. _records.Select(r => r.Validation.Loss)];
        LearningRates rates = default;
        TimeSpan waitedBefore = _trainLoader.Waited;
        long started = Stopwatch.GetTimestamp();

        foreach (ByteBatch batch in _trainLoader.Load(draw.Indices, _train.Batch))
        {
            using var owned = batch;
            using var scope = NewDisposeScope();
            stop.ThrowIfCancellationRequested();

            rates = LearningRates.At(_train, step, _stepsPerEpoch, pastLosses);
            _optimizer.SetRates(rates);
            EngineSeed.Set(_train.Seed, step);

            Tensor images = BatchInput.ToFloat(batch.Pixels); // (B, 3, H, W), 0 to 255
            if (!_augmenter.IsEmpty)
                images = _augmenter.Apply(images, RandomStream.Create(_train.Seed, "augment", epoch, (int)(step % _stepsPerEpoch)));
            Tensor logits = _network.Model.forward(BatchInput.Normalise(images, _network.Normalisation)); // (B, M)
            Tensor loss = TargetLoss.Compute(_experiment.Target, logits, batch.Grades);

            _optimizer.ZeroGradients();
            loss.backward();
            if (_train.ClipNorm is { } norm)
                nn.utils.clip_grad_norm_(_parameters, norm);
            _optimizer.Step();

            double value = loss.item<float>();
            if (!double.IsFinite(value))
                throw new GradusException($"the loss is {value} at step {step + 1} of epoch {epoch}", _run.Directory, $"learning rates {rates.Head:g3} (head) and {rates.Backbone:g3} (backbone)", "Lower top_lr or set clip_norm, and start a new run");
            lossSum += value * batch.Positions.Length;
            columns = (int)logits.shape[1];
            outputs.AddRange(logits.detach().cpu().contiguous().data<float>());
            grades.AddRange(batch.Positions.Select(p => _trainGrades[p]));
            step++;
            _events.Progress?.Report(new WorkProgress($"epoch {epoch}/{_train.Epochs} train", grades.Count, draw.Indices.Length, "images"));
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started), waited = _trainLoader.Waited - waitedBefore;
        (_trainingTime, _waitingTime, _imagesTrained) = (_trainingTime + elapsed, _waitingTime + waited, _imagesTrained + grades.Count);
        frozen.Verify(epoch);
        // The histogram of what reached the network, not of what the sampler says that it drew.
        EpochDraw realised = draw with { Realised = ClassHistogram.Of(grades, _experiment.Scale) };
        DrawCheck.Verify(realised);

        var record = new EpochRecord
        {
            Epoch = epoch,
            Step = step,
            LearningRates = new GroupRates(rates.Head, rates.Backbone),
            Trainable = new GroupParameters(Trainable(_network.Model.HeadParameters), Trainable(_network.Model.BackboneParameters)),
            Draw = new DrawCounts(realised.Configured.Expected, realised.Realised.Counts),
            Train = new SplitMetrics(lossSum / grades.Count, null!, null!),
            Validation = null!,
            Thresholds = null!,
            Seconds = elapsed.TotalSeconds,
            ImagesPerSecond = grades.Count / elapsed.TotalSeconds,
            DataWaitFraction = waited / elapsed,
        };
        return (new Logits(grades.Count, columns, [.. outputs]), [.. grades], record);
    }

    /// <summary>Decides what may move in this epoch, and takes the fingerprints of what may not.</summary>
    private FrozenTensors Freeze(int epoch)
    {
        bool whole = epoch <= _train.FreezeBackboneEpochs;
        foreach (Parameter parameter in _network.Model.BackboneParameters)
            parameter.requires_grad = !whole;
        _network.Model.SetTraining(true, whole ? BatchNormMode.Frozen : _train.BatchNorm);
        if (whole)
            return new FrozenTensors([.. _network.Model.BackboneTensors()]);
        return new FrozenTensors(_train.BatchNorm == BatchNormMode.Frozen ? [.. _network.Model.BackboneBatchNormTensors()] : []);
    }

    private SplitMetrics Measure(double loss, int[] truth, GradedScores scores, DecodingRule byDefault, DecodingRule tuned, long? bootstrap) => new(
        loss,
        MetricSet.Compute(truth, byDefault.Grades(scores), scores, _experiment.Scale, bootstrap),
        MetricSet.Compute(truth, tuned.Grades(scores), scores, _experiment.Scale, bootstrap));

    /// <summary>Writes the epoch's files in the order that makes a kill harmless, and prunes checkpoints last.</summary>
    private void Keep(EpochRecord record)
    {
        Checkpoint.Save(_run.CheckpointPath(record.Epoch), _network.Model, Describe(record));
        _run.WriteMetrics(_records);
        new TrainingState(record.Epoch, _data.Fingerprint, _optimizer.SaveState()).Save(_run.StatePath);
        HashSet<int> kept = [record.Epoch, .. Selection.Rank(_records, _experiment.Select).Take(_experiment.Select.Keep).Select(r => r.Epoch)];
        _run.PruneCheckpoints(kept);
    }

    private CheckpointInfo Describe(EpochRecord record) => new()
    {
        Scale = _experiment.Scale,
        Recipe = _experiment.Recipe,
        Normalisation = _network.Normalisation,
        Model = _experiment.Model,
        Padding = _network.Padding.ToString(),
        Target = _experiment.Target,
        DefaultRule = _experiment.Target.DefaultRule(_experiment.Scale),
        TunedRule = record.Thresholds,
        Run = _run.Name,
        Epoch = record.Epoch,
        CodeVersion = RunInfo.ThisVersion,
        TrainedOn = new TrainedOn(_trainGrades.Length, _experiment.Split?.Fold, _experiment.Split?.Folds, _data.Fingerprint, TrainedOn.Join(_data.Train.Records.Select(r => r.Hash!.Value))),
        Validation = ImmutableSortedDictionary.CreateRange(
            new[] { ("loss", (double?)record.Validation.Loss), ("qwk", record.Validation.Default.Qwk), ("auc", record.Validation.Default.Auc) }
                .Where(v => v.Item2 is not null).Select(v => KeyValuePair.Create(v.Item1, v.Item2!.Value))),
    };

    /// <summary>Takes up the run where its state says that it stopped; returns the epochs that are done.</summary>
    private int TakeUp()
    {
        if (TrainingState.Load(_run.StatePath) is not { } state)
        {
            _run.WriteMetrics([]);
            return 0;
        }
        if (state.Data != _data.Fingerprint)
            throw new GradusException("the images, grades or split have changed since this run began", _run.Directory, remedy: "Restore them, or start a new run with gradus train");
        using (SafetensorsFile weights = SafetensorsFile.Open(_run.CheckpointPath(state.Epoch)))
            _network.Model.Load(weights, Models.WeightsScope.Everything);
        _network.Model.ToChannelsLast();
        _optimizer.LoadState(state.Optimizer);
        _records.AddRange(_run.ReadMetrics().Where(r => r.Epoch <= state.Epoch));
        return state.Epoch;
    }

    private TrainingSummary Summarise(int done)
    {
        using var scope = NewDisposeScope();
        int[] sample = [.. Enumerable.Range(0, _trainGrades.Length)];
        RandomStream.Create(_train.Seed, "augmentation sample").Shuffle(sample);
        using ByteBatch batch = _trainLoader.Load(sample[..Math.Min(16, sample.Length)], 16).First();
        IReadOnlyList<(string, double)> changed = AugmentationCheck.Verify(_experiment.Augment, BatchInput.ToFloat(batch.Pixels), _train.Seed);
        return new TrainingSummary(
            _network.Model.HeadParameters.Sum(p => p.numel()),
            _network.Model.BackboneParameters.Sum(p => p.numel()),
            Engine.Describe(_device),
            _network.Normalisation.ToString(),
            _network.Padding.ToString(),
            _stepsPerEpoch,
            changed,
            done,
            _network.Origin);
    }

    private EpochRecord Best() => Selection.Rank(_records, _experiment.Select)[0];

    private static long Trainable(IEnumerable<Parameter> parameters) => parameters.Where(p => p.requires_grad).Sum(p => p.numel());
}
