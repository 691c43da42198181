using System.Numerics;

namespace Gradus.Duplicates;

/// <summary>A part of the 64 bits, and the distance within which its table looks.</summary>
internal sealed class SubstringPart
{
    // A table has 2^width buckets.
    private const int WidestPart = 22;

    // What a visit to a bucket costs, in comparisons of two hashes.
    private const double VisitCost = 4;

    private readonly int _shift;
    private readonly int _radius;

    private SubstringPart(int shift, int width, int radius)
    {
        (_shift, Width, _radius) = (shift, width, radius);
        Differences = [.. Enumerable.Range(0, radius + 1).SelectMany(bits => WithBits(bits, width))];
    }

    /// <summary>Bits of the part.</summary>
    public int Width { get; }

    /// <summary>All numbers of <see cref="Width"/> bits of which at most the radius are set, fewest first.</summary>
    public int[] Differences { get; }

    /// <summary>The part of a hash.</summary>
    public int Key(ulong hash) => (int)(hash >> _shift) & ((1 << Width) - 1);

    /// <summary>Whether the table of this part finds two hashes that differ in these bits.</summary>
    public bool Finds(ulong differing) => BitOperations.PopCount((uint)Key(differing)) <= _radius;

    /// <summary>
    /// The cheapest cut for so many hashes, were they random. Of m parts, one differs in at most r / m bits; more exactly, with
    /// r = a m + b, one of the first b + 1 in at most a, or one of the others in at most a - 1.
    /// </summary>
    public static SubstringPart[] Choose(int count, int radius)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int parts = (64 + WidestPart - 1) / WidestPart; parts <= 16; parts++)
        {
            double cost = 0;
            foreach ((_, int width, int within) in Cut(parts, radius))
            {
                double differences = Enumerable.Range(0, within + 1).Sum(bits => Choices(width, bits)), buckets = 1 << width;
                cost += differences * (count / buckets + VisitCost * Math.Min(1, buckets / Math.Max(1, count))) + buckets / Math.Max(1, count);
            }
            if (cost < least)
                (least, best) = (cost, parts);
        }
        return [.. Cut(best, radius).Select(p => new SubstringPart(p.Shift, p.Width, p.Radius))];
    }

    private static IEnumerable<(int Shift, int Width, int Radius)> Cut(int parts, int radius)
    {
        for (int i = 0, shift = 0; i < parts; i++)
        {
            int width = 64 / parts + (i < 64 % parts ? 1 : 0);
            int within = Math.Min(radius / parts - (i <= radius % parts ? 0 : 1), width);
            if (within >= 0)
                yield return (shift, width, within);
            shift += width;
        }
    }

    private static double Choices(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);

    /// <summary>Numbers of <paramref name="width"/> bits with so many set, rising.</summary>
    private static IEnumerable<int> WithBits(int bits, int width)
    {
        if (bits == 0)
            return [0];
        return Enumerable.Range(bits - 1, width - bits + 1).SelectMany(highest => WithBits(bits - 1, highest), (highest, rest) => 1 << highest | rest);
    }
}

/// <summary>Hashes in buckets by a part of their bits, one bucket after the other in memory.</summary>
internal sealed class SubstringTable
{
    private readonly int[] _starts;
    private readonly ulong[] _hashes;
    private readonly int[] _positions;

    /// <summary>Sorts (N) hashes into buckets, within a bucket by position.</summary>
    public SubstringTable(SubstringPart part, ReadOnlySpan<ulong> hashes)
    {
        Part = part;
        _starts = new int[(1 << part.Width) + 1];
        _hashes = new ulong[hashes.Length];
        _positions = new int[hashes.Length];
        foreach (ulong hash in hashes)
            _starts[part.Key(hash) + 1]++;
        for (int key = 0; key < Buckets; key++)
            _starts[key + 1] += _starts[key];
        int[] next = _starts[..^1];
        for (int i = 0; i < hashes.Length; i++)
        {
            int at = next[part.Key(hashes[i])]++;
            (_hashes[at], _positions[at]) = (hashes[i], i);
        }
    }

    /// <summary>What the table sorts by.</summary>
    public SubstringPart Part { get; }

    /// <summary>Number of buckets.</summary>
    public int Buckets => _starts.Length - 1;

    /// <summary>Whether a bucket holds nothing.</summary>
    public bool IsEmpty(int key) => _starts[key] == _starts[key + 1];

    /// <summary>The hashes of a bucket.</summary>
    public ReadOnlySpan<ulong> Hashes(int key) => _hashes.AsSpan(_starts[key].._starts[key + 1]);

    /// <summary>The positions of a bucket's hashes, rising.</summary>
    public ReadOnlySpan<int> Positions(int key) => _positions.AsSpan(_starts[key].._starts[key + 1]);
}
