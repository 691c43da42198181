namespace Gradus.Duplicates;

/// <summary>Candidates by hash, each verified at once by its pattern, so that only what passes is kept.</summary>
internal sealed class PairSearch(Fingerprint[] images, NearDuplicateOptions options)
{
    private readonly Orientation[] _orientations = options.AllOrientations ? Orientations.All.ToArray() : [Orientation.Upright];

    /// <summary>Every pair once, in its best orientation, by position.</summary>
    public SimilarPair[] Run(IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        ulong[] hashes = [.. images.Select(i => i.Hash)];
        var index = new HammingIndex(hashes, options.Radius);
        var found = new List<SimilarPair>();
        // Whatever one quarter turn finds, the other finds as the pair in reverse.
        Orientation[] passes = [.. _orientations.Where(o => o != Orientation.QuarterTurnBack)];
        for (int pass = 0; pass < passes.Length; pass++)
        {
            Orientation orientation = passes[pass];
            if (orientation == Orientation.Upright)
                index.JoinSelf(Verify, ct);
            else
                index.Join([.. hashes.Select(h => PerceptualHash.Turned(h, orientation))], Verify, ct);
            progress?.Report(new WorkProgress("compare", pass + 1, passes.Length, "orientations"));

            void Verify(List<HammingPair> batch)
            {
                SimilarPair[] passed = [.. batch.Where(p => IsNew(p, orientation)).Select(p => Compared(p, orientation)).Where(p => p.Similarity >= options.Similarity)];
                if (passed.Length == 0)
                    return;
                lock (found)
                    found.AddRange(passed);
            }
        }

        // A picture that resembles its own mirror image is found in several orientations.
        found.Sort((a, b) => (a.First, a.Second, -a.Similarity, a.Distance, a.Orientation).CompareTo((b.First, b.Second, -b.Similarity, b.Distance, b.Orientation)));
        return [.. found.Where((p, i) => i == 0 || (found[i - 1].First, found[i - 1].Second) != (p.First, p.Second))];
    }

    /// <summary>Whether two images pass in any orientation, however far their hashes are apart.</summary>
    public bool AreSimilar(int first, int second) => _orientations.Any(o => images[first].Similarity(images[second], o) >= options.Similarity);

    // An orientation that undoes itself finds each pair from both sides, and every image that is its own mirror image.
    private static bool IsNew(HammingPair pair, Orientation orientation) =>
        pair.First < pair.Second || (pair.First > pair.Second && orientation.Inverse() != orientation);

    private SimilarPair Compared(HammingPair pair, Orientation orientation)
    {
        (int first, int second) = (pair.First, pair.Second);
        if (first > second)
            (first, second, orientation) = (second, first, orientation.Inverse());
        return new SimilarPair(first, second, pair.Distance, images[first].Similarity(images[second], orientation), orientation);
    }
}
