using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>Reads a split of a MedMNIST archive; image i of split train has the id <c>train_00000</c> with i in five digits.</summary>
internal sealed class NpzDatasetReader(NpzSource source, GradeScale scale)
{
    private readonly string _imagesKey = $"{source.Split}_images";
    private readonly string _labelsKey = $"{source.Split}_labels";

    public Dataset Read()
    {
        NpzArchive archive = NpzArchive.Open(source.Npz);
        ImmutableArray<int> images = Array(archive, _imagesKey).Shape;
        if (images.Length is not (3 or 4) || (images.Length == 4 && images[3] is not (1 or 3)))
            throw Wrong(_imagesKey, "images have the shape (N, H, W) or (N, H, W, 3)", $"({string.Join(", ", images)})");
        int count = images[0];
        NpyArray? labels = source.Role == SourceRole.Test && !archive.Keys.Contains(_labelsKey) ? null : Array(archive, _labelsKey);
        if (labels is not null && (labels.Shape is not ([_] or [_, 1]) || labels.Shape[0] != count))
            throw Wrong(_labelsKey, $"there is one label for each of the {count} images, of shape ({count}, 1)", $"({string.Join(", ", labels.Shape)})");

        var records = ImmutableArray.CreateBuilder<ImageRecord>(count);
        var findings = ImmutableArray.CreateBuilder<AuditFinding>();
        var skipped = new SkippedLabels(source);
        GradeScale steps = source.Scale?.Labels ?? scale;
        for (int i = 0; i < count; i++)
        {
            ImageId id = Id(source.Split, i);
            int? grade = null;
            if (labels is not null && labels.Integer(i) is var label)
            {
                grade = label >= 0 && label < steps.Count ? (int)label : null;
                if (grade is { } step && source.Scale is { } own)
                {
                    grade = own.Grades[step];
                    if (grade is null)
                    {
                        skipped.Add(own.Labels.Names[step], id);
                        continue;
                    }
                }
                if (grade is null)
                {
                    string fate = source.Role == SourceRole.Test ? "The image is predicted all the same" : "It is left out";
                    findings.Add(new AuditFinding(FindingKind.GradeOutsideScale, source.Name, [id], $"'{id}' has the grade {label}, which is outside {GradeReading.NameOf(source.Scale)}. {fate}; " +
                        $"correct it to 0 to {steps.Count - 1}, or lengthen the scale.") { Where = $"{source.Npz}#{_labelsKey}[{i}]" });
                    if (source.Role != SourceRole.Test)
                        continue;
                }
            }
            records.Add(new ImageRecord(id, grade, null, source.Name, new ArraySlot(archive.Path, _imagesKey, i)));
        }
        return new Dataset(source, records.ToImmutable(), [.. findings, .. skipped.Findings]);
    }

    /// <summary>The id of image <paramref name="index"/> of a split.</summary>
    public static ImageId Id(string split, int index) => new($"{split}_{index:D5}");

    private NpyArray Array(NpzArchive archive, string key)
    {
        if (archive.Keys.Contains(key))
            return archive.Get(key);
        string[] splits = [.. archive.Keys.Where(k => k.EndsWith("_images", StringComparison.Ordinal)).Select(k => k[..^"_images".Length])];
        throw new GradusException(
            $"there is no array '{key}'", source.Npz, string.Join(", ", archive.Keys.Take(20)), $"Splits with images here: {(splits.Length == 0 ? "none" : string.Join(", ", splits))}", Fault.Request);
    }

    private GradusException Wrong(string key, string rule, string found) => new(rule, $"{source.Npz}#{key}", found, fault: Fault.Request);
}
