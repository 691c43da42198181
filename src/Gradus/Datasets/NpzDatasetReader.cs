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
        NpzSplit split = NpzSplit.Open(archive, source.Split, mayLackLabels: source.Role == SourceRole.Test);
        (int count, NpyArray? labels) = (split.Count, split.Labels);

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
}
