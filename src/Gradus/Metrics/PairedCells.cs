namespace Gradus.Metrics;

/// <summary>Images counted by what they are and what two gradings say of them, so that both are drawn together.</summary>
internal sealed class PairedCells
{
    private readonly (int Truth, int First, int Second)[] _kinds;
    private readonly int _grades;

    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="first">(N) predicted grades.</param>
    /// <param name="second">(N) predicted grades.</param>
    /// <param name="grades">K.</param>
    /// <param name="groups">(N) groups that are drawn as a whole, or null.</param>
    public PairedCells(IReadOnlyList<int> truth, int[] first, int[] second, int grades, int[]? groups)
    {
        (int, int, int)[] all = [.. first.Select((f, i) => (truth[i], f, second[i]))];
        (_kinds, _grades) = ([.. all.Distinct().Order()], grades);
        Dictionary<(int, int, int), int> cells = _kinds.Index().ToDictionary(k => ((int, int, int))k.Item, k => k.Index);
        Sample = new CellSample(_kinds.Length, [.. all.Select(kind => cells[kind])], groups);
    }

    /// <summary>The images, to be drawn from.</summary>
    public CellSample Sample { get; }

    /// <summary>The matrices of both gradings of a draw.</summary>
    public (ConfusionMatrix First, ConfusionMatrix Second) Matrices(int[] counts)
    {
        (int[] before, int[] after) = (new int[_grades * _grades], new int[_grades * _grades]);
        for (int i = 0; i < counts.Length; i++)
        {
            before[_kinds[i].Truth * _grades + _kinds[i].First] += counts[i];
            after[_kinds[i].Truth * _grades + _kinds[i].Second] += counts[i];
        }
        return (new ConfusionMatrix(_grades, before), new ConfusionMatrix(_grades, after));
    }
}
