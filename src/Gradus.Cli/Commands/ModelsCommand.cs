using System.CommandLine;
using System.Globalization;
using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;

namespace Gradus.Cli.Commands;

internal static class ModelsCommand
{
    private const int PublishedClasses = 1000; // of ImageNet

    public static Verb Create()
    {
        var verb = new Verb("models", "Lists the networks that experiments can name.", "gradus models", "gradus models show densenet121", "gradus models inspect weights.pth")
        {
            Show(),
            Inspect(),
        };
        verb.Does((_, session) => () => List(session));
        return verb;
    }

    private static int List(Session session)
    {
        session.Output.Table(
            ["network", "parameters", "multiply-adds", "input", "weights are published by"],
            Zoo.Cards.Select(c => (string[])[c.Name, Millions(c.ParameterCount), Millions(c.MultiplyAdds), $"{c.InputSize} px", string.Join("; ", c.Weights.Select(w => w.Name))]));
        session.Output.Line("Parameters and multiply-adds with a head of 1000 classes, for one image. gradus models show NAME says more.");
        if (session.Output.Json)
            session.Output.Document(Zoo.Cards.Select(c => Document(c)));
        return 0;
    }

    private static Verb Inspect()
    {
        Argument<string> file = new("FILE") { Description = "Weights: .safetensors, or PyTorch's .pth of either format, whatever the name ends in; nothing in the file is run." };
        Option<string?> key = new("--key") { Description = "Which of several state dicts in a checkpoint of PyTorch, such as state_dict_ema.", HelpName = "NAME" };
        var verb = new Verb("inspect", "Shows the names, shapes and types of the tensors in a file of weights.", "gradus models inspect resnet18-f37072fd.pth", "gradus models inspect last.ckpt --key state_dict_ema") { file, key };
        verb.Does((parse, session) =>
        {
            (string named, string? which) = (parse.GetRequiredValue(file), parse.GetValue(key));
            return () => InspectFile(session, named, which);
        });
        return verb;
    }

    private static int InspectFile(Session session, string file, string? key)
    {
        using WeightsFile weights = WeightsFile.Open(file, key);
        string wrapper = PublishedNames.Wrapper(weights.Entries);
        WeightsEntry[] entries =
            [.. weights.Entries.Select(e => e.Name.StartsWith(wrapper, StringComparison.Ordinal) ? e with { Name = e.Name[wrapper.Length..] } : e)];
        long numbers = entries.Sum(e => e.Count);
        session.Output.Heading($"{weights.Path}: {weights.Format}, {entries.Length} {(entries.Length == 1 ? "tensor" : "tensors")}, {Whole(numbers)} numbers");
        session.Output.Table(["tensor", "shape", "type"], entries.Select(e => (string[])[Plain(e.Name), e.ShapeText, Type(e)]));
        if (wrapper.Length > 0)
            session.Output.Line($"Left out before the names: {wrapper}");
        if (weights.OtherKeys.Length > 0)
            session.Output.Line($"Also in the file: {string.Join(", ", weights.OtherKeys.Select(Plain))}; --key chooses.");
        if (weights.PassedOver.Length > 0)
            session.Output.Line($"Passed over without being run: {string.Join(", ", weights.PassedOver.Select(Plain))}");
        foreach ((string name, string value) in weights.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            session.Output.Line($"{Plain(name)}: {Plain(value.Length > 200 ? value[..200] + "…" : value)}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                file = Path.GetFullPath(weights.Path),
                format = weights.Format,
                key = weights.Key,
                otherKeys = weights.OtherKeys,
                passedOver = weights.PassedOver,
                wrapper,
                numbers,
                tensors = entries.Select(e => new { name = e.Name, shape = e.Shape, type = Type(e) }),
                metadata = weights.Metadata,
            });
        }
        return 0;
    }

    private static Verb Show()
    {
        Argument<string> name = new("NAME") { Description = "A network; gradus models lists them." };
        var verb = new Verb("show", "Shows what is known about a network, and its layers.", "gradus models show resnet50") { name };
        verb.Does((parse, session) =>
        {
            string named = parse.GetRequiredValue(name);
            return () => ShowNetwork(session, named);
        });
        return verb;
    }

    private static int ShowNetwork(Session session, string name)
    {
        ModelCard card = Zoo.Card(name);
        session.Output.Heading(card.Name);
        session.Output.Table(["property", "value"],
        [
            ["parameters", Whole(card.ParameterCount)],
            ["multiply-adds", $"{Whole(card.MultiplyAdds)} for one image of {card.InputSize} px"],
            ["input", card.Normalisation.ToString()],
            ["paper", card.Paper],
            .. card.Weights.Select(w => (string[])["weights", $"{w.Name} ({w.Licence}){(w.File is { } f ? $", {f}" : "")}"]),
        ]);
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = card.Name }, PaddingStyle.Symmetric, PublishedClasses, seed: 0);
        Anatomy anatomy = Anatomy.Of(model, card.InputSize);
        session.Output.Table(
            ["layer", "type", "output", "parameters", "multiply-adds"],
            anatomy.Layers.Select(l => (string[])[l.Name, l.Type, string.Join("x", l.OutputShape), Whole(l.Parameters), Whole(l.MultiplyAdds)]));
        if (session.Output.Json)
            session.Output.Document(Document(card, anatomy));
        return 0;
    }

    private static object Document(ModelCard card, Anatomy? anatomy = null) => new
    {
        name = card.Name,
        parameters = card.ParameterCount,
        multiplyAdds = card.MultiplyAdds,
        inputSize = card.InputSize,
        mean = card.Normalisation.Mean,
        std = card.Normalisation.Std,
        weights = card.Weights,
        paper = card.Paper,
        layers = anatomy?.Layers,
    };

    private static string Whole(long n) => n.ToString("n0", CultureInfo.InvariantCulture);

    private static string Millions(long n) => n >= 1_000_000_000 ? $"{n / 1e9:0.00} G" : $"{n / 1e6:0.0} M";

    private static string Type(WeightsEntry entry) => entry.Type.ToString().ToLowerInvariant();

    /// <summary>Text of a stranger's file, on one line.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
