using TorchSharp;

namespace Gradus.Torch.Tests;

public sealed class EngineTests
{
    [Fact]
    public void The_engine_loads_and_adds()
    {
        using torch.Tensor sum = torch.ones(3).sum();
        Assert.Equal(3f, sum.item<float>());
    }
}
