using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Predictions;

namespace Gradus.Cli.Commands;

internal static class SubmitCommand
{
    public static Verb Create()
    {
        Argument<string> predictions = new("PREDICTIONS") { Description = "What gradus predict wrote." };
        Option<string> sample = new("--sample")
        {
            Description = "The competition's sample submission: a column of ids in order, then none, one of " +
                "values, or one for each grade.",
            HelpName = "FILE",
            Required = true,
        };
        Option<string> file = new("--out") { Description = "Where to write the submission.", HelpName = "FILE", DefaultValueFactory = _ => "submission.csv" };
        Option<SubmissionValue?> value = new("--value")
        {
            Description = "Write grades (the default), or scores for a competition judged by AUC; where the " +
                "sample has a column for each grade, " +
                "probabilities (the default) or onehot, which is 1 for the grade and 0 for the others.",
        };
        Option<string> column = new("--column") { Description = "Name of the value's column where the sample has only ids.", HelpName = "NAME", DefaultValueFactory = _ => "grade" };
        Option<int?> missing = new("--missing")
        {
            Description = "The grade of the sample's ids without a prediction, such as images that could not be read.",
            HelpName = "GRADE",
        };
        Option<string?> classes = new("--classes")
        {
            Description = "The sample's columns of the grades, the mildest first, separated by commas, where " +
                "their names do not end in 0, 1, 2 and so on.",
            HelpName = "NAMES",
        };
        var verb = new Verb(
            "submit",
            "Writes the competition's file and checks it against its sample: the same ids, in the same order, grades on the scale.",
            "gradus submit predictions.csv --sample sample_submission.csv --out submission.csv",
            "gradus submit predictions.csv --sample sample_submission.csv --missing 0")
        {
            predictions, sample, file, value, column, missing, classes,
        };
        verb.Does((parse, session) =>
        {
            string target = parse.GetRequiredValue(file);
            (string given, string wanted) = (parse.GetRequiredValue(predictions), parse.GetRequiredValue(sample));
            bool named = parse.IsGiven(column);
            var options = new SubmissionOptions
            {
                Value = parse.GetValue(value),
                Column = parse.GetRequiredValue(column),
                Missing = parse.GetValue(missing),
                Classes = parse.GetValue(classes) is { } names ? [.. names.Split(',', StringSplitOptions.TrimEntries)] : [],
            };
            return () => Run(session, given, wanted, target, options, named);
        });
        return verb;
    }

    private static int Run(
        Session session, string predictions, string sample, string target, SubmissionOptions options, bool named)
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
        Print(session, Submission.Write(predictions, sample, target, options), options, target);
        return 0;
    }

    private static void Print(Session session, SubmissionResult result, SubmissionOptions options, string target)
    {
        if (result.Missing.Length > 0)
        {
            session.Output.Line($"Warning: {result.Missing.Length} of the sample's ids had no prediction and were " +
                $"given the grade {options.Missing} (--missing): " +
                $"{Submission.Some(result.Missing)}.");
        }
        else if (options.Missing is not null)
        {
            session.Output.Line("Every id of the sample has a prediction; --missing changed nothing.");
        }
        foreach ((string id, ImmutableArray<long> lines) in result.Repeated.Take(5))
            session.Output.Line($"'{id}' stands in the sample on lines {string.Join(", ", lines)}: each of these " +
                "rows has the same value.");
        if (result.Repeated.Length > 5)
            session.Output.Line($"{result.Repeated.Length} ids in all stand in the sample more than once.");
        session.Output.Line($"{result.Rows} rows of {string.Join(',', result.Header)}, in the sample's order: " +
            $"{target}");
        string? columns = result.Value switch
        {
            SubmissionValue.Probabilities =>
                "The columns hold the probability of each grade; --value onehot writes 1 for the grade and 0 for " +
                "the others.",
            SubmissionValue.OneHot =>
                "The columns hold 1 for the grade and 0 for the others; --value probabilities writes the " +
                "probability of each.",
            _ => null,
        };
        if (columns is not null)
            session.Output.Line(columns);
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                submission = Path.GetFullPath(target),
                rows = result.Rows,
                columns = result.Header,
                value = result.Value,
                missing = new { grade = options.Missing, count = result.Missing.Length, ids = result.Missing },
                repeated = result.Repeated.Select(r => new { id = r.Id, lines = r.Lines }),
            });
        }
    }
}
