using Gradus.Reports;
using Gradus.Runs;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Reports;

public sealed class RunPlotsTests
{
    [Fact]
    public void Dump()
    {
        foreach (var (name, n, s) in new[] { ("five", 15, SampleRun.Retinopathy), ("two", 8, SampleRun.Histology), ("one", 1, SampleRun.Retinopathy), ("long", 80, new Gradus.Grading.GradeScale(["normal <x>", "b", "c", "very long name of a grade", "e"])) })
        {
            RunFolder run = RunFolder.Create("/tmp/metricsplots", name);
            run.WriteInfo(SampleRun.Info(run.Name, SampleRun.Experiment(s)));
            RunPlots.Write(run, SampleRun.Records(n, s), s);
        }
    }
}
