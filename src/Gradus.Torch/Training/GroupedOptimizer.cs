using Gradus.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>The engine's optimiser with two parameter groups, head and backbone, and its state as bytes.</summary>
public sealed class GroupedOptimizer : IDisposable
{
    private readonly OptimizerHelper _optimizer;

    /// <summary>Makes the optimiser that <paramref name="spec"/> names over both groups; an empty group is left out.</summary>
    public GroupedOptimizer(OptimizerSpec spec, IReadOnlyList<Parameter> head, IReadOnlyList<Parameter> backbone)
    {
        // The rates are set before every step; these only have to be valid.
        _optimizer = spec switch
        {
            SgdSpec s => new SGD([new SGD.ParamGroup(head), new SGD.ParamGroup(backbone)], 1e-3, s.Momentum, 0, s.WeightDecay, s.Nesterov),
            AdamSpec s => new Adam([new Adam.ParamGroup(head), new Adam.ParamGroup(backbone)], 1e-3, s.Beta1, s.Beta2, weight_decay: s.WeightDecay),
            AdamWSpec s => new AdamW([new AdamW.ParamGroup(head), new AdamW.ParamGroup(backbone)], 1e-3, s.Beta1, s.Beta2, weight_decay: s.WeightDecay),
            _ => throw new ArgumentOutOfRangeException(nameof(spec)),
        };
    }

    /// <summary>Sets the rates of both groups for the next step.</summary>
    public void SetRates(LearningRates rates)
    {
        optim.ILearningRateController[] groups = [.. _optimizer.ParamGroups];
        groups[0].LearningRate = rates.Head;
        groups[1].LearningRate = rates.Backbone;
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients() => _optimizer.zero_grad();

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step() => _optimizer.step()?.Dispose();

    /// <summary>Momenta and step counts.</summary>
    public byte[] SaveState()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        _optimizer.save_state_dict(writer);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Takes up a state of the same optimiser over the same parameters.</summary>
    public void LoadState(byte[] state)
    {
        using var bytes = new MemoryStream(state);
        using var reader = new BinaryReader(bytes);
        _optimizer.load_state_dict(reader);
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();
}
