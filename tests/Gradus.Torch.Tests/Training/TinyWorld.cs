using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Runs;
using Gradus.Torch.Training;
using SkiaSharp;

namespace Gradus.Torch.Tests.Training;

/// <summary>Small pictures whose brightness is their grade, in a folder a grade, and everything needed to train on them in a second.</summary>
internal sealed class TinyWorld : IDisposable
{
    private static readonly string[] Grades = ["none", "mild", "severe"];

    public TinyWorld(int perGrade = 10)
    {
        Root = Directory.CreateTempSubdirectory("gradus-tiny-").FullName;
        for (int grade = 0; grade < Grades.Length; grade++)
        {
            Directory.CreateDirectory(Path.Combine(Root, "images", Grades[grade]));
            for (int i = 0; i < perGrade; i++)
                Draw(Path.Combine(Root, "images", Grades[grade], $"{i:00}.png"), 40 + 80 * grade, RandomStream.Create(1, "tiny", grade, i));
        }
    }

    public string Root { get; }

    public Experiment Experiment => new()
    {
        Scale = new GradeScale([.. Grades]),
        Sources = [new FolderSource { Name = "tiny", Folder = Path.Combine(Root, "images") }],
        Recipe = new Recipe([new Resize(32)]),
        Split = new SplitSpec(3, 0),
        Augment = new Augmentation([new FlipStep(), new RotateStep(30, Fill.Edge)]),
        Model = new ModelSpec { Backbone = "resnet18", Head = [new DropoutLayer(0.3)] },
        Target = new OrdinalTarget(),
        Train = new TrainSpec { Epochs = 3, Batch = 8, Optimizer = new SgdSpec(0.9), TopLr = 0.01, BaseLrRatio = 0.5, Schedule = new CosineSchedule(1) },
    };

    public RunData Load(Experiment experiment) => RunData.Load(experiment, Path.Combine(Root, "cache"), null, CancellationToken.None);

    /// <summary>Trains to the end, or until <paramref name="stopAfter"/> epochs are on disk, as a kill would.</summary>
    public RunFolder Train(Experiment experiment, int? stopAfter = null, RunFolder? resume = null, Parentage? parentage = null)
    {
        using RunData data = Load(experiment);
        RunFolder run = resume ?? TrainingSession.Begin(experiment, data, Path.Combine(Root, "runs"), TimeProvider.System, parentage?.Record(experiment, data));
        using var stop = new CancellationTokenSource();
        var events = new TrainingEvents
        {
            EpochFinished = r =>
            {
                if (r.Epoch == stopAfter)
                    stop.Cancel();
            },
        };
        try
        {
            TrainingSession.Train(run, data, TimeProvider.System, events, stop.Token);
        }
        catch (OperationCanceledException) when (stopAfter is not null)
        {
            // As wished.
        }
        return run;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void Draw(string path, int level, Random random)
    {
        using var bitmap = new SKBitmap(40, 36);
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
            {
                byte v = (byte)(level + random.Next(40));
                bitmap.SetPixel(x, y, new SKColor(v, (byte)(v / 2), (byte)(x * 3)));
            }
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }
}
