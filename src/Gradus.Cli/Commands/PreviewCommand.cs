using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Previews;
using Gradus.Reports;
using Gradus.Splitting;
using Gradus.Torch;
using Gradus.Torch.Loading;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class PreviewCommand
{
    private const int Views = 3;

    public static Verb Create()
    {
        Argument<string> file = SharedOptions.Experiment();
        Option<bool> recipe = new("--recipe") { Description = "Images through the steps of the recipe, as a sheet and as figures." };
        Option<bool> augment = new("--augment") { Description = "Prepared images and augmented ones, as a sheet and as figures." };
        Option<bool> sampling = new("--sampling") { Description = "Which grades the first epochs would draw." };
        Option<int> epochs = new("--epochs") { Description = "Epochs to draw for --sampling; at most as many as the experiment has.", HelpName = "N", DefaultValueFactory = _ => 5 };
        Option<int> perClass = new("--per-class") { Description = "Images of each grade on a sheet, 1 to 20.", HelpName = "N", DefaultValueFactory = _ => 4 };
        Option<string?> target = new("--out") { Description = "The sheet of --recipe or --augment, of one of them (.png); preview-recipe.png or preview-augment.png in the current folder by default.", HelpName = "FILE" };
        var verb = new Verb(
            "preview",
            "Shows before any training what the recipe, the augmentation and the sampling do: sheets of images, the share of pixels that each step changes, its time, and the grades that would be drawn. All three where none is named.",
            "gradus preview experiment.yaml",
            "gradus preview experiment.yaml --augment --out augmented.png",
            "gradus preview experiment.yaml --sampling --epochs 10")
        {
            file, recipe, augment, sampling, epochs, perClass, target,
        };
        verb.Does((parse, session) =>
        {
            bool all = !parse.GetValue(recipe) && !parse.GetValue(augment) && !parse.GetValue(sampling);
            (bool steps, bool changes, bool draws) =
                (all || parse.GetValue(recipe), all || parse.GetValue(augment), all || parse.GetValue(sampling));
            if (!draws)
                parse.Refuse("--sampling, whose draws it counts", epochs);
            if (!steps && !changes)
                parse.Refuse("the sheets of --recipe and --augment", perClass);
            var wish = new Wish(
                steps,
                changes,
                draws,
                draws ? parse.GetValue(epochs) : 1,
                steps || changes ? parse.GetValue(perClass) : 1,
                parse.GetValue(target));
            wish.Check();
            string named = parse.GetRequiredValue(file);
            return () => Run(session, ExperimentFile.Read(named, Zoo.Names), wish);
        });
        return verb;
    }

    private static int Run(Session session, Experiment experiment, Wish wish)
    {
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        DataPartition partition = DataPartition.Create(experiment, audit);
        ImmutableArray<ImageRecord> sample = PreviewSample.Choose(partition.Training, wish.PerClass, experiment.Train.Seed);
        foreach (string sheet in wish.Sheets)
            SharedOptions.KeepInputs(sheet, audit.Readable.Select(r => r.Location).OfType<FileLocation>().Select(l => l.Path));
        object? recipe = wish.Recipe ? Recipe(session, experiment, sample, wish.RecipeSheet) : null;
        object? augment = wish.Augment ? Augment(session, experiment, sample, wish.AugmentSheet) : null;
        object? sampling = wish.Sampling ? Sampling(session, experiment, partition.Training, Math.Min(wish.Epochs, experiment.Train.Epochs)) : null;
        if (session.Output.Json)
            session.Output.Document(new { recipe, augment, sampling });
        return 0;
    }

    private static object Recipe(Session session, Experiment experiment, ImmutableArray<ImageRecord> sample, string sheet)
    {
        RecipePreview preview = session.During(progress => RecipePreview.Run(experiment.Recipe, sample, 2 * PreviewSheet.Side, progress, session.Cancel));
        PreviewSheet.WriteRecipe(sheet, preview, experiment.Recipe, experiment.Scale);
        session.Output.Heading($"Recipe, on {sample.Length} training images, one at a time");
        session.Output.Table(
            ["step", "changes", "gives", "ms an image", "of the time"],
            preview.Steps.Select(s => (string[])[s.Name, s.ChangedPixels is { } share ? PreviewSheet.Percent(share) : "", s.Size, Milliseconds(s.PerImage), PreviewSheet.Percent(s.ShareOfTime)]),
            numbers: true);
        foreach (RecipeStepSummary step in preview.Steps.Where(s => s.DidNothing))
            session.Output.Note($"Warning: {step.Name} changed no pixel of any of these images. Give it settings that do something, or take it out of the recipe.");
        session.Output.Line($"Sheet: {Path.GetFullPath(sheet)}");
        session.Output.Line();
        return new
        {
            images = sample.Length,
            sheet = Path.GetFullPath(sheet),
            steps = preview.Steps.Select(s => new { name = s.Name, changedPixels = s.ChangedPixels, didNothing = s.DidNothing, size = s.Size, millisecondsPerImage = s.PerImage.TotalMilliseconds, shareOfTime = s.ShareOfTime }),
        };
    }

    private static object Augment(Session session, Experiment experiment, ImmutableArray<ImageRecord> sample, string sheet)
    {
        if (experiment.Augment.Steps.IsEmpty)
        {
            session.Output.Line("The experiment has no augmentation: every epoch shows the prepared images as they are.");
            session.Output.Line();
            return new { images = sample.Length, sheet = (string?)null, steps = Array.Empty<object>() };
        }
        using ImageCache cache = ImageCache.Open(session.Cache, experiment.Recipe);
        PrepareReport filled = session.During(progress => cache.Fill(sample, progress, session.Cancel));
        if (filled.Failed.Length > 0)
            throw new GradusException("could be audited but not prepared", filled.Failed[0].Record.Location.ToString(), filled.Failed[0].Problem, "Run gradus audit and try again");
        var loader = new BatchLoader(cache, experiment.Recipe.Size, sample, Engine.DeviceOf("cpu"));
        using ByteBatch batch = loader.Load([.. Enumerable.Range(0, sample.Length)], sample.Length).Single();
        AugmentationPreview preview = AugmentationPreview.Run(experiment.Augment, batch.Pixels, experiment.Train.Seed, Views);
        AugmentedView[] views = [.. preview.Steps, .. preview.Together];
        PreviewSheet.WriteAugmentation(
            sheet,
            [.. sample.Select((record, i) => (record.Grade!.Value, record.Id.Value, Cells(i)))],
            $"each step alone, then all as epochs 1 to {Views} would show them{(experiment.Augment.Fill is { } fill ? $"  ·  fill {fill.ToString().ToLowerInvariant()}" : "")}",
            experiment.Scale);

        session.Output.Heading($"Augmentation, on a batch of {sample.Length} training images");
        session.Output.Table(
            ["step", "changes", "fill", "ms a batch"],
            preview.Steps.Append(preview.Together[0]).Select(v => (string[])[v.Name, PreviewSheet.Percent(v.Changed), PreviewSheet.Percent(v.Fill.Average()), Milliseconds(v.PerBatch)]),
            numbers: true);
        foreach (AugmentedView step in preview.Steps.Where(v => v.Changed == 0))
            session.Output.Note($"Warning: {step.Name} changed no pixel of any of these images, and gradus train would refuse it. Give it a range that does something, or take it out.");
        session.Output.Line($"Sheet: {Path.GetFullPath(sheet)}");
        session.Output.Line();
        return new
        {
            images = sample.Length,
            sheet = Path.GetFullPath(sheet),
            steps = preview.Steps.Select(Json),
            together = preview.Together.Select(Json),
        };

        IReadOnlyList<SheetCell> Cells(int i) =>
        [
            new SheetCell(preview.Prepared[i], ["prepared"]),
            .. views.Select(v => new SheetCell(v.Images[i], [v.Name, .. v.Fill[i] > 0 ? (string[])[$"{PreviewSheet.Percent(v.Fill[i])} fill"] : []])),
        ];

        object Json(AugmentedView view) => new
        {
            name = view.Name,
            changedPixels = view.Changed,
            fill = view.Fill.Average(),
            millisecondsPerImage = view.PerBatch.TotalMilliseconds / sample.Length,
            millisecondsPerBatch = view.PerBatch.TotalMilliseconds,
        };
    }

    private static object Sampling(Session session, Experiment experiment, TrainingSet training, int epochs)
    {
        SamplingPreview preview = SamplingPreview.Run(training, experiment.Scale, experiment.Sampling, experiment.Train.Seed, epochs);
        session.Output.Heading($"Sampling: {InWords.Of(experiment.Sampling)}");
        session.Output.Table(
            [preview.Spans.Any(s => s.Last > s.First.Epoch) ? "epochs" : "epoch", "grade", "images", "share", "expected", "drawn", "different", "most often"],
            preview.Spans.SelectMany(Rows),
            numbers: true);
        session.Output.Line($"Over these {epochs} epochs {preview.SeenAtAll.Sum()} of {preview.Available.Sum()} training images are shown.");
        foreach (string note in preview.Notes)
            session.Output.Note(note);
        return new { rule = InWords.Of(experiment.Sampling), available = preview.Available, seenAtAll = preview.SeenAtAll, epochs = preview.Epochs, notes = preview.Notes };

        IEnumerable<string[]> Rows(EpochSpan span) => experiment.Scale.Names.Select((name, k) => (string[])
        [
            $"{span}", $"{k} {name}", $"{preview.Available[k]}", PreviewSheet.Percent(span.First.Expected[k] / span.First.Expected.Sum()), span.First.Expected[k].ToString("0.#", CultureInfo.InvariantCulture),
            $"{span.First.Realised[k]}", $"{span.First.Distinct[k]}", $"{span.First.MostRepeated[k]}x",
        ]);
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>What is asked for.</summary>
    private sealed record Wish(bool Recipe, bool Augment, bool Sampling, int Epochs, int PerClass, string? Out)
    {
        public string RecipeSheet => Out ?? "preview-recipe.png";

        public string AugmentSheet => Out ?? "preview-augment.png";

        public IEnumerable<string> Sheets => [.. Recipe ? (string[])[RecipeSheet] : [], .. Augment ? (string[])[AugmentSheet] : []];

        public void Check()
        {
            if (Out is not null && Sheets.Count() != 1)
                throw new GradusException("--out names one sheet", found: Sheets.Any() ? "two sheets" : "no sheet", remedy: "Add --recipe or --augment", fault: Fault.Request);
            if (Epochs < 1)
                throw new GradusException("--epochs is at least 1", found: $"{Epochs}", fault: Fault.Request);
            if (PerClass is < 1 or > 20)
                throw new GradusException("--per-class is 1 to 20", found: $"{PerClass}", fault: Fault.Request);
            foreach (string sheet in Sheets)
                SharedOptions.CheckPicture(sheet, Out is null ? "a sheet" : "--out");
        }
    }
}
