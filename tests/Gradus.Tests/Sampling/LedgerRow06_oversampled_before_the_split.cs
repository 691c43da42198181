using System.Collections.Immutable;
using System.Reflection;
using Gradus.Datasets;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Sampling;

public sealed class LedgerRow06_oversampled_before_the_split
{
    [Fact]
    public void Repeated_images_cannot_be_split()
    {
        ImmutableArray<ImageRecord> records = SplitWorld.Singles(Enumerable.Range(0, 20).Select(i => i % 2));
        ImageRecord[] oversampled = [.. records, records[3], records[5]];
        GradusException error = Assert.Throws<GradusException>(() => StratifiedGroupKFold.Plan(oversampled, 2, 1, []));
        Assert.Contains("'i0003', 'i0005' more than once. Sample after the split", error.Message, StringComparison.Ordinal);
        Assert.Throws<GradusException>(() => new FoldPlan(oversampled, SplitWorld.Folds(records, r => r.Grade!.Value), 2, []));
        Assert.Throws<GradusException>(() => new ValidationSet([.. oversampled]));
        Assert.Throws<GradusException>(() => new TrainingSet([.. oversampled]));
    }

    [Fact]
    public void Nothing_public_draws_from_or_converts_a_validation_set()
    {
        Type[] types = typeof(EpochSampler).Assembly.GetExportedTypes();
        Assert.DoesNotContain(
            types.Where(t => t.Namespace == typeof(EpochSampler).Namespace).SelectMany(t => t.GetMethods()).SelectMany(m => m.GetParameters()),
            p => p.ParameterType == typeof(ValidationSet));
        Assert.DoesNotContain(
            types.SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance)),
            m => m.ReturnType == typeof(TrainingSet) && (m.DeclaringType == typeof(ValidationSet) || m.GetParameters().Any(p => p.ParameterType == typeof(ValidationSet))));
        Assert.False(typeof(TrainingSet).IsAssignableFrom(typeof(ValidationSet)));
        Assert.True(typeof(TrainingSet).IsSealed && typeof(ValidationSet).IsSealed);
    }
}
