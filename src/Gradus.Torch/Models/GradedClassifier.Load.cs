using System.Collections.Immutable;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Models;

public sealed partial class GradedClassifier
{
    private const int NamesShown = 10;
    private const string BatchCounter = ".num_batches_tracked";

    /// <summary>
    /// Fills the network from a file under published names; 16-bit and 64-bit floats are cast to float32. Either everything in
    /// the scope is filled or, on an exception, nothing was touched.
    /// </summary>
    /// <param name="file">Weights of the same architecture, or a checkpoint.</param>
    /// <param name="scope">Backbone: the head stays, and a classifier in the file is left out and reported. All: everything must fit.</param>
    /// <returns>What was left out.</returns>
    /// <exception cref="GradusException">
    /// The file states another architecture or padding, or tensors are missing, unexpected or of another shape; counters of
    /// batches may be missing, as older files have none.
    /// </exception>
    public LoadReport Load(WeightsFile file, LoadScope scope)
    {
        WeightFacts facts = CheckedFacts(file);
        Plan plan = Compare(file);
        ImmutableArray<Misfit> wrong = scope == LoadScope.All ? plan.Misfits : [.. plan.Misfits.Where(m => !m.InHead)];
        wrong = [.. wrong.Where(m => !(m.Kind == MisfitKind.Missing && m.Name.EndsWith(BatchCounter, StringComparison.Ordinal)))];
        if (wrong.Length > 0)
            throw new GradusException($"the weights do not fit {Backbone.Architecture}", file.Path, Described(wrong), scope == LoadScope.All && wrong.All(m => m.InHead) ? "Only the head differs: load the backbone alone, or make the same head" : "Give weights of this architecture under torchvision's names");
        using (no_grad())
        {
            foreach ((string name, Tensor target, bool inHead) in plan.Fitting)
            {
                if (inHead && scope == LoadScope.Backbone)
                    continue;
                using Tensor source = file.Load(name);
                target.copy_(source);
            }
        }
        Facts = facts;
        ImmutableArray<string> leftHead = scope == LoadScope.Backbone ? [.. plan.Fitting.Where(f => f.InHead).Select(f => f.Name)] : [];
        return new LoadReport(
            Names(plan.Misfits, MisfitKind.Missing), [.. leftHead, .. Names(plan.Misfits, MisfitKind.Unexpected)], Names(plan.Misfits, MisfitKind.WrongShape),
            scope == LoadScope.Backbone ? Classifier(file) : null);
    }

    private WeightFacts CheckedFacts(WeightsFile file)
    {
        WeightFacts facts = WeightFacts.From(file);
        if (facts.Architecture is { } architecture && architecture != Backbone.Architecture)
            throw new GradusException($"holds another architecture than {Backbone.Architecture}", file.Path, $"'{architecture}'", $"Write backbone: {architecture}, or give other weights");
        if (facts.Padding is { } padding && padding != Backbone.Padding)
            throw new GradusException($"was trained with another padding than {WeightFacts.Name(Backbone.Padding)}", file.Path, WeightFacts.Name(padding), $"Build {Backbone.Architecture} with that padding");
        return facts with { Architecture = Backbone.Architecture, Padding = Backbone.Padding };
    }

    private Plan Compare(WeightsFile file)
    {
        var fitting = ImmutableArray.CreateBuilder<(string, Tensor, bool)>();
        var misfits = ImmutableArray.CreateBuilder<Misfit>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in NamedTensors())
        {
            known.Add(name);
            if (!file.Contains(name))
            {
                misfits.Add(new Misfit(MisfitKind.Missing, name, name, InHead(name)));
                continue;
            }
            WeightsEntry entry = file[name];
            if (!entry.Shape.AsSpan().SequenceEqual(tensor.shape))
                misfits.Add(new Misfit(MisfitKind.WrongShape, name, $"{name} ({entry.ShapeText}, not {WeightsEntry.Describe(tensor.shape)})", InHead(name)));
            else if (IsFloat(entry.Type) != IsFloat(tensor.dtype))
                misfits.Add(new Misfit(MisfitKind.WrongShape, name, $"{name} ({entry.Type}, not {tensor.dtype})", InHead(name)));
            else
                fitting.Add((name, tensor, InHead(name)));
        }
        foreach (string name in file.Names.Where(n => !known.Contains(n)))
            misfits.Add(new Misfit(MisfitKind.Unexpected, name, WeightsEntry.Shown(name), InHead(name)));
        return new Plan(fitting.ToImmutable(), misfits.ToImmutable());
    }

    private bool InHead(string name) =>
        name.StartsWith(Backbone.ClassifierName + ".", StringComparison.Ordinal) || name.StartsWith(HeadPrefix, StringComparison.Ordinal);

    private string? Classifier(WeightsFile file)
    {
        string weight = Backbone.ClassifierName + ".weight";
        return file.Contains(weight) ? $"{Backbone.ClassifierName} ({file[weight].ShapeText})" : null;
    }

    private static bool IsFloat(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

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

    private sealed record Misfit(MisfitKind Kind, string Name, string Text, bool InHead);

    private sealed record Plan(ImmutableArray<(string Name, Tensor Target, bool InHead)> Fitting, ImmutableArray<Misfit> Misfits);
}
