namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>Finds the dictionary of tensors in what somebody saved: the whole, or one of its values.</summary>
internal static class StateDict
{
    private const int KeysShown = 8;

    // Where training scripts put it, the first that is there; an average over epochs comes last.
    private static readonly string[] Places = ["state_dict", "model", "model_state_dict", "net", "network", "weights", "params", "state_dict_ema", "model_ema", "ema"];

    /// <summary>The tensors by name in the order of the file, and under which key they lay; values that are no tensors are left out.</summary>
    /// <exception cref="GradusException">There is no such dictionary, or a name is there twice.</exception>
    public static (string? Under, IReadOnlyList<(string Name, PickleTensor Tensor)> Tensors) Find(object? root, string path)
    {
        if (root is not PickleDict whole)
            throw Refusal(path, root is PickleTensor ? "a single tensor" : root is PickleList or object?[] ? "a list" : "another value");
        List<(string Key, IReadOnlyList<(string, PickleTensor)> Tensors)> inside = [];
        foreach ((object? key, object? value) in whole.Items)
        {
            if (key is string name && value is PickleDict dict && Tensors(dict, path) is { Count: > 0 } tensors)
                inside.Add((name, tensors));
        }
        foreach (string place in Places)
        {
            if (inside.Find(i => i.Key == place) is { Tensors: not null } found)
                return (found.Key, found.Tensors);
        }
        if (Tensors(whole, path) is { Count: > 0 } own)
            return (null, own);
        return inside.Count == 1
            ? (inside[0].Key, inside[0].Tensors)
            : throw Refusal(path, inside.Count == 0 ? $"a dictionary of {Keys(whole.Items.Select(i => i.Key as string))}" : $"several, under {Keys(inside.Select(i => i.Key))}");
    }

    private static List<(string Name, PickleTensor Tensor)> Tensors(PickleDict dict, string path)
    {
        var tensors = new List<(string, PickleTensor)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is not string name || value is not PickleTensor tensor)
                continue;
            if (!seen.Add(name))
                throw new GradusException($"'{WeightsEntry.Shown(name)}' is there twice", path, remedy: "Get the file again", fault: Fault.Request);
            tensors.Add((name, tensor));
        }
        return tensors;
    }

    private static string Keys(IEnumerable<string?> keys)
    {
        string[] shown = [.. keys.Take(KeysShown + 1).Select(k => k is null ? "?" : $"'{WeightsEntry.Shown(k)}'")];
        return shown.Length == 0 ? "nothing" : string.Join(", ", shown.Take(KeysShown)) + (shown.Length > KeysShown ? ", …" : "");
    }

    private static GradusException Refusal(string path, string found) =>
        new("must hold one dictionary of tensors", path, found, "Save the tensors alone: torch.save(model.state_dict(), path)", Fault.Request);
}
