using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Experiments;

namespace Gradus.Splitting;

/// <summary>
/// A list of images and how wrong earlier runs were about them: <c>id,source,hash,error</c> and any other columns, as <c>gradus mistakes</c> writes it. A row
/// is about the image of that source and id with that content.
/// </summary>
public static class ImageWeightFile
{
    private const string Remedy = "Make the list anew with gradus mistakes";
    private static readonly string[] Columns = ["id", "source", "hash", "error"];

    /// <summary>The weight 1 + strength x error of each training image, (N). Rows about images that do not train are passed over.</summary>
    /// <param name="rule">The file and the strength.</param>
    /// <param name="training">(N) the training images.</param>
    /// <param name="known">Every image that can be read, so that a row about none of them is noticed.</param>
    /// <exception cref="GradusException">
    /// The file or a column is missing, an error is no number of at least 0, a row is about an image that is unknown, another one now, or named already, or no
    /// training image has an error.
    /// </exception>
    public static ImmutableArray<double> Read(WeightedImages rule, ImmutableArray<ImageRecord> training, IEnumerable<ImageRecord> known)
    {
        if (!File.Exists(rule.File))
            throw new GradusException("the list of mistakes does not exist", rule.File, remedy: "Write it with gradus mistakes RUN… --out FILE", fault: Fault.Request);
        Dictionary<ImageKey, ImageRecord> all = known.ToDictionary(ImageKey.Of);
        var errors = new Dictionary<ImageKey, double>();
        using var table = new CsvTable(rule.File, Columns);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{rule.File}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, remedy: "Correct it", fault: Fault.Request);
            var key = new ImageKey(line.Fields[1], new ImageId(line.Fields[0]));
            if (!all.TryGetValue(key, out ImageRecord? image))
                throw new GradusException($"there is no readable image '{key}'", where, remedy: Remedy, fault: Fault.Request);
            if (image.Hash?.Hex.Equals(line.Fields[2], StringComparison.OrdinalIgnoreCase) != true)
                throw new GradusException($"'{key}' is another image than when the list was made", where, $"content {image.Hash?.Hex[..12]}", Remedy, Fault.Request);
            if (!double.TryParse(line.Fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out double error) || !double.IsFinite(error) || error < 0)
                throw new GradusException("an error is a number of at least 0", where, CsvTable.Start(line.Fields[3]), Remedy, Fault.Request);
            if (!errors.TryAdd(key, error))
                throw new GradusException($"'{key}' is there a second time", where, remedy: "Remove one of them", fault: Fault.Request);
        }
        ImmutableArray<double> weights = [.. training.Select(r => 1 + rule.Strength * errors.GetValueOrDefault(ImageKey.Of(r)))];
        return weights.Any(w => w > 1)
            ? weights
            : throw new GradusException("no training image has an error in the list, so sampling by it changes nothing", rule.File, $"{errors.Count} rows", "List images of the training folds: gradus mistakes over the runs of all folds", Fault.Request);
    }
}
