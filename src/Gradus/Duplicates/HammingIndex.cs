using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradus.Duplicates;

/// <summary>
/// Finds 64-bit hashes that differ in at most a given number of bits, all of them and exactly, without comparing each with each:
/// multi-index hashing (Norouzi, Punjani and Fleet 2014). Hashes are cut into parts; two that differ in few bits must agree in
/// a part but for very few, and each part has a table that finds those.
/// </summary>
/// <remarks>
/// Time grows with the number of hashes times the number that shares a bucket; how many parts are cut is chosen by the number of hashes. It takes
/// about 12 bytes a hash and part. Hashes that are much alike fill few buckets: then it comes near to comparing each with each.
/// </remarks>
public sealed class HammingIndex
{
    // Hits are handed over in batches of about this many, so that a caller locks seldom and memory stays small.
    private const int Batch = 4096;

    private readonly SubstringTable[] _tables;

    /// <summary>Builds the tables.</summary>
    /// <param name="hashes">(N).</param>
    /// <param name="radius">0 to 64; meant for up to about a quarter of the bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">The radius is none.</exception>
    public HammingIndex(ReadOnlySpan<ulong> hashes, int radius)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(radius, 64);
        Radius = radius;
        Count = hashes.Length;
        SubstringPart[] parts = SubstringPart.Choose(hashes.Length, radius);
        _tables = new SubstringTable[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            _tables[i] = new SubstringTable(parts[i], hashes);
    }

    /// <summary>The largest distance that is found.</summary>
    public int Radius { get; }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>Positions of all hashes within the radius of <paramref name="hash"/>, rising.</summary>
    public int[] Find(ulong hash)
    {
        var found = new List<int>();
        for (int t = 0; t < _tables.Length; t++)
        {
            SubstringTable table = _tables[t];
            foreach (int difference in table.Part.Differences)
            {
                int bucket = table.Part.Key(hash) ^ difference;
                ReadOnlySpan<ulong> stored = table.Hashes(bucket);
                for (int i = 0; i < stored.Length; i++)
                {
                    if (BitOperations.PopCount(stored[i] ^ hash) <= Radius && IsFirst(t, stored[i] ^ hash))
                        found.Add(table.Positions(bucket)[i]);
                }
            }
        }
        found.Sort();
        return [.. found];
    }

    /// <summary>Every pair of hashes within the radius once, with <see cref="HammingPair.First"/> the smaller position, in order of position.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public HammingPair[] Pairs(CancellationToken ct = default)
    {
        var pairs = new List<HammingPair>();
        JoinSelf(batch =>
        {
            lock (pairs)
                pairs.AddRange(CollectionsMarshal.AsSpan(batch));
        }, ct);
        HammingPair[] sorted = [.. pairs];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Hands over every pair of hashes within the radius once, in no order, on several threads at once.</summary>
    /// <param name="found">Takes a batch, which it must not keep. First is the smaller position.</param>
    /// <param name="ct">Ends the search.</param>
    internal void JoinSelf(Action<List<HammingPair>> found, CancellationToken ct)
    {
        for (int t = 0; t < _tables.Length; t++)
            Join(t, _tables[t], isSelf: true, found, ct);
    }

    /// <summary>Hands over every (query, stored) pair within the radius once, in no order, on several threads at once.</summary>
    /// <param name="queries">(Q).</param>
    /// <param name="found">Takes a batch, which it must not keep. First is the query's position, Second that of the stored hash.</param>
    /// <param name="ct">Ends the search.</param>
    internal void Join(ReadOnlySpan<ulong> queries, Action<List<HammingPair>> found, CancellationToken ct)
    {
        for (int t = 0; t < _tables.Length; t++)
            Join(t, new SubstringTable(_tables[t].Part, queries), isSelf: false, found, ct);
    }

    // Bucket against bucket: those that one query visits are still in the processor's cache for the next of its bucket.
    private void Join(int number, SubstringTable queries, bool isSelf, Action<List<HammingPair>> found, CancellationToken ct)
    {
        var options = new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount, TaskScheduler = TaskScheduler.Current };
        int buckets = queries.Buckets, chunk = Math.Max(1, buckets / 512);
        Parallel.ForEach(Partitioner.Create(0, buckets, chunk), options, range =>
        {
            var batch = new List<HammingPair>();
            for (int key = range.Item1; key < range.Item2; key++)
            {
                if (queries.IsEmpty(key))
                    continue;
                ct.ThrowIfCancellationRequested();
                foreach (int difference in queries.Part.Differences)
                {
                    // A pair of buckets is met from both of its sides.
                    if (!isSelf || (key ^ difference) >= key)
                        Compare(number, queries, key, difference, isSelf, batch);
                }
                if (batch.Count >= Batch)
                {
                    found(batch);
                    batch.Clear();
                }
            }
            if (batch.Count > 0)
                found(batch);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compare(int number, SubstringTable queries, int key, int difference, bool isSelf, List<HammingPair> batch)
    {
        ReadOnlySpan<ulong> asked = queries.Hashes(key), stored = _tables[number].Hashes(key ^ difference);
        ReadOnlySpan<int> askedAt = queries.Positions(key), storedAt = _tables[number].Positions(key ^ difference);
        for (int i = 0; i < asked.Length; i++)
        {
            ulong hash = asked[i];
            // Within one bucket each pair is met once where only later ones are looked at.
            for (int j = isSelf && difference == 0 ? i + 1 : 0; j < stored.Length; j++)
            {
                ulong differing = stored[j] ^ hash;
                int distance = BitOperations.PopCount(differing);
                if (distance > Radius || !IsFirst(number, differing))
                    continue;
                (int first, int second) = (askedAt[i], storedAt[j]);
                batch.Add(isSelf && second < first ? new HammingPair(second, first, distance) : new HammingPair(first, second, distance));
            }
        }
    }

    /// <summary>Whether no earlier table finds the pair as well.</summary>
    private bool IsFirst(int table, ulong differing)
    {
        for (int t = 0; t < table; t++)
        {
            if (_tables[t].Part.Finds(differing))
                return false;
        }
        return true;
    }
}
