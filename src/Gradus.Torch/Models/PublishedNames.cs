using System.Collections.Frozen;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Models;

/// <summary>
/// Finds a network's tensors in a file by the names of torchvision, Cadene's pretrainedmodels or timm, behind the prefixes that
/// wrappers put before them (<c>module.</c> and the like).
/// </summary>
public static class PublishedNames
{
    private const string BatchCounter = ".num_batches_tracked";

    private static readonly string[] Wrappers = ["module.", "model.", "backbone.", "encoder.", "net.", "_orig_mod."];
    private static readonly FrozenSet<string> Heads = FrozenSet.Create(StringComparer.Ordinal, "fc", "classifier", "last_linear", "head", "linear", "logits");

    /// <summary>
    /// The first convention with which the whole backbone is in the file, preferring one whose classifier is there too; where none
    /// fits, the one that finds most.
    /// </summary>
    /// <param name="classifier">Our name of the final linear layer: <see cref="Backbone.ClassifierName"/>.</param>
    /// <param name="backbone">Our tensors without the head.</param>
    /// <param name="file">The tensors of the file.</param>
    /// <param name="inputLayer">Our name of the first convolution's weight, which may have another number of input channels than the file's.</param>
    public static NameMatch Match(string classifier, IReadOnlyList<WeightsEntry> backbone, IReadOnlyList<WeightsEntry> file, string? inputLayer = null)
    {
        (string prefix, Dictionary<string, WeightsEntry> theirs) = Unwrapped(file);
        NameMatch? best = null;
        (int Fitting, bool HasClassifier) most = (-1, false);
        foreach (NamingConvention convention in NamingConvention.Others.Prepend(NamingConvention.Own(classifier)))
        {
            string head = convention.Classifier ?? classifier;
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            int fitting = 0;
            foreach (WeightsEntry ours in backbone)
            {
                if (convention.Theirs(ours.Name) is not { } name || !theirs.TryGetValue(name, out WeightsEntry? found))
                    continue;
                names[ours.Name] = found.Name;
                fitting += !IsCounter(ours.Name) && Fits(ours, found, ours.Name == inputLayer) ? 1 : 0;
            }
            foreach (string tensor in (string[])["weight", "bias"])
            {
                if (theirs.TryGetValue($"{head}.{tensor}", out WeightsEntry? found))
                    names[$"{classifier}.{tensor}"] = found.Name;
            }
            (int, bool) score = (fitting, names.ContainsKey($"{classifier}.weight"));
            if (score.CompareTo(most) > 0) // the first of equals stays
                (best, most) = (new NameMatch(convention.Name + (prefix.Length == 0 ? "" : $" behind '{prefix}'"), prefix, names), score);
        }
        return best!;
    }

    /// <summary>True for counters of batches, which older files do not have and inference does not need.</summary>
    internal static bool IsCounter(string name) => name.EndsWith(BatchCounter, StringComparison.Ordinal);

    /// <summary>True for a tensor of some network's head, wherever it was published.</summary>
    internal static bool IsHead(string name, string prefix = "")
    {
        ReadOnlySpan<char> rest = name.StartsWith(prefix, StringComparison.Ordinal) ? name.AsSpan(prefix.Length) : name;
        int dot = rest.IndexOf('.');
        return dot > 0 && Heads.GetAlternateLookup<ReadOnlySpan<char>>().Contains(rest[..dot]);
    }

    /// <summary>True where a file's tensor can be copied to ours, floats to floats; an input layer of 3 channels is adapted.</summary>
    internal static bool Fits(WeightsEntry ours, WeightsEntry theirs, bool isInputLayer) =>
        IsFloat(ours.Type) == IsFloat(theirs.Type)
        && (ours.Shape.AsSpan().SequenceEqual(theirs.Shape.AsSpan()) || (isInputLayer && InputLayer.CanAdapt(ours.Shape, theirs.Shape)));

    private static bool IsFloat(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>What wrappers put before the name of every tensor, or of all but the head's; several may lie in each other.</summary>
    public static string Wrapper(IReadOnlyList<WeightsEntry> file)
    {
        string prefix = "";
        while (Wrappers.FirstOrDefault(w => Wraps(prefix + w, prefix, file)) is { } wrapper)
            prefix += wrapper;
        return prefix;
    }

    private static (string Prefix, Dictionary<string, WeightsEntry> Entries) Unwrapped(IReadOnlyList<WeightsEntry> file)
    {
        string prefix = Wrapper(file);
        var entries = new Dictionary<string, WeightsEntry>(StringComparer.Ordinal);
        foreach (WeightsEntry entry in file)
            entries.TryAdd(entry.Name.StartsWith(prefix, StringComparison.Ordinal) ? entry.Name[prefix.Length..] : entry.Name, entry);
        return (prefix, entries);
    }

    private static bool Wraps(string prefix, string outer, IReadOnlyList<WeightsEntry> file)
    {
        bool some = false;
        foreach (WeightsEntry entry in file)
        {
            bool has = entry.Name.StartsWith(prefix, StringComparison.Ordinal);
            if (!has && !IsHead(entry.Name, outer))
                return false;
            some |= has;
        }
        return some;
    }
}

/// <summary>Where a file has a network's tensors.</summary>
/// <param name="Convention">Whose names they are, and behind which prefix, for a person.</param>
/// <param name="Prefix">What all names begin with, but perhaps the head's.</param>
/// <param name="FileNames">Our names to the file's, of backbone and final linear layer, as far as they are there.</param>
public sealed record NameMatch(string Convention, string Prefix, IReadOnlyDictionary<string, string> FileNames);
