using System.CommandLine;
using Gradus.Predictions;

namespace Gradus.Cli.Commands;

internal static class SubmitCommand
{
    public static Verb Create()
    {
        Argument<string> predictions = new("PREDICTIONS") { Description = "What gradus predict wrote." };
        Option<string> sample = new("--sample") { Description = "The competition's sample submission, or any CSV whose first column holds the ids in order.", HelpName = "FILE", Required = true };
        Option<string> file = new("--out") { Description = "Where to write the submission.", HelpName = "FILE", DefaultValueFactory = _ => "submission.csv" };
        Option<SubmissionValue> value = new("--value") { Description = "Write grades, or scores for a competition judged by AUC.", DefaultValueFactory = _ => SubmissionValue.Grade };
        Option<string> column = new("--column") { Description = "Name of the value's column where the sample has only ids.", HelpName = "NAME", DefaultValueFactory = _ => "grade" };
        var verb = new Verb(
            "submit",
            "Writes the competition's file and checks it against its sample: the same ids, in the same order, grades on the scale.",
            "gradus submit predictions.csv --sample sample_submission.csv --out submission.csv")
        {
            predictions, sample, file, value, column,
        };
        verb.Does((parse, session) =>
        {
            string target = parse.GetRequiredValue(file);
            (string given, string wanted) = (parse.GetRequiredValue(predictions), parse.GetRequiredValue(sample));
            (SubmissionValue what, string name) = (parse.GetValue(value), parse.GetRequiredValue(column));
            bool named = parse.IsGiven(column);
            return () => Run(session, given, wanted, target, what, name, named);
        });
        return verb;
    }

    private static int Run(Session session, string predictions, string sample, string target, SubmissionValue value, string column, bool named)
    {
        SharedOptions.KeepInputs(target, [predictions, sample]);
        SharedOptions.KeepOthers(target, Submission.FirstColumn(sample));
        if (named && Submission.Columns(sample) is { Count: > 1 } columns)
        {
            throw new GradusException(
                "--column names the value's column of a sample that has only ids",
                sample,
                $"the columns {string.Join(", ", columns)}",
                "Leave --column out",
                Fault.Request);
        }
        (int rows, string[] header) = Submission.Write(predictions, sample, target, value, column);
        session.Output.Line($"{rows} rows of {string.Join(',', header)}, in the sample's order: {target}");
        if (session.Output.Json)
            session.Output.Document(new { submission = Path.GetFullPath(target), rows, columns = header });
        return 0;
    }
}
