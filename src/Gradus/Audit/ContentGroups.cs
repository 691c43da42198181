using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;

namespace Gradus.Audit;

/// <summary>Groups images by content and says what identical ones mean: duplicates, conflicts, leaks. One dictionary, no pairs.</summary>
internal sealed class ContentGroups
{
    private readonly ConflictPolicy _policy;
    private readonly ImmutableArray<ImmutableArray<ImageKey>>.Builder _duplicates = ImmutableArray.CreateBuilder<ImmutableArray<ImageKey>>();
    private readonly ImmutableArray<GradeConflict>.Builder _conflicts = ImmutableArray.CreateBuilder<GradeConflict>();
    private readonly ImmutableArray<TestLeak>.Builder _leaks = ImmutableArray.CreateBuilder<TestLeak>();
    private readonly ImmutableArray<AuditFinding>.Builder _findings = ImmutableArray.CreateBuilder<AuditFinding>();
    private readonly HashSet<ImageKey> _leftOut = [];
    private readonly List<ImageKey> _quarantined = [];
    private readonly Dictionary<ImageKey, int> _regraded = [];

    public ContentGroups(ImmutableArray<AuditedImage> images, ConflictPolicy policy)
    {
        _policy = policy;
        foreach (IGrouping<ContentHash, AuditedImage> group in images.GroupBy(i => i.Record.Hash!.Value).Where(g => g.Skip(1).Any()))
        {
            ImmutableArray<AuditedImage> labelled = [.. group.Where(i => !i.IsTest)];
            ImmutableArray<AuditedImage> test = [.. group.Where(i => i.IsTest)];
            if (labelled.Length > 1)
                TakeLabelled(labelled);
            if (test.Length > 1)
                TakeTest(test);
            ImmutableArray<AuditedImage> leaking = [.. labelled.Where(i => !i.IsDropped)];
            if (leaking.Length > 0 && test.Length > 0)
                TakeLeak(leaking, test);
        }
        Usable = [.. images.Where(i => !i.IsDropped && !_leftOut.Contains(i.Key)).Select(i => i with { Record = i.Record with { Grade = _regraded.TryGetValue(i.Key, out int g) ? g : i.Grade } })];
    }

    /// <summary>The images that remain after the person's decisions and the conflict policy, with the grades that these give them.</summary>
    public ImmutableArray<AuditedImage> Usable { get; }

    public ImmutableArray<ImmutableArray<ImageKey>> Duplicates => _duplicates.ToImmutable();

    public ImmutableArray<GradeConflict> Conflicts => _conflicts.ToImmutable();

    public ImmutableArray<TestLeak> Leaks => _leaks.ToImmutable();

    public ImmutableArray<ImageKey> Quarantined => [.. _quarantined];

    public ImmutableArray<AuditFinding> Findings => _findings.ToImmutable();

    private void TakeLabelled(ImmutableArray<AuditedImage> images)
    {
        _duplicates.Add(Keys(images));
        bool differ = Differ(images, i => i.Record.Grade), remain = Differ(Kept(images), i => i.Grade);
        if (differ || remain)
            TakeConflict([.. images.Where(i => i.Record.Grade is not null)], remain);
        else
            Add(FindingKind.ExactDuplicate, images, $"{Names(images)} are the same image. They stay together on one side of every split; delete all but one if the repetition is not meant.");

        images = Kept(images);
        ImmutableArray<AuditedImage> validating = [.. images.Where(i => i.Role == SourceRole.Validation)];
        if (validating.Length > 0 && validating.Length < images.Length)
        {
            ImmutableArray<AuditedImage> training = [.. images.Where(i => i.Role != SourceRole.Validation)];
            Add(FindingKind.ValidationOverlap, [.. validating, .. training], $"{Names(validating)} of the validation source is in training too, as {Names(training)}. " +
                "Training does without it; delete it from one of the sources.");
        }
    }

    /// <param name="images">Identical, with grades.</param>
    /// <param name="remains">Whether grades differ after the person's decisions as well.</param>
    private void TakeConflict(ImmutableArray<AuditedImage> images, bool remains)
    {
        ImmutableArray<int> grades = [.. images.Select(i => i.Record.Grade!.Value)];
        // Where a decision made the conflict, the grades of the sources would show none.
        _conflicts.Add(new GradeConflict(Keys(images), grades.Distinct().Skip(1).Any() ? grades : [.. images.Select(i => i.Grade!.Value)]));
        ImmutableArray<AuditedImage> undecided = remains ? [.. images.Where(i => i.Decision is null)] : [];
        int? common = _policy switch
        {
            ConflictPolicy.Majority => Majority(grades),
            ConflictPolicy.Lowest => grades.Min(),
            ConflictPolicy.Highest => grades.Max(),
            _ => null,
        };
        string fate = (_policy, common) switch
        {
            (ConflictPolicy.Keep, _) => "They stay as they are, as the experiment says",
            (ConflictPolicy.Drop, _) => "They are left out, as the experiment says",
            (ConflictPolicy.Majority, { } grade) => $"All take the grade {grade}, the most frequent",
            (ConflictPolicy.Majority, null) => "No grade has a majority: they are quarantined",
            (ConflictPolicy.Lowest, { } grade) => $"All take the grade {grade}, the lowest",
            (ConflictPolicy.Highest, { } grade) => $"All take the grade {grade}, the highest",
            (ConflictPolicy.File, _) when undecided.Length == 0 => $"It is decided: {Few(images, Fate)}",
            (ConflictPolicy.File, _) => $"{Names(undecided)} {(undecided.Length == 1 ? "is" : "are")} not decided and quarantined",
            _ => "They are quarantined",
        };
        string remedy = _policy == ConflictPolicy.File && undecided.Length == 0 ? "nothing needs doing" : "find out which grade is right";
        Add(FindingKind.Conflict, images, $"The same image has different grades: {Few(images, (i, name) => $"{name} grade {i.Record.Grade}")}. {fate}; {remedy}.", grades);

        if (_policy == ConflictPolicy.Keep)
            return;
        foreach (ImageKey key in Keys(_policy == ConflictPolicy.File ? undecided : images))
        {
            if (common is { } grade)
            {
                _regraded[key] = grade;
                continue;
            }
            _leftOut.Add(key);
            if (_policy != ConflictPolicy.Drop)
                _quarantined.Add(key);
        }
    }

    private void TakeTest(ImmutableArray<AuditedImage> images)
    {
        _duplicates.Add(Keys(images));
        ImmutableArray<int> grades = [.. images.Select(i => i.Record.Grade).OfType<int>()];
        string contradiction = grades.Distinct().Skip(1).Any() ? $", with different grades ({string.Join(", ", grades)})" : "";
        Add(FindingKind.ExactDuplicate, images, $"{Names(images)} are the same test image{contradiction}. Each is predicted; nothing needs doing.");
    }

    private void TakeLeak(ImmutableArray<AuditedImage> labelled, ImmutableArray<AuditedImage> test)
    {
        // Every image of the larger side beside one of the smaller, then the rest of the smaller: all are named, none squared.
        _leaks.AddRange(test.Select(t => new TestLeak(labelled[0].Key, t.Key)));
        _leaks.AddRange(labelled.Skip(1).Select(l => new TestLeak(l.Key, test[0].Key)));
        Add(FindingKind.TestLeak, [.. labelled, .. test], $"{Names(labelled)} among the labels and {Names(test)} in the test set are the same image. It stays in training, so a score on the test set flatters; " +
            "delete it from the labels if the test set must be unseen.");
    }

    private void Add(FindingKind kind, ImmutableArray<AuditedImage> images, string message, ImmutableArray<int>? grades = null) =>
        _findings.Add(new AuditFinding(kind, images[0].Record.Source, [.. images.Select(i => i.Record.Id)], message) { Grades = grades ?? [] });

    private static string Fate(AuditedImage image, string name) => image.IsDropped ? $"{name} is left out" : $"{name} grade {image.Grade}";

    private static string Few(ImmutableArray<AuditedImage> images, Func<AuditedImage, string, string> say)
    {
        bool several = OfSeveralSources(images);
        return string.Join(", ", images.Take(5).Select(i => say(i, several ? $"'{i.Key}'" : $"'{i.Record.Id}'"))) + (images.Length > 5 ? $" and {images.Length - 5} more" : "");
    }

    private static bool Differ(ImmutableArray<AuditedImage> images, Func<AuditedImage, int?> grade) => images.Select(grade).OfType<int>().Distinct().Skip(1).Any();

    private static ImmutableArray<AuditedImage> Kept(ImmutableArray<AuditedImage> images) => [.. images.Where(i => !i.IsDropped)];

    private static ImmutableArray<ImageKey> Keys(ImmutableArray<AuditedImage> images) => [.. images.Select(i => i.Key)];

    private static string Names(ImmutableArray<AuditedImage> images) => Few(images, (_, name) => name);

    // Two sources may use one id for different images, or for the same.
    private static bool OfSeveralSources(ImmutableArray<AuditedImage> images) => images.Any(i => i.Record.Source != images[0].Record.Source);

    /// <summary>The most frequent grade; null where two share first place.</summary>
    private static int? Majority(ImmutableArray<int> grades)
    {
        (int Grade, int Count)[] counts = [.. grades.CountBy(g => g).Select(c => (c.Key, c.Value)).OrderByDescending(c => c.Value)];
        return counts.Length > 1 && counts[0].Count == counts[1].Count ? null : counts[0].Grade;
    }
}
