namespace Gradus.Tests.Runs;

/// <summary>A folder of a test's own, removed at its end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gradus-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
