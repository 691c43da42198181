using System.Text.Json.Nodes;
using Gradus.Experiments;

namespace Gradus.Tests.Experiments;

public sealed class ExperimentSchemaTests
{
    private static readonly JsonObject Definitions = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "experiments", "experiment.schema.json")))!["$defs"]!.AsObject();

    [Fact]
    public void The_schema_has_the_blocks_of_the_reader() =>
        Assert.Equal(ExperimentKeys.All.Select(b => b.Name).Order(StringComparer.Ordinal), Definitions.Select(d => d.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_block_of_the_schema_has_the_keys_and_the_words_of_the_reader()
    {
        foreach (KeyBlock block in ExperimentKeys.All)
        {
            JsonObject properties = Object(block.Name)["properties"]!.AsObject();
            Assert.Equal(block.Keys.Select(k => (k.Name, k.Meaning)), properties.Select(p => (p.Key, (string)p.Value!["description"]!)));
            Assert.Equal(block.Keys.Where(k => k.Required).Select(k => k.Name), (Object(block.Name)["required"]?.AsArray() ?? []).Select(n => (string)n!));
            Assert.False((bool)Object(block.Name)["additionalProperties"]!);
        }
    }

    [Theory]
    [InlineData("sources.csv", "role", "main", "external", "pseudo", "validation")]
    [InlineData("sources.npz", "use", "training", "pretraining", "folds")]
    [InlineData("thresholds", "outputs", "shared", "per_output")]
    [InlineData("thresholds", "choice", "optimum", "shrunk", "bootstrap")]
    [InlineData("recipe.resize", "fit", "stretch", "pad")]
    [InlineData("augment.rotate", "fill", "black", "gray", "edge", "reflect")]
    [InlineData("sampling", "balance", "natural", "sqrt", "balanced")]
    [InlineData("sampling.anneal", "from", "balanced", "sqrt")]
    [InlineData("model", "pool", "avg", "max", "concat", "gem")]
    [InlineData("train", "batch_norm", "train", "frozen")]
    [InlineData("select", "by", "loss", "qwk", "tuned_qwk", "auc", "accuracy", "cross_fitted_qwk", "smoothed_qwk", "last")]
    public void The_schema_lists_the_words_that_the_reader_takes(string block, string key, params string[] words) =>
        Assert.Equal(words, Object(block)["properties"]![key]!["enum"]!.AsArray().Where(n => n is not null).Select(n => (string)n!));

    [Fact]
    public void Every_reference_of_the_schema_leads_somewhere()
    {
        foreach (string reference in References(Definitions))
            Assert.True(Definitions.ContainsKey(reference["#/$defs/".Length..]), reference);
    }

    [Theory]
    [InlineData("last.ckpt")]
    [InlineData("model_best.pth.tar")]
    [InlineData("pytorch_model")]
    public void Weights_may_end_in_anything_since_their_content_decides(string file)
    {
        Assert.Null(Object("model")["properties"]!["weights"]!["pattern"]);
        string text = ExperimentText.With("weights: w.safetensors", $"weights: {file}, weights_key: state_dict_ema");
        Assert.Equal("state_dict_ema", ExperimentText.Read(text).Model.WeightsKey);
        Assert.EndsWith(file, ExperimentText.Read(text).Model.Weights, StringComparison.Ordinal);
    }

    // A choice with parameters is a bare word or an object; the keys stand in the object.
    private static JsonObject Object(string block) => (Definitions[block]!["anyOf"]?.AsArray()[1] ?? Definitions[block]!).AsObject();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "$ref" ? [(string)p.Value!] : References(p.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };
}
