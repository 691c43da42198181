namespace Gradus.Duplicates;

/// <summary>An edge between two images by position, the smaller first.</summary>
internal readonly record struct SimilarPair(int First, int Second, int Distance, double Similarity, Orientation Orientation);

/// <summary>
/// Joins pairs to groups in which each member resembles one and the same representative. Mere connection would let a chain of slight
/// resemblances join what has nothing in common; here a chain is cut.
/// </summary>
internal static class DuplicateGroups
{
    /// <summary>
    /// Of all images without a group, the one with the most neighbours among them (of several, the one with the largest sum of similarities, then the
    /// smallest position) takes its neighbours as a group; so on until no pair is left between images without one. An image that
    /// no pair ties to the representative, but to a member, is compared with the representative and joins where that passes.
    /// </summary>
    /// <param name="pairs">Each pair once.</param>
    /// <param name="resembles">Compares two positions that are no pair; called only for images of one connected component.</param>
    /// <returns>Representative and members, rising, the representative among them.</returns>
    public static List<(int Representative, int[] Members)> Of(IReadOnlyCollection<SimilarPair> pairs, Func<int, int, bool> resembles)
    {
        var neighbours = new SortedDictionary<int, SortedDictionary<int, double>>();
        foreach (SimilarPair pair in pairs)
        {
            Neighbours(pair.First)[pair.Second] = pair.Similarity;
            Neighbours(pair.Second)[pair.First] = pair.Similarity;
        }

        var groups = new List<(int, int[])>();
        var waiting = new SortedSet<(int Rank, double Sum, int Position)>(neighbours.Select(n => Place(n.Key, n.Value)));
        while (waiting.Count > 0)
        {
            int representative = waiting.Min.Position;
            var members = new SortedSet<int>(neighbours[representative].Keys) { representative };
            foreach (int second in members.SelectMany(m => neighbours[m].Keys).Distinct().Where(n => !members.Contains(n)).Order().ToArray())
            {
                if (resembles(representative, second))
                    members.Add(second);
            }
            groups.Add((representative, [.. members]));
            foreach (int member in members)
                Remove(member);
        }
        return groups;

        SortedDictionary<int, double> Neighbours(int position)
        {
            if (!neighbours.TryGetValue(position, out SortedDictionary<int, double>? known))
                neighbours[position] = known = [];
            return known;
        }

        void Remove(int position)
        {
            waiting.Remove(Place(position, neighbours[position]));
            foreach (int other in neighbours[position].Keys)
            {
                waiting.Remove(Place(other, neighbours[other]));
                neighbours[other].Remove(position);
                if (neighbours[other].Count > 0)
                    waiting.Add(Place(other, neighbours[other]));
            }
            neighbours.Remove(position);
        }
    }

    // In order of position, so that the sum has the same bits whatever the order of the pairs.
    private static (int, double, int) Place(int position, SortedDictionary<int, double> similarities) => (-similarities.Count, -similarities.Values.Sum(), position);
}
