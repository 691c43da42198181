using System.CommandLine;
using Gradus.Experiments;
using Gradus.Predictions;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class EvaluateCommand
{
    public static Verb Create()
    {
        Argument<string?> first = new("CHECKPOINT|A") { Description = "A checkpoint of a run; or a CSV of predictions, to be compared with another.", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> second = new("EXPERIMENT|B") { Description = "The experiment file (.yaml) with the images; or the other CSV, for the same images.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> predictions = new("--predictions") { Description = "A CSV of predictions from whatever model: true grades, and predicted grades, scores or probabilities p0, p1 and so on.", HelpName = "FILE" };
        Option<string?> grades = new("--grades") { Description = "A CSV with ids and true grades, where the predictions have none.", HelpName = "FILE" };
        Option<string?> id = new("--id") { Description = "The column of the ids.", HelpName = "COLUMN" };
        Option<string?> grade = new("--grade") { Description = "The column of the true grades: whole numbers from 0, or with --scale names.", HelpName = "COLUMN" };
        Option<string?> prediction = new("--prediction") { Description = "The column of the predicted grades; without one they come from the probabilities or the scores.", HelpName = "COLUMN" };
        Option<string?> score = new("--score") { Description = "The column of the scores.", HelpName = "COLUMN" };
        Option<string?> group = new("--group") { Description = "The column of what images belong together by, such as the patient: intervals then draw whole groups.", HelpName = "COLUMN" };
        Option<string?> scale = ScaleOption.Create();
        Option<string?> plots = new("--plots") { Description = "Draw the confusion matrix, and the reliability of probabilities, into this folder.", HelpName = "DIR" };
        Option<long?> seed = new("--seed") { Description = "Fixes the resamples behind the intervals; 0 where nothing is said. A checkpoint takes the experiment's.", HelpName = "N" };
        Option<EvaluationSet?> on = new("--on") { Description = "Which images a checkpoint is measured on: test where they have grades, else validation." };
        Option<string?> device = SharedOptions.Device();
        Option[] ofPredictions = [grades, id, grade, prediction, score, group, scale, seed];
        Option[] ofCheckpoints = [on, device];
        var verb = new Verb(
            "evaluate",
            "Measures a checkpoint on labelled images, or predictions from whatever model; compares two sets of predictions. Every figure has its 95 % interval.",
            "gradus evaluate runs/24-11_resnet18/checkpoints/epoch-020.safetensors experiments/retinamnist_resnet18.yaml --on test",
            "gradus evaluate --predictions predictions.csv --grades test_labels.csv --plots plots",
            "gradus evaluate ours.csv theirs.csv --grades test_labels.csv --group patient")
        {
            first, second, predictions, grades, id, grade, prediction, score, group, scale, plots, seed, on, device,
        };
        verb.Does((parse, session) =>
        {
            (string? a, string? b, string? one) = (parse.GetValue(first), parse.GetValue(second), parse.GetValue(predictions));
            string? folder = parse.GetValue(plots);
            if (Asked(a, b, one) == Subject.Checkpoint)
            {
                // The experiment says which column holds the patients, and its scale.
                parse.Refuse("files of predictions (.csv), not to a checkpoint", ofPredictions);
                (EvaluationSet? set, string? where) = (parse.GetValue(on), parse.GetValue(device));
                return () => EvaluateCheckpoint.Run(session, a!, ExperimentFile.Read(b!, Zoo.Names), set, where, folder);
            }
            parse.Refuse("a checkpoint and an experiment, not to files of predictions", ofCheckpoints);
            var columns = new PredictionColumns
            {
                Id = parse.GetValue(id),
                Grade = parse.GetValue(grade),
                Prediction = parse.GetValue(prediction),
                Score = parse.GetValue(score),
                Group = parse.GetValue(group),
            };
            (string? names, string? truth, long fixes) = (parse.GetValue(scale), parse.GetValue(grades), parse.GetValue(seed) ?? 0);
            return () =>
            {
                var evaluate = new EvaluatePredictions(columns with { Scale = ScaleOption.Read(names) }, truth, folder, fixes);
                return one is not null ? evaluate.One(session, one) : evaluate.Two(session, a!, b!);
            };
        });
        return verb;
    }

    private static Subject Asked(string? a, string? b, string? one)
    {
        const string Ways = "Write evaluate CHECKPOINT EXPERIMENT, evaluate --predictions FILE, or evaluate A.csv B.csv";
        if (one is not null)
            return a is null ? Subject.Predictions : throw new GradusException("--predictions takes its one file alone", found: $"'{a}' beside it", remedy: "To compare two files, write evaluate A.csv B.csv", fault: Fault.Request);
        if (a is null)
            throw new GradusException("evaluate needs something to measure", remedy: Ways, fault: Fault.Request);
        if (b is null)
            throw new GradusException(IsTable(a) ? "one file of predictions is given with --predictions" : "evaluate needs an experiment beside the checkpoint", a, remedy: IsTable(a) ? $"Write evaluate --predictions {a}" : Ways, fault: Fault.Request);
        return (IsTable(a), IsTable(b)) switch
        {
            (true, true) => Subject.Predictions,
            (false, false) => Subject.Checkpoint,
            (true, false) => throw new GradusException("is no CSV, so it cannot be compared with predictions", b, remedy: Ways, fault: Fault.Request),
            (false, true) => throw new GradusException("a checkpoint is evaluated on an experiment (.yaml), not on a CSV", b, remedy: Ways, fault: Fault.Request),
        };
    }

    // A name that says nothing is decided by the file: experiments and checkpoints always have their extension.
    private static bool IsTable(string path) => Path.GetExtension(path).ToLowerInvariant() is not (".yaml" or ".yml" or ".safetensors" or ".json" or ".pth" or ".pt" or ".ckpt");

    private enum Subject
    {
        Checkpoint,
        Predictions,
    }
}
