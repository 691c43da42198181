namespace Gradus.Synthetic;

/// <summary>The size of a synthetic world, and the seed that fixes all of it.</summary>
/// <param name="Train">Rows of <c>train.csv</c>, at least 60, so that every fault has room; the usual 400 have 20 or more of every grade.</param>
/// <param name="Test">Rows of <c>test.csv</c>, at least 20.</param>
/// <param name="External">Rows of <c>external.csv</c>, 0 or more.</param>
/// <param name="Seed">The same seed gives the same bytes, whatever the number of threads.</param>
public sealed record WorldSpec(int Train = 400, int Test = 120, int External = 150, long Seed = 7)
{
    /// <summary>Refuses sizes that leave no room for the planted faults.</summary>
    /// <exception cref="GradusException">A size is too small.</exception>
    internal void Check()
    {
        if (Train < 60 || Test < 20 || External < 0)
            throw new GradusException("a synthetic world has at least 60 training and 20 test images", found: $"{Train} training, {Test} test, {External} external", fault: Fault.Request);
    }
}
