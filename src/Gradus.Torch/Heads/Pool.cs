using Gradus.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Heads;

/// <summary>Pools a feature map (B, C, H, W) to a float32 vector (B, C), or (B, 2C) for <see cref="Pooling.Concat"/>.</summary>
internal sealed class Pool : Module<Tensor, Tensor>
{
    private const double GemStart = 3;
    private const double GemFloor = 1e-6; // zero has no derivative of a fractional power

#pragma warning disable IDE1006 // a field name is a key of the state dict
    private readonly Parameter? p; // (1), the exponent of gem
#pragma warning restore IDE1006
    private readonly Pooling _pooling;

    public Pool(Pooling pooling)
        : base(nameof(Pool))
    {
        _pooling = pooling;
        if (pooling == Pooling.Gem)
            p = new Parameter(full(1, GemStart));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input.to(ScalarType.Float32);
        Tensor pooled = _pooling switch
        {
            Pooling.Avg => Average(x),
            Pooling.Max => x.amax([2, 3]),
            Pooling.Concat => cat([Average(x), x.amax([2, 3])], 1), // (B, 2C)
            Pooling.Gem => Average(x.clamp(min: GemFloor).pow(p!)).pow(p!.reciprocal()), // Radenović et al. 2018, eq. 3
            _ => throw new InvalidOperationException($"unknown pooling {_pooling}"),
        };
        return pooled.MoveToOuterDisposeScope(); // (B, C)
    }

    private static Tensor Average(Tensor x) => x.mean([2, 3]);
}
