using Gradus.Cli.Terminal;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Splitting;

namespace Gradus.Cli.Commands;

/// <summary>What audit, split and train say about sources that are sampled.</summary>
internal static class SampleText
{
    /// <summary>A table a source: what is there, wanted, taken and missing of each grade; and which sources are used otherwise than others.</summary>
    public static void Write(Output output, Experiment experiment, DataPartition partition)
    {
        foreach (SourceSpec source in experiment.Sources)
        {
            if (source.Use == SourceUse.Folds)
                output.Line($"'{source.Name}' is split into the folds like the main source.");
            else if (source.Use == SourceUse.Pretraining && experiment.Phase == TrainingPhase.Training)
                output.Line($"'{source.Name}' is kept for train --pretrain, and trains nowhere else.");
        }
        foreach (SampleTable sample in partition.Samples.Select(s => SampleTable.Of(s, experiment.Scale)))
        {
            output.Heading(sample.Title);
            output.Table([.. SampleTable.Columns], sample.Rows.Select(r => r.ToArray()), numbers: true);
        }
    }
}
