namespace Gradus.Synthetic;

/// <summary>Draws in the shapes that the drawing code speaks.</summary>
internal static class RandomRanges
{
    /// <summary>Uniform in [low, high).</summary>
    public static float Between(this Random random, float low, float high) => low + (high - low) * random.NextSingle();

    /// <summary>Uniform in [low, high], both included.</summary>
    public static int Count(this Random random, int low, int high) => random.Next(low, high + 1);

    /// <summary>True with the given probability.</summary>
    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    /// <summary>Plus or minus one.</summary>
    public static float Sign(this Random random) => random.NextDouble() < 0.5 ? -1 : 1;
}
