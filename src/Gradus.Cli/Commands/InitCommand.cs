using System.CommandLine;
using Gradus.Experiments;

namespace Gradus.Cli.Commands;

internal static class InitCommand
{
    public static Verb Create()
    {
        Option<string?> labels = new("--labels") { Description = "A CSV with a row an image; goes with --images.", HelpName = "CSV" };
        Option<string?> images = new("--images") { Description = "The folder of the CSV's images.", HelpName = "DIR" };
        Option<string?> id = new("--id") { Description = "The CSV's id column, where it is not the obvious one.", HelpName = "COLUMN" };
        Option<string?> grade = new("--grade") { Description = "The CSV's grade column, where it is not the obvious one.", HelpName = "COLUMN" };
        Option<string?> folder = new("--folder") { Description = "A folder that holds a folder of images a grade.", HelpName = "DIR" };
        Option<string?> npz = new("--npz") { Description = "A MedMNIST archive.", HelpName = "FILE" };
        Option<string> target = new("--out") { Description = "Where to write the experiment.", HelpName = "FILE", DefaultValueFactory = _ => "experiment.yaml" };
        Option<bool> force = new("--force") { Description = "Write over a file that is there." };
        var verb = new Verb(
            "init",
            "Writes a first experiment for the data that you have, with every key explained.",
            "gradus init --labels train.csv --images train",
            "gradus init --folder patches",
            "gradus init --npz retinamnist.npz")
        {
            labels, images, id, grade, folder, npz, target, force,
        };
        verb.Does((parse, session) =>
        {
            string file = parse.GetRequiredValue(target);
            if (File.Exists(file) && !parse.GetValue(force))
                throw new GradusException("is there already", file, remedy: "Choose another name with --out, or write over it with --force", fault: Fault.Request);
            string home = Path.GetDirectoryName(Path.GetFullPath(file))!;
            ExperimentTemplate template = (parse.GetValue(labels), parse.GetValue(images), parse.GetValue(folder), parse.GetValue(npz)) switch
            {
                ({ } csv, { } dir, null, null) => ExperimentTemplate.FromCsv(csv, dir, home, parse.GetValue(id), parse.GetValue(grade)),
                (null, null, { } dir, null) => ExperimentTemplate.FromFolder(dir, home),
                (null, null, null, { } archive) => ExperimentTemplate.FromNpz(archive, home),
                _ => throw new GradusException("init needs the data in one of three forms", remedy: "Give --labels with --images, or --folder, or --npz", fault: Fault.Request),
            };
            AtomicFile.WriteText(file, template.Text);
            foreach (string note in template.Notes)
                session.Output.Line(note);
            session.Output.Line($"Experiment: {file}. Look it over, then: gradus audit {file}");
            if (session.Output.Json)
                session.Output.Document(new { experiment = Path.GetFullPath(file), notes = template.Notes });
            return 0;
        });
        return verb;
    }
}
