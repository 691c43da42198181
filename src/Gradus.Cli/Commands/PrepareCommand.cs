using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class PrepareCommand
{
    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        var verb = new Verb(
            "prepare",
            "Fills the cache with every image of the experiment as its recipe prepares it. Can be stopped and run again at any time; train does it too.",
            "gradus prepare experiment.yaml --cache /fast/disk/gradus")
        {
            file,
        };
        verb.Does((parse, session) =>
        {
            string named = parse.GetRequiredValue(file);
            return () => Run(session, ExperimentFile.Read(named, Zoo.Names));
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment)
    {
        IEnumerable<SourceSpec> sources = experiment.Test is { } test ? [.. experiment.Sources, test] : experiment.Sources;
        Dataset[] sets = [.. sources.Select(s => DatasetReader.Read(s, experiment.Scale))];
        using ImageCache cache = ImageCache.Open(session.Cache, experiment.Recipe);
        PrepareReport report = session.During(progress => cache.Fill([.. sets.SelectMany(s => s.Records)], progress, session.Cancel));

        double rate = report.Elapsed > TimeSpan.Zero ? report.Prepared / report.Elapsed.TotalSeconds : 0;
        foreach ((ImageRecord record, string note) in report.Notes)
            session.Output.Line($"{record.Location}: {note}");
        session.Output.Line($"{report.Prepared} images prepared ({rate:0} images/s), {report.Reused} were there already{(report.Rebuilt > 0 ? $", {report.Rebuilt} were damaged and are rebuilt" : "")}: {cache.Folder}");
        foreach ((ImageRecord record, string problem) in report.Failed)
            session.Output.Note($"{record.Location}: {problem}");
        AuditFinding[] rows = [.. sets.SelectMany(s => s.Findings)];
        if (rows.Length > 0)
            session.Output.Note($"{rows.Length} rows of the label files need a look; gradus audit lists them.");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                images = sets.Sum(s => s.Records.Length),
                prepared = report.Prepared,
                reused = report.Reused,
                rebuilt = report.Rebuilt,
                failed = report.Failed.Select(f => new { id = f.Record.Id.Value, source = f.Record.Source, problem = f.Problem }),
                notes = report.Notes.Select(n => new { id = n.Record.Id.Value, source = n.Record.Source, note = n.Note }),
                imagesPerSecond = rate,
                cache = cache.Folder,
            });
        }
        return report.Failed.Length == 0 ? 0 : 1;
    }
}
