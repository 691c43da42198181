using Gradus.Datasets;
using Gradus.Synthetic;

namespace Gradus.Tests.Synthetic;

/// <summary>One small world, written once for all tests that read it.</summary>
public sealed class WorldOnDisk : IDisposable
{
    public WorldOnDisk()
    {
        Folder = Directory.CreateTempSubdirectory("gradus-world-").FullName;
        Planted = SyntheticWorld.Write(Folder, Spec);
    }

    public static WorldSpec Spec { get; } = new(Train: 60, Test: 20, External: 6, Seed: 3);

    public string Folder { get; }

    public PlantedWorld Planted { get; }

    /// <summary>The file of an image, by its id; fails where there is none or more than one.</summary>
    public string FileOf(ImageId id, string set) => Directory.GetFiles(Path.Combine(Folder, set), id.Value + ".*").Single();

    public byte[] BytesOf(ImageId id, string set) => File.ReadAllBytes(FileOf(id, set));

    /// <summary>Rows of a CSV without its header, split at commas.</summary>
    public string[][] Rows(string csv) => [.. File.ReadLines(Path.Combine(Folder, csv)).Skip(1).Select(line => line.Split(','))];

    /// <summary>Label by id.</summary>
    public Dictionary<ImageId, int> Labels(string csv) => Rows(csv).ToDictionary(row => new ImageId(row[0]), row => int.Parse(row[1]));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
