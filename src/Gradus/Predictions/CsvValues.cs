using System.Globalization;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>Values of a CSV as people write them; what they must be is said with the line.</summary>
internal static class CsvValues
{
    private const double SumTolerance = 0.01; // of probabilities with few digits

    /// <summary>A finite number.</summary>
    /// <exception cref="GradusException">It is none (fault: request).</exception>
    public static double Number(string text, string column, string where) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new GradusException($"column '{column}' holds no number", where, $"'{text}'", "Correct the value, or remove the row", Fault.Request);

    /// <summary>A grade from 0 to <paramref name="top"/>, which may be written as 2 or 2.0; with a scale also by its name.</summary>
    /// <exception cref="GradusException">It is empty, no whole number, or not on the scale (fault: request).</exception>
    public static int Grade(string text, string column, int top, string where, GradeReading? names = null)
    {
        const string SayNames = "Grades are counted from 0; where they have names, give those in order with --scale none,mild,severe, " +
            "or the experiment or checkpoint that has them";
        if (text.Length == 0)
            throw new GradusException($"column '{column}' is empty", where, remedy: "Every image needs a grade; remove the row, or fill it", fault: Fault.Request);
        if (names is not null)
        {
            return names.Read(text).Grade
                ?? throw new GradusException($"column '{column}' holds a grade that is not on the scale", where, $"'{text}'", $"Grades are {names.Expected}", Fault.Request);
        }
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            throw new GradusException($"column '{column}' holds no number", where, $"'{text}'", SayNames, Fault.Request);
        if (value != Math.Floor(value))
            throw new GradusException($"column '{column}' holds no whole number", where, $"'{text}'", "Grades are counted from 0", Fault.Request);
        return value >= 0 && value <= top ? (int)value : throw new GradusException($"column '{column}' holds a grade that is not on the scale", where, $"'{text}'", $"Grades are 0 to {top}", Fault.Request);
    }

    /// <summary>(K) probabilities, made to add up to 1 exactly, since they were rounded when written.</summary>
    /// <exception cref="GradusException">One is no probability, or they do not add up to 1 (fault: request).</exception>
    public static double[] Probabilities(ReadOnlySpan<string> fields, string where)
    {
        var row = new double[fields.Length];
        for (int k = 0; k < row.Length; k++)
        {
            row[k] = Number(fields[k], $"p{k}", where);
            if (row[k] is < 0 or > 1)
                throw new GradusException($"column 'p{k}' holds no probability", where, $"'{fields[k]}'", "Probabilities are 0 to 1", Fault.Request);
        }
        double sum = row.Sum();
        return Math.Abs(sum - 1) <= SumTolerance
            ? [.. row.Select(p => p / sum)]
            : throw new GradusException($"the probabilities p0 to p{row.Length - 1} do not add up to 1", where, sum.ToString("0.###", CultureInfo.InvariantCulture), "Give the probability of each grade, or one score with --score", Fault.Request);
    }
}
