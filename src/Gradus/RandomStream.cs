using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MathNet.Numerics.Random;

namespace Gradus;

/// <summary>
/// The one source of randomness. Every use draws from a stream of its own, named by its purpose and place (epoch, step), so
/// that one seed fixes everything and no use shifts the numbers of another.
/// </summary>
public static class RandomStream
{
    /// <summary>A generator fixed by the seed, the purpose and the place; the same arguments always give the same numbers.</summary>
    public static Random Create(long seed, string purpose, params ReadOnlySpan<int> place) => new Xoshiro256StarStar((int)Derive(seed, purpose, place));

    /// <summary>A 64-bit seed derived in the same way, for generators outside .NET (the engine's).</summary>
    public static long Derive(long seed, string purpose, params ReadOnlySpan<int> place)
    {
        string text = $"{seed}/{purpose}/{string.Join('/', place.ToArray())}";
        return BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
