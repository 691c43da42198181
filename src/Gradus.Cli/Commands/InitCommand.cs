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
            (string? csv, string? dir, string? tree, string? archive) = (parse.GetValue(labels), parse.GetValue(images), parse.GetValue(folder), parse.GetValue(npz));
            if ((csv is null) != (dir is null))
                throw new GradusException(csv is null ? "--images needs the CSV with the grades of its images" : "--labels needs the folder with its images", remedy: csv is null ? "Add --labels train.csv, or give a folder a grade with --folder" : "Add --images train", fault: Fault.Request);
            if (new[] { csv, tree, archive }.Count(v => v is not null) != 1)
                throw new GradusException("init needs the data in one of three forms", remedy: "Give --labels with --images, or --folder, or --npz", fault: Fault.Request);
            bool over = parse.GetValue(force);
            if (File.Exists(file) && !over)
                throw new GradusException("is there already", file, remedy: "Choose another name with --out, or write over it with --force", fault: Fault.Request);
            string home = Path.GetDirectoryName(Path.GetFullPath(file))!;
            if (csv is null)
                parse.Refuse("--labels, whose columns it names", id, grade);
            (string? idColumn, string? gradeColumn) = csv is null ? default : (parse.GetValue(id), parse.GetValue(grade));
            return () =>
            {
                ExperimentTemplate template = csv is not null ? ExperimentTemplate.FromCsv(csv, dir!, home, idColumn, gradeColumn)
                    : tree is not null ? ExperimentTemplate.FromFolder(tree, home)
                    : ExperimentTemplate.FromNpz(archive!, home);
                AtomicFile.WriteText(file, template.Text);
                foreach (string note in template.Notes)
                    session.Output.Line(note);
                session.Output.Line($"Experiment: {file}. Look it over, then: gradus audit {file}");
                if (session.Output.Json)
                    session.Output.Document(new { experiment = Path.GetFullPath(file), notes = template.Notes });
                return 0;
            };
        });
        return verb;
    }
}
