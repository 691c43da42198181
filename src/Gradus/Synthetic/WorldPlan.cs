using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Synthetic;

/// <summary>One image of a world before it is drawn.</summary>
/// <param name="Set">The set it belongs to.</param>
/// <param name="Index">Its row in the set's CSV, which also names its random stream.</param>
/// <param name="Id">Its id.</param>
/// <param name="Grade">What is drawn, 0 to 4.</param>
/// <param name="Camera">What it is taken with.</param>
internal sealed record PlannedImage(WorldSet Set, int Index, ImageId Id, int Grade, FundusCamera Camera)
{
    /// <summary>What the CSV says; the grade, but for a label outside the scale.</summary>
    public int Label { get; init; } = Grade;

    /// <summary>The image whose bytes this one has, or null for one that is drawn.</summary>
    public PlannedImage? CopyOf { get; init; }

    /// <summary>How the copy's bytes differ, or null for the same bytes.</summary>
    public NearCopy? How { get; init; }

    /// <summary>Whether the file ends too early.</summary>
    public bool IsCorrupt { get; init; }

    /// <summary>The path below the world's folder.</summary>
    public string File => Path.Combine(Set.Name, Id.Value + (How is not null ? ".jpg" : (CopyOf?.Camera ?? Camera).Extension));
}

/// <summary>One of the three sets: its grades and its cameras.</summary>
/// <param name="Name">Folder and CSV.</param>
/// <param name="Shares">(5) of its grades.</param>
/// <param name="Cameras">In turn within each grade, so that the camera tells nothing about the grade.</param>
internal sealed record WorldSet(string Name, ImmutableArray<double> Shares, ImmutableArray<FundusCamera> Cameras)
{
    /// <summary>The distribution of a well-known competition's training set, a little milder.</summary>
    public static WorldSet Train { get; } = new("train", [0.45, 0.12, 0.26, 0.08, 0.09], FundusCamera.Current);

    /// <summary>More disease, another mix of cameras and one that training never saw.</summary>
    public static WorldSet Test { get; } = new("test", [0.30, 0.14, 0.34, 0.11, 0.11], [FundusCamera.Aster, FundusCamera.Fern, FundusCamera.Dogwood, FundusCamera.Birch, FundusCamera.Fern, FundusCamera.Cedar, FundusCamera.Dogwood]);

    /// <summary>An older screening set: mostly healthy, one old camera.</summary>
    public static WorldSet External { get; } = new("external", [0.73, 0.07, 0.15, 0.025, 0.025], [FundusCamera.Elder]);
}

/// <summary>Decides everything about a world before anything is drawn: ids, grades, cameras, and which image carries which fault.</summary>
internal sealed class WorldPlan
{
    private readonly WorldSpec _spec;
    private readonly List<PlannedImage> _train;
    private readonly List<PlannedImage> _test;
    private readonly List<PlannedImage> _external;
    private readonly HashSet<ImageId> _faulty = [];
    private readonly Random _random;

    public WorldPlan(WorldSpec spec)
    {
        spec.Check();
        _spec = spec;
        _random = RandomStream.Create(spec.Seed, "synthetic plan");
        var ids = new HashSet<ImageId>();
        _train = Images(WorldSet.Train, spec.Train, ids);
        _test = Images(WorldSet.Test, spec.Test, ids);
        _external = Images(WorldSet.External, spec.External, ids);
        Planted = Plant();
    }

    public IReadOnlyList<PlannedImage> Train => _train;

    public IReadOnlyList<PlannedImage> Test => _test;

    public IReadOnlyList<PlannedImage> External => _external;

    public PlantedWorld Planted { get; }

    /// <summary>Whole numbers in proportion to the shares that sum to the total, by largest remainders.</summary>
    internal static int[] Apportion(int total, ImmutableArray<double> shares)
    {
        int[] counts = [.. shares.Select(s => (int)(s * total))];
        int[] order = [.. Enumerable.Range(0, shares.Length).OrderByDescending(k => shares[k] * total - counts[k]).ThenBy(k => k)];
        int missing = total - counts.Sum();
        for (int i = 0; i < missing; i++)
            counts[order[i]]++;
        return counts;
    }

    private List<PlannedImage> Images(WorldSet set, int total, HashSet<ImageId> ids)
    {
        var slots = new List<(int Grade, FundusCamera Camera)>();
        int[] counts = Apportion(total, set.Shares);
        for (int grade = 0; grade < counts.Length; grade++)
        {
            int first = _random.Next(set.Cameras.Length);
            for (int i = 0; i < counts[grade]; i++)
                slots.Add((grade, set.Cameras[(first + i) % set.Cameras.Length]));
        }
        (int Grade, FundusCamera Camera)[] shuffled = [.. slots];
        _random.Shuffle(shuffled);
        return [.. shuffled.Select((slot, index) => new PlannedImage(set, index, NewId(ids), slot.Grade, slot.Camera))];
    }

    private ImageId NewId(HashSet<ImageId> ids)
    {
        while (true)
        {
            var id = new ImageId(_random.NextInt64(1L << 48).ToString("x12"));
            if (ids.Add(id))
                return id;
        }
    }

    private PlantedWorld Plant()
    {
        // One in a hundred, but at least two: four of most faults in the usual world of 400.
        int some = Math.Max(2, _spec.Train / 100), inTest = Math.Max(1, _spec.Test / 40);
        PlantedDuplicates Duplicates(List<PlannedImage> set, int copies)
        {
            PlannedImage[] group = Copies(set, set, copies, SameGrade);
            return new PlantedDuplicates(group[0].Set.Name, [.. group.Select(image => image.Id)]);
        }
        PlantedNearDuplicate Near(NearCopy how)
        {
            PlannedImage[] pair = Copies(_train, _train, 1, SameGrade, how);
            return new PlantedNearDuplicate(pair[0].Id, pair[1].Id, how);
        }
        ImmutableArray<PlantedDuplicates> duplicates = [Duplicates(_train, 2), .. Times(some - 1, () => Duplicates(_train, 1)), .. Times(inTest, () => Duplicates(_test, 1))];
        ImmutableArray<PlantedConflict> conflicts = [.. Times(some, () => Copies(_train, _train, 1, NearbyGrade)).Select(pair => new PlantedConflict([pair[0].Id, pair[1].Id], [pair[0].Grade, pair[1].Grade]))];
        ImmutableArray<PlantedLeak> leaks = [.. Times(some, () => Copies(_train, _test, 1, SameGrade)).Select(pair => new PlantedLeak(pair[0].Id, pair[1].Id))];
        ImmutableArray<PlantedNearDuplicate> near = [.. Times(some, () => Near(NearCopy.Reencoded)), .. Times(some, () => Near(NearCopy.Resized))];

        PlannedImage corrupt = Take(_train, image => image is { Grade: 0, Camera.Format: PictureFormat.Jpeg });
        _train[corrupt.Index] = corrupt with { IsCorrupt = true };
        PlannedImage mislabelled = Take(_train, image => image.Grade == 0);
        _train[mislabelled.Index] = mislabelled with { Label = 7 };
        return new PlantedWorld
        {
            Spec = _spec,
            TrainCounts = Counts(_train),
            TestCounts = Counts(_test),
            ExternalCounts = Counts(_external),
            ExactDuplicates = duplicates,
            Conflicts = conflicts,
            TestLeaks = leaks,
            NearDuplicates = near,
            Corrupt = [corrupt.Id],
            OutOfScale = [new PlantedLabel(mislabelled.Id, 7)],
        };
    }

    private static IEnumerable<T> Times<T>(int count, Func<T> plant) => Enumerable.Range(0, count).Select(_ => plant());

    private static bool SameGrade(PlannedImage original, PlannedImage copy) => original.Grade == copy.Grade;

    private static bool NearbyGrade(PlannedImage original, PlannedImage copy) => Math.Abs(original.Grade - copy.Grade) is 1 or 2;

    /// <summary>
    /// Turns images of one set into copies of an image of another (or the same): the original, then its copies. A copy keeps its
    /// planned label, so the counts by grade stay as planned.
    /// </summary>
    private PlannedImage[] Copies(List<PlannedImage> from, List<PlannedImage> to, int copies, Func<PlannedImage, PlannedImage, bool> fits, NearCopy? how = null)
    {
        bool IsCopyOf(PlannedImage original, PlannedImage image) => image.Id != original.Id && fits(original, image);
        PlannedImage original = Take(from, image => to.Count(other => IsFree(other) && IsCopyOf(image, other)) >= copies);
        var group = new List<PlannedImage> { original };
        for (int i = 0; i < copies; i++)
        {
            PlannedImage copy = Take(to, image => IsCopyOf(original, image));
            to[copy.Index] = copy with { CopyOf = original, How = how };
            group.Add(copy);
        }
        return [.. group];
    }

    private PlannedImage Take(List<PlannedImage> set, Func<PlannedImage, bool> wanted)
    {
        PlannedImage[] free = [.. set.Where(image => IsFree(image) && wanted(image))];
        PlannedImage taken = free[_random.Next(free.Length)];
        _faulty.Add(taken.Id);
        return taken;
    }

    private bool IsFree(PlannedImage image) => !_faulty.Contains(image.Id);

    private static ImmutableArray<int> Counts(List<PlannedImage> set) =>
        [.. Enumerable.Range(0, SyntheticFundus.Grades).Select(grade => set.Count(image => image.Label == grade))];
}
