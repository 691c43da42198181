using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Heads;

/// <summary>
/// A linear layer whose outputs have one vector of weights in common and a bias each (Cao, Mirjalili and Raschka 2020, section 3.3). The
/// biases begin evenly falling from 1/2 to -1/2, so that no output contradicts the one before it.
/// </summary>
internal sealed class SharedAffine : Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // field names are keys of the state dict
    private readonly Parameter weight; // (1, inputs)
    private readonly Parameter bias; // (outputs)
#pragma warning restore IDE1006

    public SharedAffine(Generator generator, long inputs, long outputs)
        : base(nameof(SharedAffine))
    {
        double bound = 1 / Math.Sqrt(inputs);
        weight = new Parameter(empty(1, inputs));
        bias = new Parameter(outputs == 1 ? zeros(1) : linspace(0.5, -0.5, outputs));
        using (no_grad())
            weight.uniform_(-bound, bound, generator);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => functional.linear(input, weight) + bias; // (B, 1) to (B, outputs)
}
