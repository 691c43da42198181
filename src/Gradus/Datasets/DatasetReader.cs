using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>Reads the rows of a source. No image is opened here: that is the audit's work.</summary>
public static class DatasetReader
{
    /// <summary>
    /// Reads a source whole. A bad row is a finding with its line; a bad request (no such file, no such column) is an exception.
    /// Rows of a test set keep their image where only the grade is bad, since they are there to be predicted.
    /// </summary>
    /// <exception cref="GradusException">The file, the folder, a column or an array is missing.</exception>
    public static Dataset Read(SourceSpec source, GradeScale scale) => source switch
    {
        CsvSource csv => new CsvDatasetReader(csv, scale).Read(),
        FolderSource folder => new FolderDatasetReader(folder, scale).Read(),
        NpzSource npz => new NpzDatasetReader(npz, scale).Read(),
        _ => throw new ArgumentOutOfRangeException(nameof(source), source.GetType().Name, "no reader for this kind of source"),
    };
}
