using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Sampling;
using Gradus.Splitting;

namespace Gradus.Previews;

/// <summary>What one epoch would show.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Expected">(K) what the rule asks for.</param>
/// <param name="Realised">(K) what the run's own seed draws.</param>
/// <param name="Distinct">(K) different images among them.</param>
/// <param name="MostRepeated">(K) how often the image that comes most often comes; 0 for a grade that is not drawn.</param>
public sealed record EpochPreview(int Epoch, ImmutableArray<double> Expected, ImmutableArray<int> Realised, ImmutableArray<int> Distinct, ImmutableArray<int> MostRepeated)
{
    /// <summary>Whether another epoch has the same figures.</summary>
    internal bool IsLike(EpochPreview other) =>
        Expected.SequenceEqual(other.Expected) && Realised.SequenceEqual(other.Realised) && Distinct.SequenceEqual(other.Distinct) && MostRepeated.SequenceEqual(other.MostRepeated);
}

/// <summary>Epochs in a row that have the same figures.</summary>
/// <param name="First">The first of them, and its figures.</param>
/// <param name="Last">The number of the last.</param>
public sealed record EpochSpan(EpochPreview First, int Last)
{
    /// <summary>"3", or "1-16".</summary>
    public override string ToString() => First.Epoch == Last ? $"{Last}" : $"{First.Epoch}-{Last}";
}

/// <summary>The draws of a run's first epochs, without training.</summary>
/// <param name="Available">(K) training images.</param>
/// <param name="Epochs">In order.</param>
/// <param name="SeenAtAll">(K) different images over all of these epochs.</param>
/// <param name="Notes">Settings that cannot take effect.</param>
public sealed record SamplingPreview(ImmutableArray<int> Available, ImmutableArray<EpochPreview> Epochs, ImmutableArray<int> SeenAtAll, ImmutableArray<string> Notes)
{
    /// <summary>The epochs, those in a row that have the same figures as one.</summary>
    public ImmutableArray<EpochSpan> Spans
    {
        get
        {
            var spans = new List<EpochSpan>();
            foreach (EpochPreview epoch in Epochs)
            {
                if (spans.Count > 0 && spans[^1].First.IsLike(epoch))
                    spans[^1] = spans[^1] with { Last = epoch.Epoch };
                else
                    spans.Add(new EpochSpan(epoch, epoch.Epoch));
            }
            return [.. spans];
        }
    }

    /// <summary>Draws the epochs exactly as training would, and checks each as training does.</summary>
    /// <exception cref="GradusException">The rule does not fit the data, or a draw contradicts it.</exception>
    public static SamplingPreview Run(TrainingSet set, GradeScale scale, SamplingSpec spec, long seed, int epochs)
    {
        var previews = ImmutableArray.CreateBuilder<EpochPreview>(epochs);
        var seen = new HashSet<int>();
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            EpochDraw draw = EpochSampler.Draw(set, scale, spec, seed, epoch);
            DrawCheck.Verify(draw);
            seen.UnionWith(draw.Indices);
            ILookup<int, int> times = draw.Indices.GroupBy(i => i).ToLookup(g => set.Records[g.Key].Grade!.Value, g => g.Count());
            previews.Add(new EpochPreview(
                epoch,
                draw.Plan.Expected.Counts,
                [.. draw.Realised.Counts.Select(c => (int)c)],
                [.. scale.Names.Select((_, k) => times[k].Count())],
                [.. scale.Names.Select((_, k) => times[k].DefaultIfEmpty(0).Max())]));
        }
        return new SamplingPreview(Count(Enumerable.Range(0, set.Count)), previews.MoveToImmutable(), Count(seen), EpochSampler.Plan(set, scale, spec, 1).Notes);

        ImmutableArray<int> Count(IEnumerable<int> indices) => [.. ClassHistogram.Count(indices.Select(i => set.Records[i].Grade!.Value), scale.Count).Counts.Select(c => (int)c)];
    }
}
