using Gradus.Datasets;
using Gradus.Grading;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>What one checkpoint says, batch by batch, of as many views as were asked for.</summary>
internal sealed class ScoreCollector(CheckpointInfo info, TestTimeAugmentation augmentation)
{
    private readonly List<float>[] _logits = [.. Enumerable.Range(0, augmentation.Views).Select(_ => new List<float>())];
    private readonly List<ImageId> _ids = [];
    private readonly List<ContentHash> _hashes = [];
    private readonly List<(ImageId, string)> _failed = [], _notes = [];

    /// <summary>Scores a batch with the checkpoint that this collector is for; images that could not be prepared are noted down.</summary>
    public void Add(Checkpoint checkpoint, Prepared[] batch)
    {
        Prepared[] good = [.. batch.Where(p => p.IsReady)];
        _failed.AddRange(batch.Where(p => !p.IsReady).Select(p => (p.Id, p.Problem!)));
        if (good.Length == 0)
            return;
        Forward(checkpoint, good);
        _ids.AddRange(good.Select(p => p.Id));
        _hashes.AddRange(good.Select(p => p.Image!.Hash));
        _notes.AddRange(good.SelectMany(p => p.Image!.Notes.Select(n => (p.Id, n))));
    }

    /// <summary>The scores of all images so far.</summary>
    /// <exception cref="GradusException">The network's outputs are no numbers.</exception>
    public PredictionSet Finish()
    {
        if (_logits.Any(view => view.Exists(l => !float.IsFinite(l))))
            throw new GradusException($"the network of {info.Run}, epoch {info.Epoch}, gives outputs that are no numbers", remedy: "Its training diverged; take another checkpoint");
        int outputs = info.Target.OutputCount(info.Scale);
        var scores = new ViewScores(info.Target, [.. _logits.Select(view => new Logits(_ids.Count, outputs, [.. view]))]);
        return new PredictionSet([.. _ids], [.. _hashes], scores.Average(augmentation.Average), [.. _failed], [.. _notes]) { Spread = scores.Spread() };
    }

    private void Forward(Checkpoint checkpoint, Prepared[] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        Tensor input = Preparation.Input(images, info.Recipe.Size, checkpoint.Device); // (B, 3, H, W), 0 to 255
        ContentHash[] hashes = [.. images.Select(i => i.Image!.Hash)];
        for (int view = 0; view < augmentation.Views; view++)
        {
            // One view after the other: the batch is as large as ever, and so are the activations.
            using var one = NewDisposeScope();
            Tensor seen = augmentation is NoViews ? input : ImageViews.Make(augmentation, view, input, hashes);
            Tensor logits = checkpoint.Model.call(BatchInput.Normalise(seen, checkpoint.Info.Normalisation)); // (B, M)
            _logits[view].AddRange(logits.cpu().contiguous().data<float>());
        }
    }
}
