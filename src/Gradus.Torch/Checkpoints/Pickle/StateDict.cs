using System.Collections.Immutable;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// The dictionary of tensors in what somebody saved: the whole, or one of its values, found by its key.
/// </summary>
/// <param name="Key">The key under which it lay, with dots between levels; null for the whole.</param>
/// <param name="OtherKeys">Those of other networks in the file.</param>
/// <param name="Tensors">Name and tensor in the order of the file; values that are no tensors are left out.</param>
internal sealed record StateDict(
    string? Key,
    ImmutableArray<string> OtherKeys,
    IReadOnlyList<(string Name, PickleTensor Tensor)> Tensors
)
{
    private const int KeysShown = 8;
    private const int Levels = 2;

    // Where training scripts put the network that they train, the first that is there. An average of it is taken only
    // when it is asked for.
    private static readonly string[] Places =
    [
        "state_dict",
        "model",
        "model_state_dict",
        "net",
        "network",
        "weights",
        "params",
    ];

    /// <summary>Finds it.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="key">The key that a person chose; null takes the only network, or the one that is plainly the
    /// trained one.</param>
    /// <exception cref="GradusException">There is no such dictionary, there are several, or a name is there
    /// twice.</exception>
    public static StateDict Find(object? root, string path, string? key)
    {
        if (root is not PickleDict whole)
        {
            throw Refusal(
                path,
                root switch
                {
                    PickleTensor => "a single tensor",
                    PickleList or object?[] => "a list",
                    PickleForeign foreign => $"an object of {WeightsEntry.Shown(foreign.Name)}",
                    _ => "another value",
                }
            );
        }
        var inside = new List<(string Key, IReadOnlyList<(string, PickleTensor Tensor)> Tensors)>();
        Collect(whole, "", path, inside, [whole]);
        // Scores and the like may be tensors too; what has matrices is a network.
        if (inside.Exists(i => IsNetwork(i.Tensors)))
            inside.RemoveAll(i => !IsNetwork(i.Tensors));

        string? taken = key ?? Places.FirstOrDefault(p => inside.Exists(i => i.Key == p));
        if (taken is null && TensorsOf(whole, path) is { Count: > 0 } own)
            return new StateDict(null, [.. inside.Select(i => i.Key)], own);
        if (taken is null && inside.Count == 1)
            taken = inside[0].Key;
        if (taken is not null && inside.Find(i => i.Key == taken) is { Tensors: { } found })
            return new StateDict(taken, [.. inside.Select(i => i.Key).Where(k => k != taken)], found);
        if (key is not null)
        {
            throw new GradusException(
                $"has no state dict under '{WeightsEntry.Shown(key)}'",
                path,
                inside.Count == 0 ? "none" : Keys(inside.Select(i => i.Key)),
                NearestWord.Remedy(
                    key,
                    [.. inside.Select(i => i.Key)],
                    "Choose one that is there, or leave the key out"
                ),
                Fault.Request
            );
        }
        if (inside.Count > 0)
        {
            throw new GradusException(
                "holds several state dicts, and which is meant must be said",
                path,
                Keys(inside.Select(i => i.Key)),
                $"Write model: {{ weights_key: {WeightsEntry.Shown(inside[0].Key)} }} in the experiment; "
                    + "gradus models inspect --key NAME shows one",
                Fault.Request
            );
        }
        throw Refusal(path, $"a dictionary of {Keys(whole.Items.Select(i => i.Key as string), whole)}");
    }

    private static bool IsNetwork(IReadOnlyList<(string, PickleTensor Tensor)> tensors) =>
        tensors.Any(t => t.Tensor.Shape.Length > 1);

    private static void Collect(
        PickleDict dict,
        string prefix,
        string path,
        List<(string, IReadOnlyList<(string, PickleTensor)>)> found,
        HashSet<PickleDict> seen,
        int level = 1
    )
    {
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is not string name || value is not PickleDict inner || !seen.Add(inner))
                continue;
            if (TensorsOf(inner, path) is { Count: > 0 } tensors)
                found.Add((prefix + name, tensors));
            else if (level < Levels)
                Collect(inner, $"{prefix}{name}.", path, found, seen, level + 1);
        }
    }

    private static List<(string Name, PickleTensor Tensor)> TensorsOf(PickleDict dict, string path)
    {
        var tensors = new List<(string, PickleTensor)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        PickleForeign? instead = null;
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is not string name)
                continue;
            // Beside tensors a script may leave its settings; under a tensor's name there must be a tensor.
            if (value is PickleForeign foreign && name.Contains('.', StringComparison.Ordinal))
                instead ??= foreign;
            if (value is not PickleTensor tensor)
                continue;
            if (!seen.Add(name))
                throw new GradusException(
                    $"'{WeightsEntry.Shown(name)}' is there twice",
                    path,
                    remedy: "Get the file again",
                    fault: Fault.Request
                );
            tensors.Add((name, tensor));
        }
        return tensors.Count == 0 || instead is null
            ? tensors
            : throw new GradusException(
                $"has an object of {WeightsEntry.Shown(instead.Name)} among its tensors, which weights do not need; "
                    + "nothing was executed",
                path,
                remedy: "Save the tensors alone: torch.save(model.state_dict(), path)",
                fault: Fault.Request
            );
    }

    private static string Keys(IEnumerable<string?> keys, PickleDict? whole = null)
    {
        string[] shown =
        [
            .. keys.Take(KeysShown + 1).Select(k => k is null ? "?" : $"'{WeightsEntry.Shown(k)}'{What(k)}"),
        ];
        return shown.Length == 0
            ? "nothing"
            : string.Join(", ", shown.Take(KeysShown)) + (shown.Length > KeysShown ? ", …" : "");

        string What(string key) =>
            whole?.Items.Find(i => i.Key is string k && k == key).Value is PickleForeign foreign
                ? $" (an object of {WeightsEntry.Shown(foreign.Name)})"
                : "";
    }

    private static GradusException Refusal(string path, string found) =>
        new(
            "must hold one dictionary of tensors",
            path,
            found,
            "Save the tensors alone: torch.save(model.state_dict(), path)",
            Fault.Request
        );
}
