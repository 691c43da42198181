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

    [Fact]
    public void What_a_recipe_stores_and_hashes_is_its_steps_parameters_and_versions_alone()
    {
        Assert.Equal("""{"steps":[{"fit":"stretch","size":224,"step":"resize","version":1}]}""", GradusJson.Canonical(new Recipe([new Resize(224)])));
    }
}
