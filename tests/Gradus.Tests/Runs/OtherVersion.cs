using System.Text.Json.Nodes;
using Gradus.Runs;

namespace Gradus.Tests.Runs;

/// <summary>Makes of a run one that another version of Gradus wrote.</summary>
internal static class OtherVersion
{
    /// <summary>Its sampling becomes that of the first versions, which did not name a rule.</summary>
    public static void Rewrite(RunFolder run) => Rewrite(run, info => info["experiment"]!["sampling"] = new JsonObject { ["classWeights"] = new JsonArray(1, 2) });

    /// <summary>Its experiment becomes this JSON.</summary>
    public static void Rewrite(RunFolder run, string experiment) => Rewrite(run, info => info["experiment"] = JsonNode.Parse(experiment));

    private static void Rewrite(RunFolder run, Action<JsonNode> change)
    {
        JsonNode info = JsonNode.Parse(File.ReadAllText(run.InfoFile))!;
        change(info);
        AtomicFile.WriteText(run.InfoFile, info.ToJsonString());
    }
}
