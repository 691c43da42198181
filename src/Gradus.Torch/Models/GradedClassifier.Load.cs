using System.Collections.Immutable;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Models;

public sealed partial class GradedClassifier
{
    private const int NamesShown = 5;

    /// <summary>
    /// Fills the network from a file under the names of torchvision, Cadene or timm; 16-bit and 64-bit floats are cast to float32.
    /// Either everything in the scope is filled or, on an exception, nothing was touched.
    /// </summary>
    /// <param name="file">Weights of the same architecture, or a checkpoint.</param>
    /// <param name="scope">
    /// Backbone: the head stays, a classifier and whatever else lies beside the backbone in the file is left out and
    /// reported, a first convolution of 3 channels is adapted to
    /// the network's, and a file whose name states a hash must have it. All: everything must fit. Parent: the head too where it fits.
    /// </param>
    /// <returns>Whose names the file has, and what was left out.</returns>
    /// <exception cref="GradusException">
    /// The file states another architecture or padding, is a damaged download, or tensors are missing, unexpected or of another
    /// shape; counters of batches may be missing, as older files have none.
    /// </exception>
    public LoadReport Load(WeightsFile file, LoadScope scope)
    {
        WeightFacts facts = WeightFacts.From(file);
        if (facts.Architecture is { } architecture && architecture != Backbone.Architecture)
            throw new GradusException($"holds another architecture than {Backbone.Architecture}", file.Path, $"'{architecture}'", $"Write backbone: {architecture}, or give other weights", Fault.Request);
        if (scope != LoadScope.All)
            KnownWeights.Check(file.Path);
        Plan plan = Compare(file, scope);
        if (scope == LoadScope.Parent)
            scope = plan.Misfits.Any(m => m.InHead) ? LoadScope.Backbone : LoadScope.All;
        ImmutableArray<Misfit> wrong = scope == LoadScope.All ? plan.Misfits : [.. plan.Misfits.Where(m => !m.InHead)];
        wrong = [.. wrong.Where(m => !(m.Kind == MisfitKind.Missing && PublishedNames.IsCounter(m.Name)))];
        if (wrong.Any(m => !(scope == LoadScope.Backbone && m.IsBeside)))
        {
            throw new GradusException(
                $"the weights do not fit {Backbone.Architecture}", file.Path, Described(wrong),
                scope == LoadScope.All && wrong.All(m => m.InHead) ? "Only the head differs: load the backbone alone, or make the same head" : "Give weights of this architecture; the names of torchvision, Cadene and timm are known",
                Fault.Request);
        }
        if (facts.Padding is { } padding && padding != Backbone.Padding)
            throw new GradusException($"was trained with another padding than {WeightFacts.Name(Backbone.Padding)}", file.Path, WeightFacts.Name(padding), $"Build {Backbone.Architecture} with that padding", Fault.Request);
        string? adapted = Fill(file, plan, scope);
        Facts = facts with { Architecture = Backbone.Architecture, Padding = Backbone.Padding };
        ImmutableArray<string> leftHead = scope == LoadScope.Backbone ? [.. plan.Fitting.Where(f => f.InHead).Select(f => f.FileName)] : [];
        return new LoadReport(
            plan.Convention,
            Names(plan.Misfits, MisfitKind.Missing), [.. leftHead, .. Names(plan.Misfits, MisfitKind.Unexpected)], Names(plan.Misfits, MisfitKind.WrongShape),
            scope == LoadScope.Backbone ? plan.Classifier : null,
            adapted);
    }

    private static string? Fill(WeightsFile file, Plan plan, LoadScope scope)
    {
        string? adapted = null;
        using IDisposable noGrad = no_grad();
        // All is read before anything is written, since a damaged file may show itself only here.
        using var tensors = NewDisposeScope();
        (Tensor Target, Tensor Source)[] pairs =
        [
            .. plan.Fitting.Where(f => scope == LoadScope.All || !f.InHead).Select(f =>
            {
                Tensor source = file.Load(f.FileName);
                if (source.is_floating_point() && !source.isfinite().all().item<bool>())
                    throw new GradusException($"'{WeightsEntry.Shown(f.FileName)}' holds values that are no numbers", file.Path, "NaN or infinity", "The training that wrote it diverged; give other weights", Fault.Request);
                if (source.shape.AsSpan().SequenceEqual(f.Target.shape))
                    return (f.Target, source);
                adapted = InputLayer.Describe(f.FileName, f.Target.shape[1]);
                return (f.Target, InputLayer.Adapt(source, f.Target.shape[1]));
            }),
        ];
        foreach ((Tensor target, Tensor source) in pairs)
            target.copy_(source);
        return adapted;
    }

    private Plan Compare(WeightsFile file, LoadScope scope)
    {
        (WeightsEntry Entry, Tensor Tensor)[] own = [.. NamedTensors().Select(t => (new WeightsEntry(t.Name, t.Tensor.dtype, [.. t.Tensor.shape]), t.Tensor))];
        string? inputLayer = scope == LoadScope.All ? null : own.First(t => t.Entry.Shape.Length == 4).Entry.Name;
        NameMatch match = PublishedNames.Match(Backbone.ClassifierName, [.. own.Select(t => t.Entry).Where(e => !InHead(e.Name))], file.Entries, inputLayer);
        var fitting = ImmutableArray.CreateBuilder<(string, Tensor, bool)>();
        var misfits = ImmutableArray.CreateBuilder<Misfit>();
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        foreach ((WeightsEntry ours, Tensor tensor) in own)
        {
            bool inHead = InHead(ours.Name);
            string? fileName = match.FileNames.GetValueOrDefault(ours.Name) ?? (inHead ? match.Prefix + ours.Name : null);
            if (fileName is null || !file.Contains(fileName))
            {
                misfits.Add(new Misfit(MisfitKind.Missing, ours.Name, ours.Name, inHead));
                continue;
            }
            claimed.Add(fileName);
            WeightsEntry theirs = file[fileName];
            if (PublishedNames.Fits(ours, theirs, ours.Name == inputLayer))
                fitting.Add((fileName, tensor, inHead));
            else if (!theirs.Shape.AsSpan().SequenceEqual(ours.Shape.AsSpan()))
                misfits.Add(new Misfit(MisfitKind.WrongShape, ours.Name, $"{fileName} ({theirs.ShapeText}, not {ours.ShapeText})", inHead));
            else
                misfits.Add(new Misfit(MisfitKind.WrongShape, ours.Name, $"{fileName} ({theirs.Type}, not {ours.Type})", inHead));
        }
        // A deeper network of the same family has the same parts and more layers in them: what is left of those tells
        // that it is another.
        HashSet<string> parts = [.. claimed.Select(n => Part(n, match.Prefix))];
        foreach (string name in file.Names.Where(n => !claimed.Contains(n)))
        {
            bool isHead = PublishedNames.IsHead(name, match.Prefix);
            misfits.Add(new Misfit(MisfitKind.Unexpected, name, WeightsEntry.Shown(name), isHead)
            {
                IsBeside = !parts.Contains(Part(name, match.Prefix)),
            });
        }
        string? classifier = match.FileNames.TryGetValue(Backbone.ClassifierName + ".weight", out string? weight)
            ? $"{weight[..^".weight".Length]} ({file[weight].ShapeText})"
            : null;
        return new Plan(match.Convention, classifier, fitting.ToImmutable(), misfits.ToImmutable());
    }

    private bool InHead(string name) =>
        name.StartsWith(Backbone.ClassifierName + ".", StringComparison.Ordinal) || name.StartsWith(HeadPrefix, StringComparison.Ordinal);

    private static string Part(string name, string prefix) =>
        (name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name).Split('.')[0];

    private static ImmutableArray<string> Names(ImmutableArray<Misfit> misfits, MisfitKind kind) => [.. misfits.Where(m => m.Kind == kind).Select(m => m.Text)];

    private static string Described(ImmutableArray<Misfit> misfits) => string.Join("; ", misfits.GroupBy(m => m.Kind).OrderBy(g => g.Key).Select(group =>
    {
        string kind = group.Key switch { MisfitKind.Missing => "missing", MisfitKind.Unexpected => "unexpected", _ => "of another shape" };
        string more = group.Count() > NamesShown ? ", …" : "";
        return $"{group.Count()} {kind}: {string.Join(", ", group.Take(NamesShown).Select(m => m.Text))}{more}";
    }));

    private enum MisfitKind
    {
        Missing,
        Unexpected,
        WrongShape,
    }

    private sealed record Misfit(MisfitKind Kind, string Name, string Text, bool InHead)
    {
        /// <summary>
        /// True for a tensor of the file that belongs to no part of the network: a projection, a queue, another head.
        /// </summary>
        public bool IsBeside { get; init; }
    }

    private sealed record Plan(
        string Convention, string? Classifier, ImmutableArray<(string FileName, Tensor Target, bool InHead)> Fitting, ImmutableArray<Misfit> Misfits);
}
