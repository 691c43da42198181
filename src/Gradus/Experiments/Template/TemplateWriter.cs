using System.Text;

namespace Gradus.Experiments.Template;

/// <summary>
/// Writes an experiment with every key explained, in the words of <see cref="ExperimentKeys"/>. A key behind a # shows what else
/// there is, with its default or an example.
/// </summary>
internal sealed class TemplateWriter
{
    private const int CommentColumn = 44;
    private const string PatternExample = "{ from: id, pattern: \"^(.+)_(left|right)$\" }";

    private readonly StringBuilder _text = new();
    private readonly string _home;

    private TemplateWriter(string home) => _home = Path.GetFullPath(home);

    public static ExperimentTemplate Write(DataGuess guess, string home)
    {
        var writer = new TemplateWriter(home);
        writer.Data(guess);
        writer.Pixels(guess);
        writer.Network(guess);
        return new ExperimentTemplate(writer._text.ToString(), guess.Notes);
    }

    private void Data(DataGuess guess)
    {
        _text.Append("# An experiment of Gradus. Every key is explained; what stands behind a # is not set.\n\n");
        Top("scale", $"[{string.Join(", ", guess.Scale.Select(YamlText.Quoted))}]");
        Top("sources", "");
        foreach (SourceSpec source in guess.Sources)
            Source(source);
        _text.Append("  # - { name: older, role: external, labels: older.csv, id: image, grade: level, images: older, match: main, take: 20000 }\n");
        if (guess.Test is not null)
        {
            Top("test", "");
            Test(guess.Test);
        }
        else
        {
            TopOff("test", "{ labels: test.csv, id: id, images: test, extension: .jpg }");
        }
        Top("conflicts", "quarantine");
    }

    private void Source(SourceSpec source)
    {
        (KeyBlock block, (string, string?)[] values) = source switch
        {
            CsvSource s => (ExperimentKeys.CsvSource, new (string, string?)[]
            {
                ("labels", Relative(s.Labels)), ("id", YamlText.Quoted(s.Id)), ("grade", Grade(s)),
                    ("images", Relative(s.Images)),
                ("extension", s.Extension is null ? null : YamlText.Quoted(s.Extension)), ("group", Group(s, s.Group)),
            }),
            FolderSource s =>
                (ExperimentKeys.FolderSource, [("folder", Relative(s.Folder)), ("group", Group(s, null))]),
            NpzSource s => (ExperimentKeys.NpzSource, [("npz", Relative(s.Npz)), ("split", s.Split)]),
            _ => throw new ArgumentOutOfRangeException(nameof(source)),
        };
        Line("  - ", block, "name", YamlText.Quoted(source.Name));
        Line("    ", block, "role", source.Role.ToString().ToLowerInvariant());
        foreach ((string key, string? value) in values)
            Maybe("    ", block, key, value, key == "extension" ? ".jpg" : source is FolderSource ? PatternExample
                : "patient");
        foreach (string key in new[] { "scale", "mapping", "use", "match", "take" })
            Padded($"    # {key}", block.Meaning(key));
    }

    private static string? Grade(CsvSource source) => source.OneHot is { } columns
        ? $"{{ one_hot: [{string.Join(", ", columns.Select(YamlText.Quoted))}] }}"
        : source.Grade is null ? null : YamlText.Quoted(source.Grade);

    private static string? Group(SourceSpec source, string? column) => source.GroupPattern is { } pattern
        ? $"{{ from: id, pattern: {YamlText.Quoted(pattern)} }}"
        : column is null ? null : YamlText.Quoted(column);

    private void Test(SourceSpec test)
    {
        switch (test)
        {
            case CsvSource s:
                Line("  ", ExperimentKeys.CsvTest, "name", YamlText.Quoted(s.Name));
                Line("  ", ExperimentKeys.CsvTest, "labels", Relative(s.Labels));
                Line("  ", ExperimentKeys.CsvTest, "id", YamlText.Quoted(s.Id));
                Maybe("  ", ExperimentKeys.CsvTest, "grade", Grade(s), "grade");
                Line("  ", ExperimentKeys.CsvTest, "images", Relative(s.Images));
                Maybe("  ", ExperimentKeys.CsvTest, "extension", s.Extension is null ? null : YamlText.Quoted(s.Extension), ".jpg");
                Maybe("  ", ExperimentKeys.CsvTest, "group", null, "patient");
                break;
            case FolderSource s:
                Line("  ", ExperimentKeys.FolderTest, "name", YamlText.Quoted(s.Name));
                Line("  ", ExperimentKeys.FolderTest, "folder", Relative(s.Folder));
                break;
            case NpzSource s:
                Line("  ", ExperimentKeys.NpzTest, "name", YamlText.Quoted(s.Name));
                Line("  ", ExperimentKeys.NpzTest, "npz", Relative(s.Npz));
                Line("  ", ExperimentKeys.NpzTest, "split", s.Split);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(test));
        }
    }

    private void Pixels(DataGuess guess)
    {
        bool black = guess.Images.BlackSurround;
        Top("recipe", "");
        Choice(ExperimentKeys.Recipe, "crop_retina", "{ tolerance: 10 }", on: black);
        Choice(ExperimentKeys.Recipe, "resize", $"{{ size: {guess.Images.Size}, fit: stretch }}", on: true);
        Choice(ExperimentKeys.Recipe, "gray", "{}");
        Choice(ExperimentKeys.Recipe, "ben_graham", "{ colour: true, mask: false }");
        Choice(ExperimentKeys.Recipe, "median", "{ size: 3 }");
        Choice(ExperimentKeys.Recipe, "clahe", "{ tiles: 8, slope: 3 }");
        Choice(ExperimentKeys.Recipe, "circle_mask", "{}");
        TopOff("normalise", "{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }");
        if (guess.Sources.Any(s => s.Role == SourceRole.Validation))
        {
            TopOff("split", "{ folds: 5, fold: 0 }");
        }
        else
        {
            Top("split", "");
            Line("  # ", ExperimentKeys.Split, "folds", "5");
            Line("  # ", ExperimentKeys.Split, "fold", "0");
            Line("  # ", ExperimentKeys.Split, "validation", "subset.csv");
        }
        Top("augment", "");
        string fill = black ? "black" : "reflect";
        Choice(ExperimentKeys.Augment, "flip", "", on: true);
        Choice(ExperimentKeys.Augment, "transpose", "");
        Choice(ExperimentKeys.Augment, "rotate", $"{{ degrees: 180, fill: {fill} }}", on: guess.Images.Size > 64);
        Choice(ExperimentKeys.Augment, "scale", $"{{ range: [0.9, 1.1], fill: {fill} }}");
        Choice(ExperimentKeys.Augment, "brightness", "0.1", on: true);
        Choice(ExperimentKeys.Augment, "contrast", "0.1", on: true);
        string each = string.Join(", ", guess.Scale.Select(_ => "1"));
        Top("sampling", "");
        Line("  # ", ExperimentKeys.Sampling, "class_weights", $"[{each}]");
        Line("  # ", ExperimentKeys.Sampling, "balance", "sqrt");
        Line("  # ", ExperimentKeys.Sampling, "anneal", "{ from: balanced, epochs: 5 }");
        Line("  # ", ExperimentKeys.Sampling, "cap", "100");
        Line("  # ", ExperimentKeys.Sampling, "caps", $"[{each.Replace("1", "100", StringComparison.Ordinal)}]");
        Line("  # ", ExperimentKeys.Sampling, "image_weights", "{ file: mistakes.csv }");
    }

    private void Network(DataGuess guess)
    {
        bool binary = guess.Scale.Length == 2;
        Top("model", "");
        Line("  ", ExperimentKeys.Model, "backbone", "resnet18");
        Line("  ", ExperimentKeys.Model, "pool", "avg");
        Line("  ", ExperimentKeys.Model, "head", "[dropout: 0.2]");
        Line("  # ", ExperimentKeys.Model, "channels", "3");
        Line("  # ", ExperimentKeys.Model, "stem_pool", "false");
        Line("  # ", ExperimentKeys.Model, "weights", "weights/resnet18.safetensors");
        Line("  # ", ExperimentKeys.Model, "weights_key", "state_dict_ema");
        Top("target", binary ? "binary" : "ordinal");
        TopOff("thresholds", "shared");
        Top("train", "");
        Line("  ", ExperimentKeys.Train, "epochs", "15");
        Line("  ", ExperimentKeys.Train, "batch", "32");
        Line("  ", ExperimentKeys.Train, "optimizer", "{ adamw: { weight_decay: 0.01 } }");
        Line("  ", ExperimentKeys.Train, "top_lr", "0.001");
        Line("  ", ExperimentKeys.Train, "base_lr_ratio", "1", " Random weights learn as fast as the head; with weights, 0.1 or less.");
        Line("  # ", ExperimentKeys.Train, "base_lr_steps", "{ 1: 2, 3: 5 }");
        Line("  ", ExperimentKeys.Train, "schedule", "{ cosine: { warmup_epochs: 1 } }");
        Line("  ", ExperimentKeys.Train, "freeze_backbone_epochs", "0");
        Line("  ", ExperimentKeys.Train, "batch_norm", "train");
        Line("  # ", ExperimentKeys.Train, "clip_norm", "1.0");
        Line("  # ", ExperimentKeys.Train, "ema", "0.99");
        Line("  ", ExperimentKeys.Train, "precision", "float32");
        Line("  # ", ExperimentKeys.Train, "accumulate", "2");
        Line("  # ", ExperimentKeys.Train, "device", "cpu");
        Line("  ", ExperimentKeys.Train, "seed", "42");
        Top("select", "");
        Line("  ", ExperimentKeys.Select, "by", binary ? "auc" : "last");
        Line("  ", ExperimentKeys.Select, "keep", "3");
        TopOff("notify", "{ command: [notify-send, Gradus], seconds: 10 }");
    }

    private void Top(string key, string value) => _text.Append($"\n# {ExperimentKeys.Experiment.Meaning(key)}\n{key}:{(value.Length > 0 ? " " + value : "")}\n");

    private void TopOff(string key, string value) => _text.Append($"\n# {ExperimentKeys.Experiment.Meaning(key)}\n# {key}: {value}\n");

    private void Choice(KeyBlock block, string key, string value, bool on = false) =>
        Padded($"  {(on ? "" : "# ")}- {key}{(value.Length > 0 ? ": " + value : "")}", block.Meaning(key));

    private void Maybe(string indent, KeyBlock block, string key, string? value, string example) =>
        Line(value is null ? indent + "# " : indent, block, key, value ?? example);

    private void Line(string indent, KeyBlock block, string key, string value, string more = "") => Padded($"{indent}{key}: {value}", block.Meaning(key) + more);

    private void Padded(string content, string comment) => _text.Append($"{content.PadRight(CommentColumn)} # {comment}\n");

    private string Relative(string path) => YamlText.Quoted(Path.GetRelativePath(_home, path).Replace(Path.DirectorySeparatorChar, '/'));
}
