using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Experiments;

namespace Gradus.Audit;

/// <summary>Compares what the images show and says what it means that two show the same with different bytes.</summary>
internal sealed class PictureGroups
{
    /// <summary>Pairs of one grade that are described one by one. Twenty copies of each of 5,000 pictures are a million pairs, and nobody reads so many sentences.</summary>
    public const int MostDescribed = 10_000;

    private readonly ImmutableArray<AuditFinding>.Builder _findings = ImmutableArray.CreateBuilder<AuditFinding>();

    /// <summary>Compares images that have been probed.</summary>
    public PictureGroups(ImmutableArray<AuditedImage> images, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        // The search knows one image of several identical ones. A picture that is in training and in test is to be named on both sides.
        Dictionary<ImageKey, ContentHash> contents = images.ToDictionary(i => i.Key, i => i.Record.Hash!.Value);
        ILookup<ContentHash, AuditedImage> sides = images.GroupBy(i => (i.Record.Hash, Side(i.Role))).Select(g => g.MinBy(i => (i.IsDropped, i.Key))!).ToLookup(i => i.Record.Hash!.Value);
        NearDuplicateReport found = NearDuplicates.Among([.. images.Select(i => new FingerprintedImage(i.Key, i.Fingerprint!, i.Record.Hash))], progress: progress, ct: ct);
        (AuditedImage A, AuditedImage B, NearDuplicatePair Pair)[] pairs =
        [
            .. found.Pairs.SelectMany(p => sides[contents[p.A]].SelectMany(a => sides[contents[p.B]].Select(b => InOrder(a, b, p)))).OrderBy(p => p.A.Key).ThenBy(p => p.B.Key),
        ];
        Pairs = [.. pairs.Select(p => new NearDuplicate(p.A.Record, p.B.Record, p.Pair.HashDistance, p.Pair.Similarity, p.Pair.Orientation))];
        Groups = found.Groups;
        int plain = 0;
        foreach ((AuditedImage a, AuditedImage b, NearDuplicatePair pair) in pairs)
        {
            // What a person has left out, or has looked at on both sides, needs no looking at again.
            // A model's grade makes no leak to the test set, and does not contradict a person's.
            if ((a.IsPseudo && (b.IsTest || !b.IsPseudo)) || (b.IsPseudo && (a.IsTest || !a.IsPseudo)))
                continue;
            if (a.IsDropped || b.IsDropped || (a.Decision is not null && b.Decision is not null && a.Grade != b.Grade))
                continue;
            bool isPlain = a.IsTest == b.IsTest && !(a.Grade is { } gradeA && b.Grade is { } gradeB && gradeA != gradeB);
            if (!isPlain || ++plain <= MostDescribed)
                _findings.Add(Finding(a, b, pair));
        }
        if (plain > MostDescribed)
        {
            _findings.Add(new AuditFinding(FindingKind.NearDuplicate, pairs[0].A.Record.Source, [], $"{plain - MostDescribed} more pairs of near duplicates without a contradiction are not described one by one; " +
                "'gradus audit --json' has them all, and --lists their groups."));
        }
    }

    /// <summary>The pairs, in order of their keys.</summary>
    public ImmutableArray<NearDuplicate> Pairs { get; }

    /// <summary>Images of one picture, identical ones included.</summary>
    public ImmutableArray<NearDuplicateGroup> Groups { get; }

    /// <summary>A finding a pair; of pairs whose grades agree the first <see cref="MostDescribed"/>, and one for the others.</summary>
    public ImmutableArray<AuditFinding> Findings => _findings.ToImmutable();

    private static (AuditedImage A, AuditedImage B, NearDuplicatePair Pair) InOrder(AuditedImage a, AuditedImage b, NearDuplicatePair pair) =>
        a.Key < b.Key ? (a, b, pair) : (b, a, pair with { Orientation = pair.Orientation.Inverse() });

    private static SourceRole Side(SourceRole role) => role is SourceRole.External or SourceRole.Pseudo ? SourceRole.Main : role;

    private static AuditFinding Finding(AuditedImage a, AuditedImage b, NearDuplicatePair pair)
    {
        (string nameA, string nameB) = (Name(a, b), Name(b, a));
        string alike = string.Create(CultureInfo.InvariantCulture, $"(similarity {pair.Similarity:0.000}, {pair.HashDistance} of 64 bits differ{(pair.Orientation == Orientation.Upright ? "" : $", {pair.Orientation.Words()}")})");
        if (a.IsTest != b.IsTest)
        {
            (string label, string test) = a.IsTest ? (nameB, nameA) : (nameA, nameB);
            return Of(FindingKind.NearDuplicateTestLeak, $"{label} among the labels and {test} in the test set show nearly the same picture {alike}. It stays in training, so a score on the test set flatters; " +
                "look at both, and delete it from the labels if the test set must be unseen.");
        }
        string fate = a.IsTest ? "Each is predicted"
            : Side(a.Role) == Side(b.Role) ? "They stay together on one side of every split"
            : $"Training does without {(a.Role == SourceRole.Validation ? nameB : nameA)}, since validation judges by the other";
        return a.Grade is { } gradeA && b.Grade is { } gradeB && gradeA != gradeB
            ? Of(FindingKind.NearDuplicateOtherGrade, $"{nameA} grade {gradeA} and {nameB} grade {gradeB} show nearly the same picture {alike}: a wrong grade, or two photographs of one eye. " +
                $"Neither is quarantined. {fate}; look at both and correct the grade that is wrong.")
            : Of(FindingKind.NearDuplicate, $"{nameA} and {nameB} show nearly the same picture with different bytes {alike}. {fate}; {(a.IsTest ? "nothing needs doing" : "delete one if the repetition is not meant")}.");

        AuditFinding Of(FindingKind kind, string message) => new(kind, a.Record.Source, [a.Record.Id, b.Record.Id], message)
        {
            Grades = a.Grade is { } first && b.Grade is { } second ? [first, second] : [],
        };
    }

    // The id alone where both are of one source.
    private static string Name(AuditedImage image, AuditedImage other) => image.Record.Source == other.Record.Source ? $"'{image.Record.Id}'" : $"'{image.Key}'";
}
