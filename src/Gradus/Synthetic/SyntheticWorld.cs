using System.Text;
using System.Text.Json;
using Gradus.Datasets;

namespace Gradus.Synthetic;

/// <summary>
/// A small world of fundus photographs with planted faults, for the demo and for tests: a training set, a test set distributed
/// otherwise, and an older external set. It is fixed by its <see cref="WorldSpec"/>.
/// </summary>
public static class SyntheticWorld
{
    /// <summary>
    /// Writes the world into an empty or new folder, or once more over the same one: <c>train.csv</c>, <c>external.csv</c>
    /// (id_code,diagnosis), <c>test.csv</c> (id_code), <c>test_truth.csv</c>, <c>sample_submission.csv</c>, a folder of images for
    /// each set, <c>planted.json</c> and <c>experiment.yaml</c>.
    /// </summary>
    /// <returns>What was planted.</returns>
    /// <exception cref="GradusException">The sizes are too small, the folder holds something else, or a file could not be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the same call goes over what is there.</exception>
    public static PlantedWorld Write(string directory, WorldSpec spec, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var plan = new WorldPlan(spec);
        Claim(directory, spec);
        AtomicFile.WriteText(Path.Combine(directory, PlantedWorld.FileName), JsonSerializer.Serialize(plan.Planted, GradusJson.Indented) + "\n");

        PlannedImage[] images = [.. plan.Train, .. plan.Test, .. plan.External];
        int done = 0;
        void Write(PlannedImage image, byte[] file)
        {
            AtomicFile.Write(Path.Combine(directory, image.File), stream => stream.Write(image.IsCorrupt ? PictureFile.Truncated(file) : file));
            progress?.Report(new WorkProgress("draw", Interlocked.Increment(ref done), images.Length, "images"));
        }
        var options = new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(images.Where(image => image.CopyOf is null), options, image => Write(image, PictureFile.Encode(Draw(spec, image).Image, image.Camera)));
        Parallel.ForEach(images.Where(image => image.CopyOf is not null), options, copy => Write(copy, Copied(directory, copy)));

        WriteCsv(directory, "train.csv", "id_code,diagnosis", plan.Train, image => $"{image.Id},{image.Label}");
        WriteCsv(directory, "test.csv", "id_code", plan.Test, image => image.Id.Value);
        WriteCsv(directory, "test_truth.csv", "id_code,diagnosis", plan.Test, image => $"{image.Id},{image.Label}");
        WriteCsv(directory, "sample_submission.csv", "id_code,diagnosis", plan.Test, image => $"{image.Id},0");
        WriteCsv(directory, "external.csv", "id_code,diagnosis", plan.External, image => $"{image.Id},{image.Label}");
        AtomicFile.WriteText(Path.Combine(directory, DemoExperiment.FileName), DemoExperiment.Yaml(spec));
        return plan.Planted;
    }

    /// <summary>Draws one image of a world again, for its lesion mask; of a copy, the image that it is a copy of, at its original size.</summary>
    /// <exception cref="GradusException">The world has no such image.</exception>
    public static FundusPicture Redraw(WorldSpec spec, ImageId id)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var plan = new WorldPlan(spec);
        PlannedImage image = plan.Train.Concat(plan.Test).Concat(plan.External).FirstOrDefault(image => image.Id == id)
            ?? throw new GradusException("this synthetic world has no such image", found: id.Value, fault: Fault.Request);
        return Draw(spec, image.CopyOf ?? image);
    }

    // Every image draws from a stream named by its set and row, so neither threads nor other images can change it.
    private static FundusPicture Draw(WorldSpec spec, PlannedImage image) =>
        SyntheticFundus.Draw(image.Grade, image.Camera, RandomStream.Create(spec.Seed, $"synthetic {image.Set.Name}", image.Index));

    private static byte[] Copied(string directory, PlannedImage copy)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(directory, copy.CopyOf!.File));
        return copy.How switch
        {
            NearCopy.Reencoded => PictureFile.Reencoded(file),
            NearCopy.Resized => PictureFile.Resized(file),
            _ => file,
        };
    }

    // planted.json is written first and marks the folder as ours, so that an interrupted call can be repeated and nobody's data is overwritten.
    private static void Claim(string directory, WorldSpec spec)
    {
        if (!Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any())
            return;
        if (!File.Exists(Path.Combine(directory, PlantedWorld.FileName)))
            throw new GradusException("a synthetic world needs a folder of its own", directory, "other files", "Name a new folder", Fault.Request);
        if (PlantedWorld.Read(directory).Spec is var there && there != spec)
            throw new GradusException("the folder holds a synthetic world of another size or seed", directory, there.ToString(), "Name a new folder", Fault.Request);
    }

    private static void WriteCsv(string directory, string name, string header, IEnumerable<PlannedImage> rows, Func<PlannedImage, string> row)
    {
        var text = new StringBuilder(header).Append('\n');
        foreach (PlannedImage image in rows)
            text.Append(row(image)).Append('\n');
        AtomicFile.WriteText(Path.Combine(directory, name), text.ToString());
    }
}
