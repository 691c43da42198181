using System.Globalization;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>
/// Reads a grade as people write it: 2, 2.0, or a name of the scale in any letter case. A source with a scale of its own is read on that, and
/// its steps become what they are mapped to.
/// </summary>
internal sealed class GradeReading
{
    private readonly GradeScale _scale;
    private readonly SourceScale? _own;
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly ILookup<string, int> _anyCase;
    private readonly Dictionary<double, int> _numbers;

    public GradeReading(GradeScale experiment, SourceScale? own = null)
    {
        GradeScale scale = own?.Labels ?? experiment;
        (_scale, _own) = (scale, own);
        foreach ((int grade, string name) in scale.Names.Index())
            _exact[Text(name)] = grade;
        _anyCase = scale.Names.Index().ToLookup(n => Text(n.Item), n => n.Index, StringComparer.OrdinalIgnoreCase);

        // A scale named 1, 2, 3 means its names: reading "1" as the second grade would shift every label by one.
        _numbers = [];
        foreach ((int grade, string name) in scale.Names.Index())
        {
            if (Number(name) is { } number)
                _numbers[number] = grade;
        }
        if (_numbers.Count == 0)
            _numbers = Enumerable.Range(0, scale.Count).ToDictionary(g => (double)g);
    }

    /// <summary>"the scale", of the source where it has one.</summary>
    public string ScaleName => NameOf(_own);

    /// <summary>What a label may be, for a person.</summary>
    public string Expected => _scale.Names.All(n => Number(n) is not null)
        ? $"one of {string.Join(", ", _scale.Names)}"
        : $"{string.Join(", ", _numbers.Keys.Order())} or one of {string.Join(", ", _scale.Names)}";

    /// <summary>"the scale", of the source where it has one.</summary>
    public static string NameOf(SourceScale? own) => own is null ? "the scale" : "the source's scale";

    /// <summary>The experiment's grade, or why there is none; <see cref="FindingKind.SkippedGrade"/> where the mapping leaves the label out.</summary>
    public (int? Grade, FindingKind? Problem) Read(string? text)
    {
        (int? step, FindingKind? problem) = Step(text);
        if (_own is null || step is not { } s)
            return (step, problem);
        return _own.Grades[s] is { } grade ? (grade, null) : (null, FindingKind.SkippedGrade);
    }

    private (int? Step, FindingKind? Problem) Step(string? text)
    {
        string label = Text(text ?? "");
        if (label.Length == 0)
            return (null, FindingKind.MissingGrade);
        if (_exact.TryGetValue(label, out int grade))
            return (grade, null);
        if (_anyCase[label].Take(2).ToArray() is [int only])
            return (only, null);
        if (Number(label) is not { } number)
            return (null, FindingKind.UnreadableGrade);
        if (_numbers.TryGetValue(number, out grade))
            return (grade, null);
        return (null, double.IsInteger(number) ? FindingKind.GradeOutsideScale : FindingKind.UnreadableGrade);
    }

    private static string Text(string label) => ComposedText.Of(label.Trim());

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
