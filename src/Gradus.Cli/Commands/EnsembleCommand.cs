using System.CommandLine;
using Gradus.Ensembles;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class EnsembleCommand
{
    public static Verb Create()
    {
        Argument<string[]> members = new("MEMBER") { Description = "Groups that train --fold all made, runs or checkpoints; folders, files or names in the folder of runs.", Arity = ArgumentArity.OneOrMore };
        Option<string> method = new("--method") { Description = "mean, rank_mean, nnls (weights by non-negative least squares) or greedy (forward selection with replacement).", HelpName = "METHOD", DefaultValueFactory = _ => "mean" };
        Option<string[]> scores = new("--oof") { Description = "Out-of-fold scores, a file a member in their order; else the groups' own oof.csv, and runs score their validation images.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        Option<string> file = new("--out") { Description = "Where to write.", HelpName = "FILE", DefaultValueFactory = _ => "ensemble.json" };
        Option<long> seed = new("--seed") { Description = "Fixes the resamples of cut points and intervals.", HelpName = "N", DefaultValueFactory = _ => 0 };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "ensemble",
            "Combines models into one that gradus predict takes: weights and cut points are fitted on out-of-fold scores, never on a test set, and measured on folds that they were not fitted on.",
            "gradus ensemble 24-11_mobilenet_v2_5-folds 24-11_resnet18_5-folds --method nnls --out ensemble.json",
            "gradus predict ensemble.json test/ --out predictions.csv")
        {
            members, method, scores, file, seed, device,
        };
        verb.Does((parse, session) =>
        {
            string[] named = parse.GetRequiredValue(members), files = parse.GetValue(scores) ?? [];
            string output = parse.GetRequiredValue(file);
            (EnsembleMethod how, long fixes) = (Method(parse.GetRequiredValue(method)), parse.GetValue(seed));
            if (files.Length > 0)
                parse.Refuse("members that score their images, and --oof brings the scores", device);
            string where = (files.Length > 0 ? null : parse.GetValue(device)) ?? "auto";
            if (files.Length > 0 && files.Length != named.Length)
                throw new GradusException("--oof gives each member its file", found: $"{files.Length} files for {named.Length} members", fault: Fault.Request);
            if (!Answer.IsEnsemble(output))
                throw new GradusException("--out is a .json file, by which gradus predict knows an ensemble", output, remedy: $"Name it {Path.GetFileNameWithoutExtension(output)}.json", fault: Fault.Request);
            if (File.Exists(output))
                EnsembleFile.RequireEnsemble(output);
            return () => Run(session, named, files, output, how, fixes, where);
        });
        return verb;
    }

    private static int Run(
        Session session, string[] named, string[] files, string output, EnsembleMethod how, long seed, string device)
    {
        TorchSharp.torch.Device on = session.Device(device);
        var candidates = new List<EnsembleCandidate>();
        foreach ((int i, string name) in named.Index())
            candidates.Add(session.During(progress => EnsembleCandidate.Find(name, session.Runs, session.Cache, files.ElementAtOrDefault(i), on, progress, session.Cancel)));
        Check(candidates);
        EnsembleReport report = EnsembleReport.Create([.. candidates.Select(c => (c.Member.Name, c.Scores))], how, candidates[0].Scale, FoldTraining.Options(seed));
        EnsembleFile.Write(output, Ensemble.Create(candidates[0].Scale, candidates.Select(c => c.Member), report));
        session.Output.Heading($"{InWords(report.Combination.Method)} of {candidates.Count} member{(candidates.Count == 1 ? "" : "s")} on {report.Images} out-of-fold images, cross-fitted over {report.Folds} folds");
        EnsembleText.Figures(session.Output, [.. report.Members, report.Ensemble]);
        EnsembleText.Gradings(session.Output, report, candidates[0].Scale.Names);
        session.Output.Line($"Cut points  {EnsembleText.Cuts(report)}");
        session.Output.Line($"Ensemble    {output}");
        if (EnsembleText.Doubt(report) is { } doubt)
            session.Output.Line(doubt);
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                ensemble = Path.GetFullPath(output),
                method = report.Combination.Method,
                images = report.Images,
                folds = report.Folds,
                members = report.Members,
                figures = report.Ensemble,
                thresholds = report.Tuned.Points,
                @default = report.Ensemble.Gradings!.Default,
                tuned = report.Ensemble.Gradings.Tuned,
                crossFitted = report.Ensemble.Gradings.CrossFitted,
                warning = report.Effect.Warning(candidates[0].Scale.Names, "out-of-fold images"),
            });
        }
        return 0;
    }

    private static void Check(List<EnsembleCandidate> candidates)
    {
        foreach (EnsembleCandidate other in candidates.Skip(1))
        {
            if (!other.Scale.Names.SequenceEqual(candidates[0].Scale.Names))
                throw new GradusException($"has another scale than {candidates[0].Member.Name}", other.Member.Name, $"[{string.Join(", ", other.Scale.Names)}]", "Combine models of one scale", Fault.Request);
        }
        if (candidates.SelectMany(c => c.Member.Checkpoints).GroupBy(c => c.Sha256).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("a checkpoint is in the ensemble twice", twice.First().Path, remedy: "Name each model once; its weight is fitted", fault: Fault.Request);
    }

    private static EnsembleMethod Method(string word) => word.ToLowerInvariant() switch
    {
        "mean" => EnsembleMethod.Mean,
        "rank_mean" => EnsembleMethod.RankMean,
        "nnls" => EnsembleMethod.Nnls,
        "greedy" => EnsembleMethod.Greedy,
        _ => throw new GradusException("--method is mean, rank_mean, nnls or greedy", found: word, fault: Fault.Request),
    };

    private static string InWords(EnsembleMethod method) => method switch
    {
        EnsembleMethod.Mean => "Mean",
        EnsembleMethod.RankMean => "Mean of ranks",
        EnsembleMethod.Nnls => "Mean weighted by non-negative least squares",
        _ => "Mean weighted by greedy selection",
    };
}
