using System.Security.Cryptography;
using System.Text.Json;

namespace Gradus.Ensembles;

/// <summary>ensemble.json. Checkpoints are named relative to the file and by their content, so the folder of runs can be moved but no file in it exchanged.</summary>
public static class EnsembleFile
{
    /// <summary>Writes the file atomically.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="ensemble">Its checkpoints have full paths.</param>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, Ensemble ensemble)
    {
        string folder = Folder(path);
        Ensemble relative = WithPaths(ensemble, p => Path.GetRelativePath(folder, p).Replace(Path.DirectorySeparatorChar, '/'));
        AtomicFile.WriteText(path, JsonSerializer.Serialize(relative, GradusJson.Indented) + "\n");
    }

    /// <summary>Reads the file and checks that every checkpoint is there and is the one that the ensemble was fitted with.</summary>
    /// <returns>With full paths.</returns>
    /// <exception cref="GradusException">Not an ensemble, one of another layout, or a checkpoint is missing or has changed.</exception>
    public static Ensemble Read(string path)
    {
        string folder = Folder(path);
        Ensemble ensemble = WithPaths(Parse(path), p => Path.GetFullPath(Path.Combine(folder, p)));
        foreach (EnsembleCheckpoint checkpoint in ensemble.Members.SelectMany(m => m.Checkpoints))
        {
            if (!File.Exists(checkpoint.Path))
                throw new GradusException("a checkpoint of the ensemble is not there", checkpoint.Path, remedy: $"Restore it; {Path.GetFileName(path)} finds its checkpoints from its own folder, so move both together", fault: Fault.Request);
            if (Sha256(checkpoint.Path) != checkpoint.Sha256)
                throw new GradusException($"is another file than when {Path.GetFileName(path)} was written", checkpoint.Path, remedy: "Restore it, or fit the ensemble again with gradus ensemble", fault: Fault.Request);
        }
        return ensemble;
    }

    /// <summary>Refuses a file that is no ensemble, before it is written over.</summary>
    /// <exception cref="GradusException">It is something else.</exception>
    public static void RequireEnsemble(string path) => Parse(path);

    /// <summary>SHA-256 of a file's bytes, as 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="GradusException">It cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }

    private static Ensemble Parse(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("members", out _) || !json.RootElement.TryGetProperty("format", out JsonElement format))
                throw new GradusException("is no ensemble", path, remedy: "Give the ensemble.json that gradus train --fold all or gradus ensemble wrote", fault: Fault.Request);
            if (format.GetInt32() != Ensemble.ThisFormat)
                throw new GradusException("is an ensemble of another layout", path, $"layout {format}, expected {Ensemble.ThisFormat}", "Use the Gradus that wrote it", Fault.Request);
            Ensemble ensemble = json.RootElement.Deserialize<Ensemble>(GradusJson.Indented) ?? throw new JsonException("null");
            int members = ensemble.Members.IsDefaultOrEmpty ? 0 : ensemble.Members.Length;
            if (members == 0 || ensemble.Members.Any(m => m.Checkpoints.IsDefaultOrEmpty) || ensemble.Combination.Weights.Length != members || (ensemble.Combination.Method == EnsembleMethod.RankMean && ensemble.Combination.Ranks.Length != members))
                throw new JsonException($"{members} members, and not a weight and a checkpoint for each");
            return ensemble;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), fault: Fault.Request, inner: e);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw DamagedJson.In(path, e, "Fit the ensemble again with gradus ensemble", Fault.Request);
        }
    }

    private static Ensemble WithPaths(Ensemble ensemble, Func<string, string> change) => ensemble with
    {
        Members = [.. ensemble.Members.Select(m => m with { Checkpoints = [.. m.Checkpoints.Select(c => c with { Path = change(c.Path) })] })],
    };

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;
}
