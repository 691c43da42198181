using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Mistakes;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Explanation;

namespace Gradus.Cli.Commands;

internal static class ExplainCommand
{
    private const string PageStart = "<!doctype html>";

    public static Verb Create()
    {
        Argument<string> what = new("CHECKPOINT") { Description = "A checkpoint; with --mistakes a run." };
        Argument<string[]> images = new("IMAGES") { Description = "Image files, folders, or FILE.npz#SPLIT.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> folder = new("--out") { Description = "The folder for the pictures and the page; left out, explain, and with --mistakes explain in the run's folder.", HelpName = "DIR" };
        Option<string> method = new("--method") { Description = "gradcam or gradcam++.", HelpName = "METHOD", DefaultValueFactory = _ => "gradcam" };
        Option<string> of = new("--of") { Description = "Whose origin is shown: score (what speaks for a higher grade), grade (the predicted one), grade:K, or output:K.", HelpName = "WHAT", DefaultValueFactory = _ => "score" };
        Option<bool> mistakes = new("--mistakes") { Description = "Explain the validation images of a run that it is most wrong about, the worst first." };
        Option<int> count = new("--count") { Description = "With --mistakes: how many.", HelpName = "N", DefaultValueFactory = _ => 24 };
        Option<bool> check = new("--check") { Description = "Draw nothing; compare the maps with those of the same network with its weights in disorder." };
        Option<string?> device = SharedOptions.Device();
        var verb = new Verb(
            "explain",
            "Shows where in an image the answer came from: Grad-CAM heat maps over the photographs, with the probabilities of the grades.",
            "gradus explain runs/24-11_resnet18_f0/checkpoints/epoch-012.safetensors test/ --out explain",
            "gradus explain 24-11_resnet18_f0 --mistakes --count 24",
            "gradus explain runs/24-11_resnet18_f0/checkpoints/epoch-012.safetensors test/ --check")
        {
            what, images, folder, method, of, mistakes, count, check, device,
        };
        verb.Does((parse, session) =>
        {
            (bool ofRun, bool onlyCheck) = (parse.GetValue(mistakes), parse.GetValue(check));
            if (!ofRun)
                parse.Refuse("--mistakes, whose images it counts", count);
            if (onlyCheck)
                parse.Refuse("the form that draws, and --check draws nothing", folder);
            var request = new Request(
                parse.GetRequiredValue(what),
                parse.GetValue(images) ?? [],
                onlyCheck ? null : parse.GetValue(folder),
                Method(parse.GetRequiredValue(method)),
                parse.GetRequiredValue(of),
                ofRun,
                ofRun ? parse.GetValue(count) : 1,
                onlyCheck,
                parse.GetValue(device) ?? "auto");
            return () => Run(session, request);
        });
        return verb;
    }

    private static CamMethod Method(string word) => word switch
    {
        "gradcam" => CamMethod.GradCam,
        "gradcam++" => CamMethod.GradCamPlusPlus,
        _ => throw new GradusException("--method is gradcam or gradcam++", found: $"'{word}'", fault: Fault.Request),
    };

    private static int Run(Session session, Request request)
    {
        if (request.Mistakes ? request.Images.Length > 0 : request.Images.Length == 0)
            throw new GradusException(request.Mistakes ? "--mistakes takes its images from the run" : "there are no images to explain", remedy: request.Mistakes ? "Leave the images out" : "Name files or folders, or use --mistakes with a run", fault: Fault.Request);
        if (request.Count < 1)
            throw new GradusException("--count is at least 1", found: $"{request.Count}", fault: Fault.Request);
        RunFolder? run = request.Mistakes ? session.Run(request.What) : null;
        ImmutableArray<Mistake> worst = run is null ? [] : [.. MistakesCommand.Rank(session, [run], request.Device).Take(request.Count)];
        IReadOnlyList<(ImageId Id, ImageLocation Location)> list = run is null ? ImageList.Find(request.Images) : [.. worst.Select(m => (m.Image.Id, m.Image.Location))];
        SharedOptions.NotePassedOver(session, run is null ? ImageList.PassedOver(request.Images) : []);
        using Checkpoint checkpoint = Checkpoint.Load(run is null ? request.What : OutOfFold.BestCheckpoint(run), session.Device(request.Device));
        CamScalar of = CamScalar.Parse(request.Of, checkpoint.Info.Target, checkpoint.Info.Scale);
        // Beside a run's own files the dashboard finds them.
        string folder = request.Folder ?? (run is null ? ExplainedImages.FolderName : Path.Combine(run.Root, ExplainedImages.FolderName));
        return request.Check ? Check(session, checkpoint, list, request.Method, of) : Draw(session, checkpoint, list, worst, folder, request, of);
    }

    private static int Draw(Session session, Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> list, ImmutableArray<Mistake> worst, string folder, Request request, CamScalar of)
    {
        CheckpointInfo info = checkpoint.Info;
        string name = request.Mistakes ? "mistakes" : "explain", page = Path.Combine(folder, $"{name}.html"), sheet = Path.Combine(folder, "mistakes.png");
        SharedOptions.KeepOthers(page, PageStart);
        string[] files = [.. list.Select((image, i) => Path.Combine(folder, $"{(request.Mistakes ? $"{i + 1:000}-" : "")}{FileName(image.Id)}.png"))];
        if (files.GroupBy(f => f, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("two images would be drawn into one file", twice.Key, remedy: "Explain them one after the other", fault: Fault.Request);
        foreach (string file in files.Concat(request.Mistakes ? files.Select(Overlay) : []).Append(sheet))
        {
            SharedOptions.KeepInputs(file, list.Select(i => i.Location).OfType<FileLocation>().Select(l => l.Path));
            SharedOptions.CheckPicture(file, "--out");
        }

        ExplanationSet set = session.During(progress => Explainer.Explain(checkpoint, list, request.Method, of, progress, session.Cancel));
        if (set.Images.IsEmpty)
            throw new GradusException("none of the images can be read, so nothing was explained", found: set.Failed[0].Problem);
        Dictionary<ImageLocation, Mistake> known = worst.ToDictionary(m => m.Image.Location);
        ImageExplanation[] explained = [.. set.Images.Select(e => e with { Truth = known.GetValueOrDefault(e.Location)?.Image.Grade })];
        Dictionary<ImageLocation, string> fileOf = list.Zip(files).ToDictionary(p => p.First.Location, p => p.Second);
        foreach (ImageExplanation e in explained)
            ExplanationCard.Write(fileOf[e.Location], e, info.Scale);
        if (request.Mistakes)
            WriteOverlays(folder, explained, known, fileOf, request, info.Epoch);
        string title = request.Mistakes ? $"What {info.Run} is most wrong about" : $"How {info.Run} sees {(explained.Length == 1 ? "an image" : $"{explained.Length} images")}";
        string note = $"{(request.Method == CamMethod.GradCam ? "Grad-CAM" : "Grad-CAM++")} of {of}, epoch {info.Epoch}, tuned thresholds{(request.Mistakes ? "; validation images by the distance of the score from the label, the worst first" : "")}.";
        ExplanationGallery.WritePage(page, title, note, explained, info.Scale);
        if (request.Mistakes)
            ExplanationGallery.WriteSheet(sheet, title, note, explained, info.Scale);

        session.Output.Line($"{explained.Length} image{(explained.Length == 1 ? "" : "s")} explained ({note.TrimEnd('.')}).");
        session.Output.Line($"Page: {page}");
        if (request.Mistakes)
            session.Output.Line($"Sheet: {sheet}");
        foreach (ImageExplanation e in explained.Where(e => e.Map.Peak == 0).Take(8))
            session.Output.Note($"look at {e.Id}: no place speaks for {of}");
        foreach ((_, string problem) in set.Failed)
            session.Output.Note($"left out: {problem}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                page = Path.GetFullPath(page),
                sheet = request.Mistakes ? Path.GetFullPath(sheet) : null,
                images = explained.Select(e => new
                {
                    id = e.Id.Value,
                    grade = e.Grade,
                    score = e.Score,
                    truth = e.Truth,
                    map = new { height = e.Map.Height, width = e.Map.Width, centre = e.Map.Centre is var (x, y) ? new { x, y } : null },
                    file = Path.GetFullPath(fileOf[e.Location]),
                }),
                failed = set.Failed.Select(f => new { id = f.Id.Value, problem = f.Problem }),
            });
        }
        return set.Failed.IsEmpty ? 0 : 1;
    }

    /// <summary>The photographs with their maps alone, and the list by which the dashboard finds them.</summary>
    private static void WriteOverlays(string folder, ImageExplanation[] explained, Dictionary<ImageLocation, Mistake> known, Dictionary<ImageLocation, string> fileOf, Request request, int epoch)
    {
        var images = ImmutableArray.CreateBuilder<ExplainedImage>(explained.Length);
        foreach (ImageExplanation e in explained)
        {
            string file = Overlay(fileOf[e.Location]);
            HeatOverlay.Write(file, e);
            images.Add(new ExplainedImage(e.Id, known[e.Location].Image.Source, Path.GetFileName(file)));
        }
        new ExplainedImages(request.Method == CamMethod.GradCam ? "gradcam" : "gradcam++", request.Of, epoch, images.ToImmutable()).Write(folder);
    }

    private static int Check(Session session, Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> list, CamMethod method, CamScalar of)
    {
        SanityReport report = Compare(of);
        if (report.MapsDependOnTheModel is null && of is ScoreScalar)
        {
            // Disorder keeps the sum of the head's weights: where that is negative no place ever speaks for a higher score.
            of = CamScalar.Parse("grade", checkpoint.Info.Target, checkpoint.Info.Scale);
            session.Output.Line("In disorder no place speaks for a higher score, so the maps of the predicted grade are compared.");
            report = Compare(of);
        }
        session.Output.Heading($"Maps of {report.Images} images against those of the same network with weights in disorder");
        session.Output.Table(
            ["in disorder", "rank correlation of the maps", "pairs of maps"],
            report.Correlations.Select(c => (string[])[Words(c.Stage), c.Correlation?.ToString("0.00", CultureInfo.InvariantCulture) ?? "no map", $"{c.Pairs}"]),
            numbers: true);
        session.Output.Line(report.MapsDependOnTheModel switch
        {
            true => "The maps depend on the model: with its weights in disorder they are others.",
            false => "The maps do NOT depend on the model enough to explain it: with all its weights in disorder they look much the same.",
            null => "Whether the maps depend on the model cannot be told: with all its weights in disorder there are too few maps to compare. Try more images, or --of grade.",
        });
        if (session.Output.Json)
            session.Output.Document(new { images = report.Images, dependOnTheModel = report.MapsDependOnTheModel, limit = SanityReport.Limit, of = of.ToString(), correlations = report.Correlations.Select(c => new { disorder = c.Stage, pairs = c.Pairs, correlation = c.Correlation }) });
        return 0;

        SanityReport Compare(CamScalar what) => session.During(progress => SanityCheck.Run(checkpoint, list, method, what, seed: 0, progress, session.Cancel));
    }

    private static string Words(Disorder stage) => stage switch
    {
        Disorder.Head => "head",
        Disorder.LastThird => "head and last third of the backbone",
        _ => "everything",
    };

    private static string Overlay(string card) => Path.ChangeExtension(card, ".map.png");

    // Ids may hold what a file's name must not.
    private static string FileName(ImageId id) => string.Concat(id.Value.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    private sealed record Request(string What, string[] Images, string? Folder, CamMethod Method, string Of, bool Mistakes, int Count, bool Check, string Device);
}
