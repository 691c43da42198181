using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;

namespace Gradus.Torch.Checkpoints;

/// <summary>What a checkpoint was trained on.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Fold">The fold that validated; null where the split came with the data.</param>
/// <param name="Folds">Of how many.</param>
/// <param name="Data">Fingerprint of images, grades and split.</param>
/// <param name="Hashes">The first eight bytes of each training image's content hash, sorted and joined, in base 64.</param>
public sealed record TrainedOn(int Images, int? Fold, int? Folds, string Data, string Hashes)
{
    private const int PrefixDigits = 16;

    /// <summary>Describes the training side of a partition.</summary>
    public static TrainedOn From(DataPartition data, SplitSpec? split) => new(
        data.Training.Records.Length,
        split?.Fold,
        split?.Folds,
        data.Fingerprint,
        Convert.ToBase64String([.. data.Training.Records.Select(r => r.Hash!.Value.Hex[..PrefixDigits]).Distinct().Order(StringComparer.Ordinal).SelectMany(Convert.FromHexString)]));

    /// <summary>How many of the given images the checkpoint was trained on.</summary>
    public int Seen(IEnumerable<ContentHash> images) => images.Count(Knows());

    /// <summary>Tells for any image whether the checkpoint was trained on it.</summary>
    public Func<ContentHash, bool> Knows()
    {
        string joined = Convert.ToHexStringLower(Convert.FromBase64String(Hashes));
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i + PrefixDigits <= joined.Length; i += PrefixDigits)
            known.Add(joined.Substring(i, PrefixDigits));
        return hash => known.Contains(hash.Hex[..PrefixDigits]);
    }
}
