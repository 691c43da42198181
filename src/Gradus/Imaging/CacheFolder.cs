using System.Text.Json;

namespace Gradus.Imaging;

/// <summary>The files of one recipe's cache, and who may write to them.</summary>
internal sealed class CacheFolder
{
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);

    private readonly string _recipe;

    public CacheFolder(string root, Recipe recipe)
    {
        string fingerprint = recipe.Fingerprint;
        Path = System.IO.Path.Combine(System.IO.Path.GetFullPath(root), fingerprint[..16]);
        Seed = Convert.ToInt64(fingerprint[..16], 16);
        SlotBytes = recipe.Size * recipe.Size * 3;
        _recipe = JsonSerializer.Serialize(recipe, GradusJson.Indented) + "\n";
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Of the index records' checksums; differs from recipe to recipe.</summary>
    public long Seed { get; }

    /// <summary>Bytes of one image.</summary>
    public int SlotBytes { get; }

    /// <summary>The pixels, slot after slot. It only ever grows, and a slot once written is never written again: readers map it.</summary>
    public string Pixels => System.IO.Path.Combine(Path, "pixels.bin");

    /// <summary>The index.</summary>
    public string Index => System.IO.Path.Combine(Path, "index.bin");

    private string RecipeFile => System.IO.Path.Combine(Path, "recipe.json");

    private string LockFile => System.IO.Path.Combine(Path, "lock");

    /// <summary>Whether the folder says of itself that it holds this recipe.</summary>
    public bool IsOfRecipe()
    {
        try
        {
            return File.ReadAllText(RecipeFile) == _recipe;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Starts afresh unless the folder holds this recipe. Call it while holding the lock.</summary>
    public void Claim()
    {
        if (IsOfRecipe())
            return;
        // Removed rather than cut: whoever still has the old file mapped keeps it.
        File.Delete(Index);
        File.Delete(Pixels);
        AtomicFile.WriteText(RecipeFile, _recipe);
    }

    /// <summary>Waits until this process alone may write. The system lets go of the lock when its process ends, however it ends.</summary>
    public IDisposable Lock(CancellationToken ct)
    {
        Directory.CreateDirectory(Path);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(LockFile))
            {
                ct.WaitHandle.WaitOne(LockPause);
            }
        }
    }
}
