using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Heads;

/// <summary>A linear layer with bias whose numbers come from a given generator: uniform within <c>±1 / sqrt(inputs)</c>, as torchvision's do.</summary>
internal sealed class Affine : Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // field names are keys of the state dict
    private readonly Parameter weight; // (outputs, inputs)
    private readonly Parameter bias; // (outputs)
#pragma warning restore IDE1006

    public Affine(Generator generator, long inputs, long outputs)
        : base(nameof(Affine))
    {
        double bound = 1 / Math.Sqrt(inputs);
        weight = new Parameter(empty(outputs, inputs));
        bias = new Parameter(empty(outputs));
        using (no_grad())
        {
            weight.uniform_(-bound, bound, generator);
            bias.uniform_(-bound, bound, generator);
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => functional.linear(input, weight, bias); // (B, outputs)
}
