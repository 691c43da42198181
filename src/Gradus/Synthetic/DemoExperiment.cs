namespace Gradus.Synthetic;

/// <summary>The experiment file that a synthetic world comes with.</summary>
internal static class DemoExperiment
{
    /// <summary>The file beside the world's CSVs.</summary>
    public const string FileName = "experiment.yaml";

    /// <summary>The file's text: small enough for a laptop without a GPU.</summary>
    public static string Yaml(WorldSpec spec) => $$"""
        # A synthetic world of {{spec.Train}} + {{spec.Test}} fundus photographs with planted faults; planted.json lists them all.
        scale: [none, mild, moderate, severe, proliferative]
        sources:
          - name: synthetic
            labels: train.csv
            id: id_code
            grade: diagnosis
            images: train
        # An older set from another camera, mostly healthy. Added as it is, it would teach its own distribution of grades.
        # - name: older
        #   role: external
        #   labels: external.csv
        #   id: id_code
        #   grade: diagnosis
        #   images: external
        test: { name: test, labels: test.csv, id: id_code, images: test }

        # Identical images with different grades are left out and listed.
        conflicts: quarantine
        recipe:
          - crop_retina
          - resize: { size: 96 }
        split: { folds: 5, fold: 0 }
        augment: [flip, transpose]
        model:
          backbone: resnet18
          pool: avg
        target: ordinal
        train:
          epochs: 16
          batch: 16
          optimizer: { adamw: { weight_decay: 0.01 } }
          top_lr: 0.001
          # From random weights the backbone learns as fast as the head.
          base_lr_ratio: 1
          schedule: { one_cycle: { peak_at: 0.3 } }
          seed: 42
        # The rate ends at almost nothing, so the last epoch is as good as any; a figure would choose by its noise.
        select: { by: last, keep: 2 }

        """;
}
