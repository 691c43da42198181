namespace Gradus.Ensembles;

/// <summary>
/// Forward selection with replacement (Caruana et al. 2004): beginning with the best member, the one is added, again and again, whose
/// addition makes the mean of all chosen so far best. How often a member was chosen is its weight.
/// </summary>
public static class GreedySelection
{
    /// <summary>Selects, and goes back to the best of all rounds; of equals the earlier, and the member that stands first.</summary>
    /// <param name="members">(m) scores of N images each.</param>
    /// <param name="quality">The higher the better, of (N) combined scores.</param>
    /// <param name="rounds">At least 1.</param>
    /// <returns>(m) how often each was chosen; at least one is not 0.</returns>
    public static int[] Choose(double[][] members, Func<double[], double> quality, int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(members.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        int images = members[0].Length;
        var sum = new double[images];
        var chosen = new int[members.Length];
        int[] best = chosen;
        double bestQuality = double.NegativeInfinity;
        for (int round = 1; round <= rounds; round++)
        {
            int next = -1;
            double nextQuality = double.NegativeInfinity;
            for (int m = 0; m < members.Length; m++)
            {
                double q = quality([.. sum.Select((s, i) => (s + members[m][i]) / round)]);
                if (next < 0 || q > nextQuality)
                    (next, nextQuality) = (m, q);
            }
            for (int i = 0; i < images; i++)
                sum[i] += members[next][i];
            chosen[next]++;
            if (nextQuality > bestQuality)
                (best, bestQuality) = ([.. chosen], nextQuality);
        }
        return best;
    }
}
