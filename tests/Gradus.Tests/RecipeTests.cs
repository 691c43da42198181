using Gradus.Imaging;

namespace Gradus.Tests;

public sealed class RecipeTests
{
    [Fact]
    public void A_geometric_step_after_a_colour_step_is_refused()
    {
        GradusException error = Assert.Throws<GradusException>(() => new Recipe([new BenGraham(), new Resize(224)]));
        Assert.Contains("geometry, then colour", error.Message, StringComparison.Ordinal);
    }
}
