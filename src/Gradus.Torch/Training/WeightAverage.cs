using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// A second copy of a network's tensors that follows it as an exponential moving average (Polyak and Juditsky 1992; Tarvainen and
/// Valpola 2017, section 2): <c>average += (1 - decay) (weights - average)</c> after each step, with the decay held down in the first steps
/// so that the random start is soon forgotten. The running statistics of batch norms are averaged like weights, since they belong to the
/// weights that were averaged; counters are copied.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private const string Prefix = "raw.";

    private readonly (string Name, Tensor Raw, Tensor Average)[] _tensors;
    private readonly double _decay;
    private bool _applied;

    /// <summary>Begins with the network's weights as they are.</summary>
    /// <param name="model">On its device and in its final layout; it outlives this object.</param>
    /// <param name="decay">At least 0 and below 1.</param>
    public WeightAverage(GradedClassifier model, double decay)
    {
        using IDisposable noGrad = no_grad();
        _decay = decay;
        _tensors = [.. model.NamedTensors().Select(t => (t.Name, t.Tensor, t.Tensor.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>The decay of a step, counted from 0: <c>min(decay, (1 + step) / (10 + step))</c>.</summary>
    public static double DecayAt(double decay, long step) => Math.Min(decay, (1.0 + step) / (10.0 + step));

    /// <summary>Follows the network after its step.</summary>
    /// <param name="step">From 0, over the whole run.</param>
    public void Update(long step)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        double share = 1 - DecayAt(_decay, step);
        foreach ((_, Tensor raw, Tensor average) in _tensors)
        {
            // A tensor that stands still is its own average to the last bit: its difference is 0.
            if (average.is_floating_point())
                average.add_(raw.sub(average), share);
            else
                average.copy_(raw);
        }
    }

    /// <summary>Puts the average into the network until the result is disposed, which puts the weights back, bit for bit.</summary>
    public IDisposable Apply()
    {
        if (_applied)
            throw new InvalidOperationException("the average is in the network already");
        Exchange();
        _applied = true;
        return new Applied(this);
    }

    /// <summary>The network's own weights, for the state of a run; the checkpoint has the average. The caller disposes them.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State()
    {
        using IDisposable noGrad = no_grad();
        return [.. _tensors.Select(t => (Prefix + t.Name, t.Raw.detach().clone()))];
    }

    /// <summary>Takes the network's own weights from the state of a run; the average stays as it is.</summary>
    /// <exception cref="GradusException">The file has no such weights.</exception>
    public void Load(WeightsFile file)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor raw, _) in _tensors)
            raw.copy_(file.Load(Prefix + name));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, _, Tensor average) in _tensors)
            average.Dispose();
    }

    private void Exchange()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((_, Tensor raw, Tensor average) in _tensors)
        {
            Tensor kept = raw.detach().clone();
            raw.copy_(average);
            average.copy_(kept);
        }
    }

    private sealed class Applied(WeightAverage owner) : IDisposable
    {
        public void Dispose()
        {
            if (!owner._applied)
                return;
            owner.Exchange();
            owner._applied = false;
        }
    }
}
