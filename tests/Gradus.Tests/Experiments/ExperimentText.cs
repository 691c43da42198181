using Gradus.Experiments;

namespace Gradus.Tests.Experiments;

/// <summary>A valid experiment in which tests replace one piece.</summary>
internal static class ExperimentText
{
    public const string Valid = """
        scale: [none, mild, severe]
        sources:
          - { name: main, labels: train.csv, id: id_code, grade: diagnosis, images: train, extension: .jpg }
        test: { labels: test.csv, id: id_code, images: test, extension: .jpg }
        conflicts: quarantine
        recipe: [ crop_retina: {}, resize: { size: 224, fit: stretch }, ben_graham: { colour: true } ]
        normalise: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
        split: { folds: 5, fold: 0 }
        augment: [ flip, rotate: { degrees: 180, fill: black }, brightness: 0.2 ]
        sampling: { class_weights: [1, 1.5, 1] }
        model: { backbone: mobilenet_v2, pool: avg, head: [ dropout: 0.3 ], weights: w.safetensors }
        target: ordinal
        thresholds: shared
        train:
          epochs: 15
          batch: 32
          optimizer: { sgd: { momentum: 0.95 } }
          top_lr: 7e-5
          base_lr_steps: { 1: 2, 3: 5 }
          schedule: constant
        select: { by: loss, keep: 3 }
        """;

    public static string With(string piece, string replacement)
    {
        Assert.Contains(piece, Valid, StringComparison.Ordinal);
        return Valid.Replace(piece, replacement, StringComparison.Ordinal);
    }

    public static Experiment Read(string text, IReadOnlyCollection<string>? knownBackbones = null)
    {
        using var scratch = new ScratchFolder();
        return ExperimentFile.Read(scratch.Write("e.yaml", text), knownBackbones, _ => null);
    }

    /// <summary>The message without the folder of the file: "e.yaml:3:5: …".</summary>
    public static string Refusal(string text, IReadOnlyCollection<string>? knownBackbones = null)
    {
        using var scratch = new ScratchFolder();
        string path = scratch.Write("e.yaml", text);
        GradusException error = Assert.Throws<GradusException>(() => ExperimentFile.Read(path, knownBackbones, _ => null));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message.Replace(scratch.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }
}
