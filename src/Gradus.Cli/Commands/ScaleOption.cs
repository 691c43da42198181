using System.CommandLine;
using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

/// <summary>The option that gives the names of grades to verbs that read files of predictions.</summary>
internal static class ScaleOption
{
    /// <summary>A new option; each verb has its own.</summary>
    public static Option<string?> Create() => new("--scale")
    {
        Description = "The names of the grades, in order: none,mild,severe; or an experiment (.yaml), a checkpoint or an ensemble that has them. " +
            "Without it grades are whole numbers from 0.",
        HelpName = "NAMES|FILE",
    };

    /// <summary>The scale that was asked for; null where none was.</summary>
    /// <exception cref="GradusException">A file cannot be read, or the names make no scale.</exception>
    public static GradeScale? Read(string? text) => text is null ? null : Path.GetExtension(text).ToLowerInvariant() switch
    {
        ".yaml" or ".yml" => ExperimentFile.Read(text, Zoo.Names).Scale,
        ".safetensors" => Checkpoint.ReadInfo(text).Scale,
        ".json" => EnsembleFile.Read(text).Scale,
        _ when !text.Contains(',', StringComparison.Ordinal) => throw new GradusException(
            "--scale is names with commas, or a file that has them",
            found: $"'{text}'",
            remedy: "Write for example --scale none,mild,severe, or --scale experiment.yaml",
            fault: Fault.Request),
        _ => new GradeScale([.. text.Split(',', StringSplitOptions.TrimEntries)]),
    };
}
