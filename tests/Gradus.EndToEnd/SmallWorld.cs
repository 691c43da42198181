using Gradus.Synthetic;

namespace Gradus.EndToEnd;

/// <summary>A small synthetic world in a folder of its own, with an experiment that trains in seconds.</summary>
public sealed class SmallWorld : IDisposable
{
    public SmallWorld()
    {
        Root = Directory.CreateTempSubdirectory("gradus-e2e-").FullName;
        Planted = SyntheticWorld.Write(Root, new WorldSpec(Train: 80, Test: 20, External: 0));
        Write("experiment.yaml", Experiment());
    }

    public string Root { get; }

    public PlantedWorld Planted { get; }

    public static string Experiment(int epochs = 2, string extra = "") => $$"""
        scale: [none, mild, moderate, severe, proliferative]
        sources: [{ name: synthetic, labels: train.csv, id: id_code, grade: diagnosis, images: train }]
        test: { labels: test.csv, id: id_code, images: test }
        recipe: [crop_retina, resize: { size: 32 }]
        split: { folds: 4, fold: 0 }
        augment: [flip, rotate: { degrees: 20, fill: black }]
        sampling: { class_weights: [1, 1.5, 1, 1.5, 1.5] }
        model: { backbone: mobilenet_v2, head: [dropout: 0.3] }
        target: ordinal
        train: { epochs: {{epochs}}, batch: 16, optimizer: { sgd: { momentum: 0.9 } }, top_lr: 0.01, base_lr_ratio: 1, seed: 3 }
        {{extra}}
        """;

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public void Write(string name, string text) => AtomicFile.WriteText(PathOf(name), text);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
