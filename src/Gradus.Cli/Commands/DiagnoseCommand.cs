using System.CommandLine;
using Gradus.Datasets;
using Gradus.Diagnosis;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;

namespace Gradus.Cli.Commands;

internal static class DiagnoseCommand
{
    private const string PageStart = "<!doctype html>";

    public static Verb Create()
    {
        Argument<string> run = new("RUN") { Description = "The folder of a run, or its name in the folder of runs." };
        Option<string[]> images = new("--images") { Description = "First sweep the run's checkpoints over these images, as predict --all does.", HelpName = "PATH", AllowMultipleArgumentsPerToken = true };
        Option<string?> sweep = new("--sweep") { Description = "The folder of a sweep; by default the one in the run's folder, where there is one.", HelpName = "DIR" };
        Option<string?> html = new("--html") { Description = "Also write a page with the pictures.", HelpName = "FILE" };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "diagnose",
            "Says why a run's predictions move between its epochs, and whether its figures can be believed.",
            "gradus diagnose 24-11_mobilenet_v2_f0",
            "gradus diagnose runs/24-11_mobilenet_v2_f0 --images test/ --html diagnosis.html")
        {
            run, images, sweep, html, device,
        };
        verb.Does((parse, session) =>
        {
            (string named, string[] swept, string? folder, string? page) =
                (parse.GetRequiredValue(run), parse.GetValue(images) ?? [], parse.GetValue(sweep), parse.GetValue(html));
            if (swept.Length == 0)
                parse.Refuse("--images, whose scores it computes", device);
            string? where = swept.Length == 0 ? null : parse.GetValue(device);
            return () => Run(session, session.Run(named), swept, folder, page, where);
        });
        return verb;
    }

    private static int Run(Session session, RunFolder run, string[] images, string? sweep, string? html, string? device)
    {
        if (sweep is not null && !Directory.Exists(sweep))
            throw new GradusException("there is no such folder", sweep, remedy: "gradus predict RUN --all IMAGES --out DIR makes one", fault: Fault.Request);
        if (html is not null)
            SharedOptions.KeepOthers(html, PageStart);
        string folder = sweep ?? run.SweepFolder;
        if (images.Length > 0)
            SweepRun.Create(session, SweepRun.All(run), ImageList.Find(images), null, folder, Thresholds.Tuned, device, TestTimeAugmentation.None);
        DiagnosisInput input = DiagnosisInput.Load(run, folder, TrainedOn(run));
        RunDiagnosis diagnosis = RunDiagnosis.Of(input);
        IReadOnlyList<string> pictures = DiagnosisPlots.Write(run, diagnosis);
        if (html is not null)
            DiagnosisPage.Write(html, run, diagnosis);
        Print(session, run, diagnosis, html);
        if (session.Output.Json)
            session.Output.Document(Document(run, diagnosis, pictures));
        return 0;
    }

    // All checkpoints of a run were trained on the same images, so that the first will do.
    private static Func<ContentHash, bool>? TrainedOn(RunFolder run) =>
        run.Checkpoints() is [var epoch, ..] ? Checkpoint.ReadInfo(run.Checkpoint(epoch)).TrainedOn.Knows() : null;

    private static void Print(Session session, RunFolder run, RunDiagnosis diagnosis, string? html)
    {
        session.Output.Heading($"Diagnosis of {run.Name}");
        for (int i = 0; i < diagnosis.Findings.Length; i++)
        {
            Finding finding = diagnosis.Findings[i];
            session.Output.Line($"{i + 1}. {(finding.Severity == Severity.Info ? "" : $"{finding.Severity}: ")}{finding.Sentence}");
            session.Output.Line($"   {finding.Evidence}");
        }
        if (!diagnosis.Findings.Any(f => f.Kind is DiagnosisKind.ThresholdEffect or DiagnosisKind.ScoreEffect) && diagnosis.Changes.Length > 0)
            session.Output.Line("The counts predicted are steady between the settled epochs.");
        foreach (string missing in diagnosis.CannotTell)
            session.Output.Note(missing);
        session.Output.Line();
        bool swept = diagnosis.Choices.Any(c => c.TestCounts is not null);
        session.Output.Table(
            ["rule of selection", "epoch", "figure", .. swept ? (string[])["swept images a grade"] : []],
            diagnosis.Choices.Select(c => (string[])[Selection.Describe(c.By), $"{c.Epoch}", c.Value is { } value ? $"{value:0.0000}" : "–", .. swept ? (string[])[c.TestCounts is { } counts ? string.Join(", ", counts) : "–"] : []]),
            numbers: true);
        session.Output.Line($"Plots: {Path.Combine(run.PlotsFolder, "diagnosis_*.png")}{(html is null ? "" : $"   Page: {html}")}");
    }

    private static object Document(RunFolder run, RunDiagnosis diagnosis, IReadOnlyList<string> pictures) => new
    {
        run = run.Name,
        directory = run.Root,
        epochs = diagnosis.Input.Records.Count,
        findings = diagnosis.Findings,
        cannotTell = diagnosis.CannotTell,
        changes = diagnosis.Changes,
        thresholds = diagnosis.Path,
        differences = diagnosis.Differences,
        choices = diagnosis.Choices,
        plots = pictures.Select(p => DiagnosisPlots.PathOf(run, p)),
    };
}
