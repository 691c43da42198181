using System.CommandLine;
using System.Globalization;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Runs;
using Gradus.Torch;
using Gradus.Torch.Models;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class BenchCommand
{
    public static Verb Create()
    {
        Argument<string> subject = new("MODEL") { Description = "A network (gradus models lists them), or an experiment, whose network, images and settings are then measured." };
        Option<int?> size = new("--size") { Description = "Pixels a side, for a network; 224 by default.", HelpName = "N" };
        Option<string> batches = new("--batches") { Description = "Batch sizes to try, with commas.", HelpName = "N,N", DefaultValueFactory = _ => "16" };
        Option<Precision?> precision = new("--precision") { Description = "float32, bfloat16, or auto; float32 for a network, the experiment's for an experiment." };
        Option<string?> device = SharedOptions.Device();
        Option<double> seconds = new("--seconds") { Description = "How long each figure is measured, at least.", HelpName = "S", DefaultValueFactory = _ => 5 };
        var verb = new Verb(
            "bench",
            "Measures how many images a second a network learns from and predicts on this machine, where the time goes, and which batch size pays.",
            "gradus bench densenet121 --batches 8,16,32,64",
            "gradus bench resnet18 --precision bfloat16 --size 512",
            "gradus bench experiment.yaml")
        {
            subject, size, batches, precision, device, seconds,
        };
        verb.Does((parse, session) =>
        {
            (string name, double each) = (parse.GetRequiredValue(subject), parse.GetValue(seconds));
            if (!(each is > 0 and <= 3600))
                throw new GradusException("--seconds is above 0 and at most 3600", found: $"{each}", fault: Fault.Request);
            bool file = name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
            if (parse.GetValue(size) is < 8 or > 4096)
                throw new GradusException("--size is 8 to 4096 pixels", found: $"{parse.GetValue(size)}", fault: Fault.Request);
            if (file && parse.IsGiven(size))
                throw new GradusException("--size belongs to a network; an experiment states its own", remedy: "Leave --size out", fault: Fault.Request);
            if (!file && Path.Exists(name))
                throw new GradusException("is neither a network nor an experiment (.yaml)", name, remedy: "gradus models lists the networks", fault: Fault.Request);
            (Precision? digits, string? where) = (parse.GetValue(precision), parse.GetValue(device));
            int pixels = parse.GetValue(size) ?? 224;
            int[]? stated = file && !parse.IsGiven(batches) ? null : Sizes(parse.GetRequiredValue(batches));
            return () =>
            {
                Experiment experiment = file ? ExperimentFile.Read(name, Zoo.Names) : Of(name, pixels);
                TrainSpec train = experiment.Train with
                {
                    Precision = digits ?? experiment.Train.Precision,
                    Device = where ?? experiment.Train.Device,
                };
                train = train with { Precision = Engine.Resolve(train.Precision, session.Device(train.Device, train.Precision)) };
                return Run(session, experiment with { Train = train }, file, stated ?? [train.Batch], each);
            };
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment, bool withData, int[] sizes, double seconds)
    {
        string device = Engine.Describe(Engine.DeviceOf(experiment.Train.Device)), precision = experiment.Train.Precision.ToString().ToLowerInvariant();
        session.Output.Heading($"{experiment.Model.Backbone} at {experiment.Recipe.Size} px on {device}, {precision}");
        ThroughputResult[] results = session.During(progress => sizes.Select((b, i) =>
        {
            progress.Report(new WorkProgress("bench", i, sizes.Length, "sizes"));
            return Throughput.OnConstantBatch(experiment with { Train = experiment.Train with { Batch = b } }, seconds, session.Cancel);
        }).ToArray());
        session.Output.Table(
            ["batch", "train, images/s", "forward", "backward", "optimiser", "predict, images/s", "peak memory"],
            results.Select(r => (string[])[$"{r.Batch}", $"{r.Train.ImagesPerSecond:0.0}", $"{r.Train.Shares.Forward:0%}", $"{r.Train.Shares.Backward:0%}", $"{r.Train.Shares.Optimizer:0%}", $"{r.PredictImagesPerSecond:0.0}", $"{r.PeakMemoryBytes / (double)(1 << 30):0.00} GiB"]),
            numbers: true);
        ThroughputResult best = results.MaxBy(r => r.Train.ImagesPerSecond)!;
        if (results.Length > 1)
            session.Output.Line($"Training pays most with {best.Batch} images a step; the smallest batch within 5 % of it is {results.Where(r => r.Train.ImagesPerSecond >= 0.95 * best.Train.ImagesPerSecond).Min(r => r.Batch)}.");

        TrainingRate? loop = withData ? Loop(session, experiment, best, seconds) : null;
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                model = experiment.Model.Backbone,
                size = experiment.Recipe.Size,
                device,
                precision = experiment.Train.Precision,
                batches = results,
                best = best.Batch,
                withData = loop,
                ofConstantBatch = loop?.ImagesPerSecond / best.Train.ImagesPerSecond,
            });
        }
        return 0;
    }

    private static TrainingRate Loop(Session session, Experiment experiment, ThroughputResult best, double seconds)
    {
        using RunData data = session.During(progress => RunData.Load(experiment, session.Cache, progress, session.Cancel));
        TrainingRate loop = Throughput.WithData(experiment with { Train = experiment.Train with { Batch = best.Batch } }, data, seconds, session.Cancel);
        session.Output.Line($"With the experiment's images and augmentation: {loop.ImagesPerSecond:0.0} images/s, {loop.ImagesPerSecond / best.Train.ImagesPerSecond:0.00} of the rate on a constant batch.");
        session.Output.Line($"Of that time {loop.Shares.Data:0.0%} waits for images, {loop.Shares.Augment:0.0%} augments, {loop.Shares.Forward:0%} is forward, {loop.Shares.Backward:0%} backward, {loop.Shares.Optimizer:0.0%} the optimiser.");
        return loop;
    }

    private static int[] Sizes(string text)
    {
        int[] sizes = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= 65536
            ? n
            : throw new GradusException("--batches is one or more sizes of 1 to 65536 with commas", found: $"'{text}'", remedy: "Write for example --batches 8,16,32", fault: Fault.Request))];
        return [.. sizes.Distinct().Order()];
    }

    /// <summary>A network as it comes, with five grades.</summary>
    private static Experiment Of(string name, int size) => new()
    {
        Scale = new GradeScale(["0", "1", "2", "3", "4"]),
        Sources = [],
        Recipe = new Recipe([new Resize(size)]),
        Model = new ModelSpec { Backbone = Zoo.Card(name).Name },
        Target = new OrdinalTarget(),
        Train = new TrainSpec { Epochs = 1, TopLr = 1e-4, Optimizer = new SgdSpec() },
    };
}
