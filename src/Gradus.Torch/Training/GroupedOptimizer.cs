using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>The engine's optimiser with two groups of parameters, head and backbone, and its state as named tensors.</summary>
public sealed class GroupedOptimizer : IDisposable
{
    private readonly OptimizerHelper _optimizer;
    private readonly (string Name, Parameter Parameter)[] _parameters;

    /// <summary>Makes the optimiser that <paramref name="spec"/> names over both groups.</summary>
    public GroupedOptimizer(OptimizerSpec spec, IReadOnlyList<(string Name, Parameter Parameter)> head, IReadOnlyList<(string Name, Parameter Parameter)> backbone)
    {
        _parameters = [.. head, .. backbone];
        Parameter[] headOnly = [.. head.Select(p => p.Parameter)], backboneOnly = [.. backbone.Select(p => p.Parameter)];
        // The rates are set before every step; this one only has to be valid.
        const double AnyRate = 1e-3;
        _optimizer = spec switch
        {
            SgdSpec s => new SGD([new SGD.ParamGroup(headOnly), new SGD.ParamGroup(backboneOnly)], AnyRate, s.Momentum, 0, s.WeightDecay, s.Nesterov),
            AdamSpec s => new Adam([new Adam.ParamGroup(headOnly), new Adam.ParamGroup(backboneOnly)], AnyRate, s.Beta1, s.Beta2, weight_decay: s.WeightDecay),
            AdamWSpec s => new AdamW([new AdamW.ParamGroup(headOnly), new AdamW.ParamGroup(backboneOnly)], AnyRate, s.Beta1, s.Beta2, weight_decay: s.WeightDecay),
            _ => throw new ArgumentOutOfRangeException(nameof(spec)),
        };
    }

    /// <summary>Sets the rates of both groups for the next step.</summary>
    public void SetRates(LearningRates rates)
    {
        optim.ILearningRateController[] groups = [.. _optimizer.ParamGroups];
        (groups[0].LearningRate, groups[1].LearningRate) = (rates.Head, rates.Backbone);
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients() => _optimizer.zero_grad();

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step() => _optimizer.step()?.Dispose();

    /// <summary>Momenta and step counts as tensors called after what they are and whose; those that do not exist yet are left out. The caller disposes them.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State()
    {
        using IDisposable noGrad = no_grad();
        var tensors = new List<(string, Tensor)>();
        foreach ((string name, OptimizerState state) in States())
        {
            foreach ((string kind, Tensor? tensor) in Kinds(state))
            {
                if (tensor is not null)
                    tensors.Add(($"{kind}.{name}", tensor.detach().clone()));
            }
        }
        return tensors;
    }

    /// <summary>Takes up a state of the same optimiser over the same parameters.</summary>
    public void Load(WeightsFile file)
    {
        foreach ((string name, OptimizerState state) in States())
        {
            switch (state)
            {
                case SGD.State s:
                    s.momentum_buffer = Read(file, $"momentum.{name}", s.momentum_buffer);
                    break;
                case Adam.State s:
                    (s.exp_avg, s.exp_avg_sq) = (Read(file, $"mean.{name}", s.exp_avg)!, Read(file, $"square.{name}", s.exp_avg_sq)!);
                    s.step = Count(file, name);
                    break;
                case AdamW.State s:
                    (s.exp_avg, s.exp_avg_sq) = (Read(file, $"mean.{name}", s.exp_avg)!, Read(file, $"square.{name}", s.exp_avg_sq)!);
                    s.step = Count(file, name);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(file));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private IEnumerable<(string Name, OptimizerState State)> States() => _parameters.Select(p => p.Name).Zip(_optimizer.state_dict().State);

    private static IEnumerable<(string Kind, Tensor? Tensor)> Kinds(OptimizerState state) => state switch
    {
        SGD.State s => [("momentum", s.momentum_buffer)],
        Adam.State s => [("mean", s.exp_avg), ("square", s.exp_avg_sq), ("steps", tensor(s.step))],
        AdamW.State s => [("mean", s.exp_avg), ("square", s.exp_avg_sq), ("steps", tensor(s.step))],
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    private static long Count(WeightsFile file, string name)
    {
        using Tensor steps = file.Load($"steps.{name}");
        return steps.item<long>();
    }

    // The file is row-major; the values are what matters, since the optimiser works element by element.
    private static Tensor? Read(WeightsFile file, string name, Tensor? old)
    {
        if (!file.Contains(name))
            return old;
        Tensor read = file.Load(name).DetachFromDisposeScope();
        if (old is null)
            return read;
        using IDisposable noGrad = no_grad();
        old.copy_(read);
        read.Dispose();
        return old;
    }
}
