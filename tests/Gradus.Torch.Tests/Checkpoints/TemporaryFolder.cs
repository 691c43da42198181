namespace Gradus.Torch.Tests.Checkpoints;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gradus-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes bytes as they are, without the flush to disk that a thousand small files would wait for.</summary>
    public string Write(string name, params ReadOnlySpan<byte> bytes)
    {
        string path = File(name);
        using FileStream stream = System.IO.File.Create(path);
        stream.Write(bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
