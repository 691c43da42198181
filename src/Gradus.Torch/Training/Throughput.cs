using System.Diagnostics;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Sampling;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>How fast a network learns and predicts on this machine, with the very steps that training uses.</summary>
public static class Throughput
{
    private const int WarmUpSteps = 3;

    /// <summary>Measures on one batch of noise that is used again and again, so that nothing but the network counts.</summary>
    /// <param name="experiment">Network, target, optimiser, batch size, device and precision, which is settled.</param>
    /// <param name="seconds">At least this long for training and for predicting each.</param>
    /// <param name="stop">Ends it.</param>
    public static ThroughputResult OnConstantBatch(Experiment experiment, double seconds, CancellationToken stop)
    {
        using var outer = NewDisposeScope();
        Device device = Engine.DeviceOf(experiment.Train.Device);
        int batch = experiment.Train.Batch;
        using Network network = Network.Build(experiment, device);
        using ByteBatch noise = Noise(batch, experiment.Recipe.Size, experiment.Scale.Count, experiment.Train.Seed, device);
        TrainingRate train = TimeTraining(experiment, network, Enumerable.Repeat(noise, int.MaxValue), seconds, null, () => TimeSpan.Zero, stop);

        network.Model.SetTraining(false, BatchNormMode.Frozen);
        ScalarType type = Engine.TypeOf(experiment.Train.Precision);
        int passes = -WarmUpSteps;
        long started = 0;
        using (inference_mode())
        {
            while (passes < 2 || Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
            {
                stop.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                _ = network.Model.call(BatchInput.Normalise(BatchInput.ToFloat(noise.Pixels), network.Normalisation).to(type)).cpu();
                if (++passes == 0)
                    started = Stopwatch.GetTimestamp();
            }
        }
        double predict = passes * batch / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new ThroughputResult(batch, train, predict, Process.GetCurrentProcess().PeakWorkingSet64);
    }

    /// <summary>Measures the whole loop on an experiment's own images: loading and augmentation included.</summary>
    public static TrainingRate WithData(Experiment experiment, RunData data, double seconds, CancellationToken stop)
    {
        using var outer = NewDisposeScope();
        Device device = Engine.DeviceOf(experiment.Train.Device);
        using Network network = Network.Build(experiment, device);
        var loader = new BatchLoader(data.Cache, experiment.Recipe.Size, data.Partition.Training.Records, device);
        return TimeTraining(experiment, network, Batches(), seconds, new BatchAugmenter(experiment.Augment), () => loader.Waited, stop);

        IEnumerable<ByteBatch> Batches()
        {
            for (int epoch = 1; ; epoch++)
            {
                foreach (ByteBatch batch in loader.Load([.. EpochSampler.Draw(data.Partition.Training, experiment.Scale, experiment.Sampling, experiment.Train.Seed, epoch).Indices], experiment.Train.Batch))
                {
                    using (batch)
                        yield return batch;
                }
            }
        }
    }

    private static TrainingRate TimeTraining(
        Experiment experiment, Network network, IEnumerable<ByteBatch> batches, double seconds, BatchAugmenter? augmenter, Func<TimeSpan> waited, CancellationToken stop)
    {
        TrainSpec train = experiment.Train;
        using var optimizer = new GroupedOptimizer(train.Optimizer, network.Model.HeadParameters, network.Model.BackboneParameters);
        optimizer.SetRates(new LearningRates(train.TopLr, train.TopLr * train.BaseLrRatio));
        var step = new GradientStep(network.Model, optimizer, experiment.Target, network.Normalisation, train);
        network.Model.SetTraining(true, train.BatchNorm, freezeBackbone: train.FreezeBackboneEpochs >= train.Epochs);
        int steps = -WarmUpSteps, images = 0;
        long started = 0;
        TimeSpan waitedBefore = default;
        StepTimes before = default;
        foreach (ByteBatch batch in batches)
        {
            stop.ThrowIfCancellationRequested();
            if (steps >= 2 && Stopwatch.GetElapsedTime(started).TotalSeconds >= seconds)
                break;
            using var scope = NewDisposeScope();
            Tensor pixels = BatchInput.ToFloat(batch.Pixels);
            if (augmenter is { IsEmpty: false })
                pixels = augmenter.Apply(pixels, RandomStream.Create(train.Seed, "augment", steps + WarmUpSteps));
            step.Take(pixels, batch.Grades);
            images += steps >= 0 ? batch.Positions.Length : 0;
            if (++steps == 0)
                (started, before, waitedBefore) = (Stopwatch.GetTimestamp(), step.Times, waited());
        }
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started), data = waited() - waitedBefore;
        (TimeSpan forward, TimeSpan backward, TimeSpan moving) = (step.Times.Forward - before.Forward, step.Times.Backward - before.Backward, step.Times.Optimizer - before.Optimizer);
        TimeSpan augment = elapsed - data - forward - backward - moving;
        return new TrainingRate(images / elapsed.TotalSeconds, new TimeShares(data / elapsed, augment / elapsed, forward / elapsed, backward / elapsed, moving / elapsed));
    }

    private static ByteBatch Noise(int batch, int size, int grades, long seed, Device device)
    {
        Random random = RandomStream.Create(seed, "throughput");
        Tensor pixels = empty([batch, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        random.NextBytes(pixels.bytes);
        long[] truth = [.. Enumerable.Range(0, batch).Select(i => (long)(i % grades))];
        return new ByteBatch(pixels.to(device), tensor(truth, device: device), [.. Enumerable.Range(0, batch)]);
    }
}

/// <summary>Rates at one batch size.</summary>
/// <param name="Batch">Images a step.</param>
/// <param name="Train">Training.</param>
/// <param name="PredictImagesPerSecond">Evaluation without a graph.</param>
/// <param name="PeakMemoryBytes">The most memory that the process has held so far.</param>
public sealed record ThroughputResult(int Batch, TrainingRate Train, double PredictImagesPerSecond, long PeakMemoryBytes);

/// <summary>A rate of training, and where its time goes.</summary>
public sealed record TrainingRate(double ImagesPerSecond, TimeShares Shares);

/// <summary>Shares of the training time, which sum to 1.</summary>
/// <param name="Data">Waiting for images.</param>
/// <param name="Augment">Bytes to numbers, and augmentation.</param>
/// <param name="Forward">Network and loss.</param>
/// <param name="Backward">Gradients.</param>
/// <param name="Optimizer">Clipping and moving.</param>
public sealed record TimeShares(double Data, double Augment, double Forward, double Backward, double Optimizer);
