using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Predictions;
using Gradus.Splitting;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class SubsetCommand
{
    private const double Tolerance = 0.01; // of shares with two digits

    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<string?> distribution = new("--distribution") { Description = "The share of each grade, with commas; they add up to 1.", HelpName = "P,P,…" };
        Option<string?> like = new("--like") { Description = "Instead: the shares of the grades in a file of predictions, those of the test set for example.", HelpName = "predictions.csv" };
        Option<int?> count = new("--count") { Description = "Images wanted; by default as many as the experiment's fold has for validation.", HelpName = "N" };
        Option<int?> fold = new("--fold") { Description = "The fold whose training images are chosen from, in place of the experiment's.", HelpName = "N" };
        Option<string> target = new("--out") { Description = "The list to write: id,source,hash,grade. An earlier list of that name is replaced.", HelpName = "FILE", Required = true };
        var verb = new Verb(
            "subset",
            "Chooses a validation set with a wanted distribution from the training fold, identical images, near duplicates and named groups together. The experiment then uses it with split: { validation: FILE }.",
            "gradus subset experiment.yaml --distribution 0.2,0.1,0.4,0.2,0.1 --count 100 --out subset.csv",
            "gradus subset experiment.yaml --like predictions.csv --out subset.csv")
        {
            file, distribution, like, count, fold, target,
        };
        verb.Does((parse, session) =>
        {
            (string named, string list) = (parse.GetRequiredValue(file), parse.GetRequiredValue(target));
            (int? chosen, int? images) = (parse.GetValue(fold), parse.GetValue(count));
            (string? stated, string? similar) = (parse.GetValue(distribution), parse.GetValue(like));
            if (images is < 1 and var few)
                throw new GradusException("--count is at least 1", found: $"{few}", fault: Fault.Request);
            return () =>
            {
                Experiment experiment = ExperimentFile.Read(named, Zoo.Names);
                if (chosen is { } f)
                    experiment = experiment with { Split = OfFold(experiment, f) };
                return Run(session, experiment, Shares(stated, similar, experiment.Scale), images, list);
            };
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment, ImmutableArray<double> shares, int? count, string target)
    {
        SharedOptions.KeepOthers(target, ValidationListFile.Header);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        DataPartition partition = DataPartition.Create(experiment, audit);
        ValidationSubset subset = ValidationSubset.Choose(partition, audit, shares, count ?? partition.Validation.Count, experiment.Train.Seed);
        foreach ((string name, int k) in experiment.Scale.Names.Select((name, k) => (name, k)))
        {
            if (subset.Available[k] > 0 && subset.Achieved[k] == subset.Available[k])
                throw new GradusException($"no image of grade {k} {name} would be left to train on", found: $"{subset.Wanted[k]} wanted to validate, {subset.Available[k]} there", remedy: "Ask for fewer images with --count, or for a smaller share of it", fault: Fault.Request);
        }
        ValidationListFile.Write(target, subset.Records);

        session.Output.Heading($"{subset.Records.Length} of {subset.Available.Sum()} training images would validate");
        session.Output.Table(
            ["grade", "share", "wanted", "chosen", "of", "left to train"],
            experiment.Scale.Names.Select((name, k) => (string[])[
                $"{k} {name}", (shares[k] / shares.Sum()).ToString("0.0%", CultureInfo.InvariantCulture), $"{subset.Wanted[k]}", $"{subset.Achieved[k]}", $"{subset.Available[k]}", $"{subset.Available[k] - subset.Achieved[k]}"]),
            numbers: true);
        foreach ((string name, int k) in experiment.Scale.Names.Select((name, k) => (name, k)))
        {
            if (subset.Achieved[k] < subset.Wanted[k])
                session.Output.Note($"Grade {k} {name} ran out: {subset.Achieved[k]} of {subset.Wanted[k]}{(subset.Achieved[k] < subset.Available[k] ? ", as groups stay whole" : "")}. Ask for fewer images with --count, or for a smaller share of it.");
            if (shares[k] > 0 && subset.Wanted[k] == 0)
                session.Output.Note($"Grade {k} {name} has a share, and of so few images it rounds to none. Ask for more with --count.");
        }
        session.Output.Line($"List: {target}; the experiment uses it with split: {{ validation: {target} }}, and trains on all other main images, those of the fold among them.");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                list = Path.GetFullPath(target),
                wanted = subset.Wanted,
                achieved = subset.Achieved,
                available = subset.Available,
                images = subset.Records.Select(r => new { id = r.Id.Value, source = r.Source, grade = r.Grade }),
            });
        }
        return 0;
    }

    private static SplitSpec OfFold(Experiment experiment, int fold)
    {
        SplitSpec split = experiment.Split ?? throw new GradusException("--fold has no meaning where the validation images are given", remedy: "Leave --fold out", fault: Fault.Request);
        return fold >= 0 && fold < split.Folds ? split with { Fold = fold } : throw new GradusException($"--fold is 0 to {split.Folds - 1}", found: $"{fold}", fault: Fault.Request);
    }

    private static ImmutableArray<double> Shares(string? distribution, string? like, GradeScale scale)
    {
        if (distribution is null == like is null)
            throw new GradusException("a subset needs one distribution", found: like is null ? "neither --distribution nor --like" : "--distribution and --like", remedy: "Give one of the two", fault: Fault.Request);
        if (like is not null)
        {
            ImmutableArray<ImagePrediction> predictions = PredictionFile.Read(like);
            if (predictions.Length == 0 || predictions.Any(p => p.Grade >= scale.Count))
                throw new GradusException($"has no predictions of {scale.Count} grades", like, predictions.Length == 0 ? "no row" : $"grade {predictions.Max(p => p.Grade)}", "Give predictions of this experiment", Fault.Request);
            return [.. scale.Names.Select((_, k) => (double)predictions.Count(p => p.Grade == k) / predictions.Length)];
        }
        double[] shares = [.. distribution!.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is >= 0 and <= 1
            ? share
            : throw new GradusException("--distribution is shares from 0 to 1, separated by commas", found: $"'{part}'", remedy: "Write for example --distribution 0.5,0.1,0.2,0.1,0.1", fault: Fault.Request))];
        if (shares.Length != scale.Count)
            throw new GradusException($"--distribution has a share for each of the {scale.Count} grades", found: $"{shares.Length}", remedy: $"Write one for each of {string.Join(", ", scale.Names)}, 0 among them", fault: Fault.Request);
        return Math.Abs(shares.Sum() - 1) <= Tolerance ? [.. shares] : throw new GradusException("the shares of --distribution add up to 1", found: shares.Sum().ToString("0.###", CultureInfo.InvariantCulture), remedy: "Correct them", fault: Fault.Request);
    }
}
