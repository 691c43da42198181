using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Gradus.Cli.Commands;

/// <summary>The root: every verb, the shared options, and help with examples.</summary>
internal static class GradusCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Trains, selects and ships graded image classifiers: from a CSV and a folder of images to predictions you can trust.")
        {
            DemoCommand.Create(),
            InitCommand.Create(),
            AuditCommand.Create(),
            PrepareCommand.Create(),
            PreviewCommand.Create(),
            SplitCommand.Create(),
            SubsetCommand.Create(),
            TrainCommand.Create(),
            ResumeCommand.Create(),
            AverageCommand.Create(),
            EvaluateCommand.Create(),
            TuneCommand.Create(),
            EnsembleCommand.Create(),
            PredictCommand.Create(),
            SubmitCommand.Create(),
            DiagnoseCommand.Create(),
            ReportCommand.Create(),
            ExportCommand.Create(),
            ShiftCommand.Create(),
            ExplainCommand.Create(),
            MistakesCommand.Create(),
            RunsCommand.Create(),
            CompareCommand.Create(),
            ServeCommand.Create(),
            ModelsCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
            ProbeCommand.Create(),
        };
        foreach (Option option in SharedOptions.All)
            root.Options.Add(option);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!);
        root.SetAction(parse => help.Action is SynchronousCommandLineAction action ? action.Invoke(parse) : 0);
        return root;
    }

    /// <summary>The usual help, followed by examples.</summary>
    private sealed class TeachingHelp(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = usual.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            IReadOnlyList<string> examples = parseResult.CommandResult.Command is Verb verb
                ? verb.Examples
                : ["gradus demo", "gradus init --labels train.csv --images train", "gradus train experiment.yaml"];
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
            return code;
        }
    }
}
