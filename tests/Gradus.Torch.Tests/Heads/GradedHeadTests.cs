using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Torch.Heads;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Heads;

public sealed class GradedHeadTests
{
    // (1, 2, 2, 2): channel 0 holds 1 2 3 4, channel 1 holds 0 0 0 8
    private static Tensor Map() => tensor(new float[] { 1, 2, 3, 4, 0, 0, 0, 8 }).reshape(1, 2, 2, 2);

    [Theory]
    [InlineData(Pooling.Avg, new[] { 2.5, 2 })]
    [InlineData(Pooling.Max, new[] { 4.0, 8 })]
    [InlineData(Pooling.Concat, new[] { 2.5, 2, 4, 8 })]
    [InlineData(Pooling.Gem, new[] { 2.924018, 5.039684 })] // (100 / 4)^(1/3), (512 / 4)^(1/3)
    public void Poolings_are_those_computed_by_hand(Pooling pooling, double[] expected)
    {
        using var scope = NewDisposeScope();
        Tensor pooled = new Pool(pooling).call(Map());
        Assert.Equal([1, expected.Length], pooled.shape);
        float[] actual = pooled.data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5);
    }

    [Fact]
    public void Gem_learns_its_exponent_even_where_the_map_is_zero()
    {
        using var scope = NewDisposeScope();
        var pool = new Pool(Pooling.Gem);
        Tensor map = zeros(1, 2, 2, 2).requires_grad_();
        pool.call(map).sum().backward();
        (string name, TorchSharp.Modules.Parameter p) = Assert.Single(pool.named_parameters());
        Assert.Equal("p", name);
        Assert.True(p.grad!.isfinite().all().item<bool>());
        Assert.True(map.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Layers_stand_in_their_order_under_their_numbers()
    {
        using var scope = NewDisposeScope();
        ImmutableArray<HeadLayer> layers = [new BatchNormLayer(), new DropoutLayer(0.5), new LinearLayer(7), new ReluLayer()];
        var head = new GradedHead(6, Pooling.Concat, layers, 4, 1);
        Assert.Equal(["1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight", "3.bias", "3.weight", "final.bias", "final.weight"], head.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.Equal([7, 12], head.state_dict()["3.weight"].shape);
        Assert.Equal([4, 7], head.state_dict()["final.weight"].shape);
        Assert.Equal([5, 4], head.call(rand(5, 6, 3, 3)).shape);
    }

    [Fact]
    public void Outputs_with_weights_in_common_differ_by_their_biases_only()
    {
        using var scope = NewDisposeScope();
        var head = new GradedHead(6, Pooling.Avg, [], 4, 1, sharedWeights: true);
        Assert.Equal([1, 6], head.state_dict()["final.weight"].shape);
        Tensor logits = head.call(rand(5, 6, 3, 3)); // (5, 4)
        Tensor apart = logits - logits.narrow(1, 0, 1);
        float[] expected = [0, -1f / 3, -2f / 3, -1];
        for (int k = 0; k < expected.Length; k++)
            Assert.True(apart.select(1, k).sub(expected[k]).abs().lt(1e-5).all().item<bool>());
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        var head = new GradedHead(64, Pooling.Avg, [new DropoutLayer(0.5)], 2, 1);
        Tensor map = rand(4, 64, 2, 2);
        Assert.False(head.call(map).Equals(head.call(map)));
        head.eval();
        Assert.True(head.call(map).Equals(head.call(map)));
    }

    [Theory]
    [InlineData(1.0, 8)]
    [InlineData(-0.1, 8)]
    [InlineData(double.NaN, 8)]
    [InlineData(0.5, 0)]
    public void Numbers_out_of_range_are_refused(double dropout, int outputs)
    {
        GradusException e = Assert.Throws<GradusException>(() => new GradedHead(4, Pooling.Avg, [new DropoutLayer(dropout), new LinearLayer(outputs)], 2, 1));
        Assert.Equal(Fault.Request, e.Fault);
    }
}
