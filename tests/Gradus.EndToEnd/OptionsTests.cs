using System.CommandLine;
using System.CommandLine.Help;
using Gradus.Cli.Commands;

namespace Gradus.EndToEnd;

/// <summary>No option is passed over in silence: in each form of a verb it is obeyed or refused.</summary>
public sealed class OptionsTests
{
    // The forms of each verb; a new verb needs its own here.
    private static readonly string[] Forms =
    [
        "demo", "doctor", "probe Convolution cpu", "models", "models show resnet18", "models inspect w.pth", "bench resnet18", "bench e.yaml",
        "init --labels a.csv --images d --out new.yaml", "init --folder d --out new.yaml", "init --npz a.npz --out new.yaml",
        "audit e.yaml", "prepare e.yaml", "split e.yaml", "subset e.yaml --out s.csv", "preview e.yaml", "preview e.yaml --sampling",
        "preview e.yaml --augment", "train e.yaml", "train e.yaml --fold all", "resume R", "average R --out a.safetensors",
        "evaluate c.safetensors e.yaml", "evaluate --predictions p.csv", "evaluate a.csv b.csv",
        "tune R", "tune --scores s.csv", "tune --scores s.csv --per-output", "ensemble R", "ensemble R --oof o.csv",
        "predict c.safetensors d", "predict R --all", "predict c.safetensors d --tta flips", "predict c.safetensors d --tta random:3",
        "submit p.csv --sample s.csv", "diagnose R", "diagnose R --images d", "shift e.yaml", "shift e.yaml --checkpoint c.safetensors",
        "report", "report R", "report --xlsx r.xlsx", "export", "export R", "explain c.safetensors d", "explain R --mistakes",
        "explain c.safetensors d --check", "mistakes R", "compare A B", "serve",
        "runs", "runs show R", "runs note R", "runs tree", "runs trash R", "runs restore R", "runs reindex", "runs generate --count 1 --out d",
    ];

    // One of them is a value of any option.
    private static readonly string[] Values =
    [
        "3", "64", "x.png", "x.json", "0.2,0.8", "0.5", "none,mild", "qwk", "mean", "flips", "gradcam", "score", "cpu", "float32", "127.0.0.1",
        "optimum", "grade", "test", "default", "logits", "running", "qwk>0.5", "a-token-that-is-long-enough",
    ];

    [Fact]
    public void Every_option_of_every_verb_is_read_in_some_form_and_in_every_other_it_is_refused()
    {
        RootCommand root = GradusCommand.Create();
        Verb[] verbs = [.. Verbs(root)];
        ILookup<Command, string> forms = Forms.ToLookup(form => root.Parse(form).CommandResult.Command);
        Assert.Empty(verbs.Where(v => !forms[v].Any()).Select(v => v.Name));
        var unread = new List<string>();
        foreach (Verb verb in verbs)
        {
            foreach (Option option in verb.Options.Where(o => o is not HelpOption))
            {
                bool read = false;
                foreach (string form in forms[verb])
                    read |= Asked(root, verb, option, form);
                if (!read)
                    unread.Add($"{verb.Name} {option.Name}");
            }
        }
        Assert.Empty(unread);
    }

    [Fact]
    public void Only_where_things_are_and_how_the_program_speaks_may_be_said_to_any_verb() =>
        Assert.Equal(["--cache", "--debug", "--json", "--runs"], GradusCommand.Create().Options.Where(o => o.Recursive && o is not HelpOption).Select(o => o.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("explain c.safetensors d --count 3", "--count belongs to --mistakes")]
    [InlineData("explain c.safetensors d --check --out x", "--out belongs to the form that draws")]
    [InlineData("predict c.safetensors d --tta-seed 3", "--tta-seed belongs to --tta random:N")]
    [InlineData("predict c.safetensors d --tta-average logits", "--tta-average belongs to several views")]
    [InlineData("evaluate c.safetensors e.yaml --group patient", "--group belongs to files of predictions")]
    [InlineData("tune R --scale none,mild", "--scale belongs to --scores")]
    [InlineData("init --folder d --grade level --out new.yaml", "--grade belongs to --labels")]
    [InlineData("preview e.yaml --augment --epochs 9", "--epochs belongs to --sampling")]
    [InlineData("diagnose R --device cpu", "--device belongs to --images")]
    [InlineData("ensemble R --oof o.csv --device cpu", "--device belongs to members that score")]
    [InlineData("runs --sort qwk show R", "--sort was given to 'runs' and has no effect")]
    public void An_option_without_effect_is_refused_before_the_work(string line, string says)
    {
        ParseResult parse = GradusCommand.Create().Parse(line);
        GradusException e = Assert.Throws<GradusException>(() => Plan(parse, (Verb)parse.CommandResult.Command));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verb_that_reads_too_late_is_a_mistake_of_the_program()
    {
        Option<int> late = new("--late");
        var verb = new Verb("verb", "Reads too late.") { late };
        verb.Does((parse, _) => () => parse.GetValue(late));
        var root = new RootCommand { verb };
        root.Options.Add(SharedOptions.Json);
        root.Options.Add(SharedOptions.Runs);
        root.Options.Add(SharedOptions.Cache);
        ParseResult parse = root.Parse("verb");
        Assert.Throws<InvalidOperationException>(() => Plan(parse, verb)());
        GradusException e = Assert.Throws<GradusException>(() => Plan(root.Parse("verb --late 3"), verb));
        Assert.Contains("--late was given but has no effect here", e.Message, StringComparison.Ordinal);
    }

    // Whether the verb read the option; where it did not, it must have refused it.
    private static bool Asked(RootCommand root, Verb verb, Option option, string form)
    {
        bool read = false;
        string[] lines = form.Contains($" {option.Name} ", StringComparison.Ordinal) || form.EndsWith(option.Name, StringComparison.Ordinal)
            ? [form]
            : option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? [$"{form} {option.Name}"] : [.. Values.Select(v => $"{form} {option.Name} {v}")];
        foreach (ParseResult parse in lines.Select(line => root.Parse(line)).Where(p => p.Errors.Count == 0))
        {
            var line = new CommandLine(parse);
            try
            {
                verb.Plan(line, Session.Open(parse, default));
                Assert.True(line.Read.Contains(option), $"{form} passes {option.Name} over");
                read = true;
            }
            catch (GradusException e)
            {
                Assert.Equal(Fault.Request, e.Fault);
            }
        }
        return read;
    }

    private static Func<int> Plan(ParseResult parse, Verb verb) => verb.Plan(new CommandLine(parse), Session.Open(parse, default));

    private static IEnumerable<Verb> Verbs(Command command) => command.Subcommands.OfType<Verb>().SelectMany(v => Verbs(v).Prepend(v));
}
