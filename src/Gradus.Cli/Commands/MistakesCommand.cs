using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Mistakes;
using Gradus.Runs;
using Gradus.Torch.Explanation;

namespace Gradus.Cli.Commands;

internal static class MistakesCommand
{
    private const int Shown = 10;

    public static Verb Create()
    {
        Argument<string[]> runs = new("RUN") { Description = "One run, runs of several folds, or a group of train --fold all; folders, or names in the folder of runs.", Arity = ArgumentArity.OneOrMore };
        Option<string> file = new("--out") { Description = "The list.", HelpName = "FILE", DefaultValueFactory = _ => "mistakes.csv" };
        Option<int?> count = new("--count") { Description = "Keep only the worst; else all are listed.", HelpName = "N" };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "mistakes",
            "Lists images by how wrong runs are about them that were not trained on them, and names candidates for an error of the label: confident and wrong in every run that judged them.",
            "gradus mistakes 24-11_resnet18_f0 24-11_resnet18_f1 24-11_resnet18_f2 --out mistakes.csv",
            "gradus mistakes 24-11_resnet18_5-folds")
        {
            runs, file, count, device,
        };
        verb.Does((parse, session) =>
        {
            (string[] named, string list) = (parse.GetRequiredValue(runs), parse.GetRequiredValue(file));
            (int? most, string where) = (parse.GetValue(count), parse.GetValue(device) ?? "auto");
            return () => Run(session, named, list, most, where);
        });
        return verb;
    }

    /// <summary>The images that judged the runs, the most wrong first.</summary>
    public static ImmutableArray<Mistake> Rank(Session session, IReadOnlyList<RunFolder> runs, string device)
    {
        if (runs.GroupBy(r => r.Root, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("the run is named twice", twice.Key, fault: Fault.Request);
        var audits = new Dictionary<string, AuditReport>(StringComparer.Ordinal);
        var judgements = new List<Judgement>();
        TorchSharp.torch.Device on = session.Device(device);
        Experiment first = runs[0].ReadInfo().Experiment;
        foreach (RunFolder run in runs)
        {
            Experiment experiment = run.ReadInfo().Experiment;
            if (!experiment.Scale.Names.SequenceEqual(first.Scale.Names))
                throw new GradusException("has another scale than the first run", run.Root, $"[{string.Join(", ", experiment.Scale.Names)}]", "Compare runs on one scale", Fault.Request);
            AuditReport audit = session.During(progress => OutOfFold.Audit(experiment, audits, progress, session.Cancel));
            ImmutableArray<ImageRecord> images = OutOfFold.Images(run, audit);
            judgements.AddRange(session.During(progress => OutOfFold.Judge(run, images, on, progress, session.Cancel)));
        }
        return MistakeRanking.Rank(judgements);
    }

    private static int Run(Session session, string[] names, string file, int? count, string device)
    {
        SharedOptions.KeepOthers(file, MistakeFile.Header);
        KeepDecisions(file);
        if (count is < 1)
            throw new GradusException("--count is at least 1", found: $"{count}", fault: Fault.Request);
        RunFolder[] runs = [.. names.SelectMany(session.RunsOf)];
        ImmutableArray<Mistake> all = Rank(session, runs, device), kept = count is { } n ? [.. all.Take(n)] : all;
        MistakeFile.Write(file, kept);
        IReadOnlyList<string> grades = runs[0].ReadInfo().Experiment.Scale.Names;
        int candidates = kept.Count(m => m.IsCandidate);

        session.Output.Heading($"{all.Length} images judged out of fold by {(runs.Length == 1 ? "one run" : $"{runs.Length} runs")}");
        session.Output.Table(
            ["image", "labelled", "predicted", "score", "error", "confidence", "runs", "label error?"],
            kept.Take(Shown).Select(m => (string[])[
                m.Image.Id.Value, $"{m.Image.Grade} {grades[m.Image.Grade!.Value]}", $"{m.Predicted} {grades[m.Predicted]}",
                Number(m.Score), Number(m.Error), m.Confidence is { } p ? Number(p) : "", $"{m.Runs}", m.IsCandidate ? "candidate" : ""]));
        session.Output.Line($"{kept.Length} images, {candidates} of them candidates for an error of the label: {file}");
        session.Output.Line("A candidate is wrong in every run that judged it, with a probability of at least 0.5 that nine in ten of the run's right predictions of that grade reach.");
        if (candidates > 0 && kept.Where(m => m.IsCandidate).All(m => m.Runs == 1))
            session.Output.Line("Each of them was judged by one run alone, which may just be a weak one.");
        session.Output.Line("Look at them (gradus explain RUN --mistakes) before you fill in the column decision; a model can be confident and wrong.");
        if (session.Output.Json)
            session.Output.Document(new { mistakes = Path.GetFullPath(file), images = all.Length, listed = kept.Length, candidates = kept.Where(m => m.IsCandidate).Select(m => m.Image.Id.Value), runs = runs.Select(r => r.Name) });
        return 0;
    }

    /// <summary>A list in which a person has decided something is not written over.</summary>
    private static void KeepDecisions(string file)
    {
        if (File.Exists(file) && MistakeFile.Decided(file) is > 0 and var decided)
            throw new GradusException($"holds {decided} decision{(decided == 1 ? "" : "s")} that would be lost", file, remedy: "Choose another name with --out", fault: Fault.Request);
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
