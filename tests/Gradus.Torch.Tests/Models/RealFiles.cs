namespace Gradus.Torch.Tests.Models;

/// <summary>Files outside the project: real data in <c>GRADUS_DATA</c>, with <c>goldens</c> and <c>weights</c> beside it.</summary>
internal static class RealFiles
{
    private static readonly string? Data = Environment.GetEnvironmentVariable("GRADUS_DATA");

    public static string Golden(string architecture) => Beside("goldens", architecture + ".json");

    public static string Weights(string name) => Beside("weights", name);

    public static string Sample(string name) => Path.Combine(Folder(), "imagenet_samples", name);

    private static string Beside(string folder, string name) => Path.Combine(Folder(), "..", folder, name);

    private static string Folder()
    {
        Assert.SkipUnless(Directory.Exists(Data), "GRADUS_DATA names no folder of real data");
        return Data!;
    }
}
