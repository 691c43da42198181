using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Experiments;

namespace Gradus.Datasets;

/// <summary>What a source turned out to hold.</summary>
/// <param name="Source">The source as the experiment states it.</param>
/// <param name="Records">The rows that name an image that is there; ids are unique.</param>
/// <param name="Findings">Everything else, in the order of the file.</param>
public sealed record Dataset(SourceSpec Source, ImmutableArray<ImageRecord> Records, ImmutableArray<AuditFinding> Findings);
