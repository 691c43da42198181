using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Runs.Comparison;

namespace Gradus.Cli.Commands;

internal static class CompareCommand
{
    public static Verb Create()
    {
        Argument<string[]> runs = new("RUN") { Description = "Two or more runs, their folders or their names in the folder of runs; all are compared with the first.", Arity = ArgumentArity.OneOrMore };
        Option<string?> plot = new("--plot") { Description = "Also draw the curves of all runs into one picture.", HelpName = "FILE.png" };
        var verb = new Verb(
            "compare",
            "Holds runs against each other: the settings that differ, the figures with their intervals, the curves; and says where they are not comparable.",
            "gradus compare 10-7_densenet121_f0 12-7_densenet121_f0_s320",
            "gradus compare A B C --plot curves.png")
        {
            runs, plot,
        };
        verb.Does((parse, session) =>
        {
            (string[] named, string? picture) = (parse.GetValue(runs) ?? [], parse.GetValue(plot));
            return () => Run(session, named, picture);
        });
        return verb;
    }

    private static int Run(Session session, string[] names, string? plot)
    {
        if (plot is not null)
            SharedOptions.CheckPicture(plot, "--plot");
        RunComparison comparison = RunComparison.Of([.. names.Select(session.Run)]);
        Print(session.Output, comparison);
        bool drawn = plot is not null && ComparisonPlot.Write(plot, comparison);
        if (plot is not null)
            session.Output.Line(drawn ? $"Curves: {plot}" : "No run has an epoch to draw.");
        if (session.Output.Json)
            session.Output.Document(Document(comparison, drawn ? Path.GetFullPath(plot!) : null));
        return 0;
    }

    private static void Print(Output output, RunComparison comparison)
    {
        string[] names = [.. comparison.Runs.Select(r => Harmless.Of(r.Folder.Name))];
        foreach (string warning in comparison.Warnings)
            output.Line($"Warning: {Harmless.Of(warning)}");
        output.Heading(comparison.Settings.Length == 0 ? "No setting differs." : "Settings that differ");
        if (comparison.Settings.Length > 0)
            output.Table(["setting", .. names], comparison.Settings.Select(s => (string[])[Harmless.Of(s.Setting), .. s.Values.Select(Harmless.Of)]));
        output.Heading("Validation, each run's selected epoch");
        output.Table(["figure", .. names],
        [
            ["epoch", .. comparison.Runs.Select(r => r.Best is { } best ? $"{best.Epoch} of {r.Records.Count}" : "–")],
            ["QWK, default thresholds [95 %]", .. Figures(m => MetricsText.Interval(m.Default))],
            ["paired difference from the first [95 %]", .. comparison.Runs.Select(r => r.Gain is { Value: { } value, Low: { } low, High: { } high } ? $"{value:+0.000;-0.000;0.000} [{low:0.000}, {high:0.000}]" : "–")],
            ["QWK, tuned thresholds [95 %]", .. Figures(m => MetricsText.Interval(m.Tuned))],
            ["QWK, cross-fitted", .. comparison.Runs.Select(r => MetricsText.Number(r.Best?.CrossFittedQwk))],
            ["AUC", .. Figures(m => MetricsText.Number(m.Default.Auc))],
            ["accuracy", .. Figures(m => MetricsText.Number(m.Default.Accuracy))],
            ["mean absolute error", .. Figures(m => MetricsText.Number(m.Default.Mae))],
            ["loss", .. Figures(m => MetricsText.Number(m.Loss))],
        ]);

        IEnumerable<string> Figures(Func<SplitRecord, string> figure) => comparison.Runs.Select(r => r.Best is { } best ? figure(best.Validation) : "–");
    }

    private static object Document(RunComparison comparison, string? plot) => new
    {
        warnings = comparison.Warnings,
        settings = comparison.Settings,
        runs = comparison.Runs.Select(r => new
        {
            name = r.Folder.Name,
            epochs = r.Records.Count,
            bestEpoch = r.Best?.Epoch,
            loss = r.Best?.Validation.Loss,
            @default = r.Best?.Validation.Default,
            tuned = r.Best?.Validation.Tuned,
            crossFittedQwk = r.Best?.CrossFittedQwk,
            pairedQwk = r.Gain,
        }),
        plot,
    };
}
