using System.Collections.Immutable;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>What a network is made of and what it costs, as one image that passed through it has shown.</summary>
/// <param name="InputSize">Pixels a side of that image.</param>
/// <param name="Layers">The layers in the order in which they ran; functions without parameters, as ReLU mostly is, are not all layers.</param>
public sealed record Anatomy(int InputSize, ImmutableArray<AnatomyLayer> Layers)
{
    /// <summary>The smallest image that every network of the zoo takes, pixels a side: one of its feature map's.</summary>
    public const int SmallestInput = 32;

    /// <summary>Learned numbers.</summary>
    public long Parameters => Layers.Sum(l => l.Parameters);

    /// <summary>Multiplications with an addition of all convolutions and linear layers, for one image.</summary>
    public long MultiplyAdds => Layers.Sum(l => l.MultiplyAdds);

    /// <summary>Runs one image through the network, evaluating and without gradients; the network is left as it was found.</summary>
    /// <param name="model">The network, on any device.</param>
    /// <param name="inputSize">Pixels a side, at least <see cref="SmallestInput"/>.</param>
    /// <exception cref="GradusException">The size is too small (fault: request).</exception>
    public static Anatomy Of(GradedClassifier model, int inputSize)
    {
        if (inputSize < SmallestInput)
            throw new GradusException($"a network takes images from {SmallestInput} pixels a side", found: $"{inputSize}", remedy: "Ask for a larger size", fault: Fault.Request);
        var layers = ImmutableArray.CreateBuilder<AnatomyLayer>();
        var modes = model.modules().Prepend(model).Select(m => (Module: m, m.training)).ToList();
        var hooks = new List<HookableModule<Func<Module<Tensor, Tensor>, Tensor, Tensor>, Func<Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.HookRemover>();
        try
        {
            foreach ((string name, Module module) in model.NamedModules())
            {
                if (module is not Module<Tensor, Tensor> layer || layer.children().Any())
                    continue;
                hooks.Add(layer.register_forward_hook((_, _, output) =>
                {
                    layers.Add(Observed(name, layer, output));
                    return output;
                }));
            }
            model.eval();
            using var scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor first = model.BackboneParameters[0].Parameter; // (out, C, k, k): every network begins with a convolution
            model.call(zeros(1, first.shape[1], inputSize, inputSize, device: first.device));
        }
        finally
        {
            hooks.ForEach(h => h.remove());
            foreach ((Module module, bool training) in modes) // parents come first: each sets its children too
                module.train(training);
        }
        return new Anatomy(inputSize, layers.ToImmutable());
    }

    // A weight of four dimensions belongs to a convolution and is used once for each place of the output, one of two dimensions to
    // a linear layer and is used once.
    private static AnatomyLayer Observed(string name, Module<Tensor, Tensor> layer, Tensor output)
    {
        (string name, Parameter parameter)[] parameters = [.. layer.named_parameters()];
        long multiplyAdds = parameters.Where(p => p.name == "weight" && p.parameter.ndim > 1).Sum(p => p.parameter.numel() * output.shape.Skip(2).Aggregate(1L, (a, b) => a * b));
        return new AnatomyLayer(name, layer.GetType().Name, [.. output.shape], parameters.Sum(p => p.parameter.numel()), multiplyAdds);
    }
}

/// <summary>A layer of a network while one image passed.</summary>
/// <param name="Name">Its name among the weights, without the tensor's: <c>layer1.0.conv1</c>.</param>
/// <param name="Type">What it is: Convolution, BatchNorm2d, Affine …</param>
/// <param name="OutputShape">(1, C, H, W) of a map, (1, C) of a vector.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="MultiplyAdds">Of a convolution or linear layer, without its bias; 0 for others.</param>
public sealed record AnatomyLayer(string Name, string Type, ImmutableArray<long> OutputShape, long Parameters, long MultiplyAdds);
