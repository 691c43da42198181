using System.Collections.Immutable;
using Gradus.Experiments.Template;

namespace Gradus.Experiments;

/// <summary>A first experiment for data that is there: every key explained in a line, with values guessed from the data.</summary>
/// <param name="Text">The YAML; <see cref="ExperimentFile.Read"/> accepts it once it stands in the folder it was written for.</param>
/// <param name="Notes">What was guessed and should be looked at, a sentence each.</param>
public sealed record ExperimentTemplate(string Text, ImmutableArray<string> Notes)
{
    /// <summary>For a CSV beside a folder of images: finds the columns, the grades and the extension.</summary>
    /// <param name="labels">The CSV.</param>
    /// <param name="images">The folder of images.</param>
    /// <param name="home">The folder in which the experiment will stand; paths are written relative to it.</param>
    /// <param name="id">The id column; null finds the one that names the files.</param>
    /// <param name="grade">The grade column; null finds one.</param>
    /// <exception cref="GradusException">A file or folder is missing, or no column names images or grades.</exception>
    public static ExperimentTemplate FromCsv(string labels, string images, string home, string? id = null, string? grade = null) =>
        TemplateWriter.Write(new CsvGuess(labels, images, id, grade).Guess(), home);

    /// <summary>For a folder that holds a folder a grade, or such folders named train, val and test.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="home">The folder in which the experiment will stand; paths are written relative to it.</param>
    /// <exception cref="GradusException">The folder is missing or holds fewer than two folders of images.</exception>
    public static ExperimentTemplate FromFolder(string folder, string home) => TemplateWriter.Write(FolderGuess.Guess(folder), home);

    /// <summary>For a MedMNIST archive: its train array, and val and test where they are there.</summary>
    /// <param name="npz">The archive.</param>
    /// <param name="home">The folder in which the experiment will stand; paths are written relative to it.</param>
    /// <exception cref="GradusException">The archive is missing, damaged, or has no <c>train_images</c> and <c>train_labels</c>.</exception>
    public static ExperimentTemplate FromNpz(string npz, string home) => TemplateWriter.Write(NpzGuess.Guess(npz), home);
}
