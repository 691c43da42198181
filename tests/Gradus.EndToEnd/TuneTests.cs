using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>Cut points for the scores of somebody who trained elsewhere.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gradus-tune-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string name, string text) => AtomicFile.WriteText(Path.Combine(_root, name), text);

    // Scores that say 0.6 of the grade, so that the default cut points grade too low.
    private static string Scores()
    {
        Random random = RandomStream.Create(1, "test");
        var csv = new StringBuilder("image,diagnosis,output\n");
        for (int i = 0; i < 300; i++)
            csv.Append(CultureInfo.InvariantCulture, $"i{i},{i % 5},{0.6 * (i % 5) + 0.3 * (random.NextDouble() - 0.5):F4}\n");
        return csv.ToString();
    }

    [Fact]
    public void Cut_points_are_found_judged_and_drawn()
    {
        Write("scores.csv", Scores());
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "scores.csv", "--grade", "diagnosis", "--score", "output", "--choice", "optimum", "--plot", "cuts.png", "--json");
        Assert.Equal(0, tuned.Code);
        Assert.Equal(["choice", "crossFitted", "default", "defaultBy", "defaultThresholds", "folds", "gain", "images", "kind", "metric", "optimum", "plateau", "qwk", "resampled", "seed", "source", "thresholds", "tuned", "verdict", "warning"], tuned.Json.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(300, tuned.Json.GetProperty("images").GetInt32());
        Assert.Equal("optimum", tuned.Json.GetProperty("choice").GetString());
        double[] thresholds = [.. tuned.Json.GetProperty("thresholds").EnumerateArray().Select(t => t.GetDouble())];
        for (int k = 0; k < 4; k++)
            Assert.Equal(0.6 * (k + 0.5), thresholds[k], 0.16);
        JsonElement qwk = tuned.Json.GetProperty("qwk"), crossFitted = qwk.GetProperty("crossFitted");
        Assert.Equal(1, qwk.GetProperty("inSample").GetDouble());
        Assert.True(qwk.GetProperty("default").GetDouble() < crossFitted.GetProperty("low").GetDouble());
        Assert.InRange(crossFitted.GetProperty("mean").GetDouble(), crossFitted.GetProperty("low").GetDouble(), crossFitted.GetProperty("high").GetDouble());
        Assert.Equal(4, tuned.Json.GetProperty("plateau").GetArrayLength());
        Assert.All(tuned.Json.GetProperty("plateau").EnumerateArray(), p => Assert.True(p.GetProperty("low").GetDouble() < p.GetProperty("high").GetDouble()));
        Assert.Contains("Tuning is worth it", tuned.Error, StringComparison.Ordinal);
        Assert.Contains("true grades", tuned.Error, StringComparison.Ordinal); // scores that give every grade exactly are suspicious
        Assert.Equal("PNG"u8, File.ReadAllBytes(Path.Combine(_root, "cuts.png")).AsSpan(1, 3));
    }

    [Fact]
    public void Thresholds_of_cumulative_outputs_are_found_one_each_with_grades_from_another_file()
    {
        Random random = RandomStream.Create(2, "test");
        var outputs = new StringBuilder("id,c1,c2,c3\n");
        var labels = new StringBuilder("id_code,diagnosis\n");
        double[] steps = [0.3, 0.5, 0.7];
        for (int i = 0; i < 200; i++)
        {
            outputs.Append(CultureInfo.InvariantCulture, $"i{i}");
            foreach ((int k, double step) in steps.Index())
                outputs.Append(CultureInfo.InvariantCulture, $",{(i % 4 > k ? step + 0.02 : step - 0.25) + 0.2 * random.NextDouble():F4}");
            outputs.Append('\n');
            labels.Append(CultureInfo.InvariantCulture, $"i{i},{i % 4}\n");
        }
        Write("outputs.csv", outputs.ToString());
        Write("labels.csv", labels.ToString());
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "outputs.csv", "--labels", "labels.csv", "--grade", "diagnosis", "--per-output", "--plot", "outputs.png", "--json");
        Assert.True(tuned.Code == 0, tuned.Error);
        Assert.Equal("per_output", tuned.Json.GetProperty("kind").GetString());
        Assert.Equal(1, tuned.Json.GetProperty("qwk").GetProperty("inSample").GetDouble());
        foreach ((int k, JsonElement threshold) in tuned.Json.GetProperty("thresholds").EnumerateArray().Index())
            Assert.Equal(steps[k], threshold.GetDouble(), 0.1);
        Assert.True(File.Exists(Path.Combine(_root, "outputs.png")));
        Write("labels.csv", labels + "i200,0\n");
        GradusProcess.Run(_root, "tune", "--scores", "outputs.csv", "--labels", "labels.csv", "--grade", "diagnosis").FailsWith(2, "outputs.csv", "have no prediction", "i200");
        GradusProcess.Run(_root, "tune", "--scores", "outputs.csv", "--per-output", "--shared").FailsWith(2, "contradict");
        GradusProcess.Run(_root, "tune", "--scores", "outputs.csv", "--bounds", "0.2").FailsWith(2, "--bounds 0.2,0.8");
        GradusProcess.Run(_root, "tune").FailsWith(2, "tune RUN");
    }

    [Fact]
    public void What_cannot_be_tuned_is_said_plainly_and_nothing_is_written_over()
    {
        Write("scores.csv", Scores());
        Write("text.csv", "grade,score\n0,0.1\n1,much\n");
        Write("one.csv", "grade,score\n1,0.1\n1,0.2\n1,0.3\n1,0.4\n1,0.5\n");
        Write("empty.csv", "");
        GradusProcess.Run(_root, "tune", "--scores", "scores.csv").FailsWith(2, "scores.csv:1", "--score");
        GradusProcess.Run(_root, "tune", "--scores", "text.csv").FailsWith(2, "text.csv:3", "'much'");
        GradusProcess.Run(_root, "tune", "--scores", "one.csv", "--plot", "one.png").FailsWith(2, "grade 1", "nothing to tune");
        GradusProcess.Run(_root, "tune", "--scores", "empty.csv").FailsWith(2, "empty.csv");
        Write("twice.csv", "image,grade,score\na,0,0.1\nb,1,0.9\na,2,2.1\n");
        Write("gap.csv", "grade,c1,c3\n0,0.1,0.1\n2,0.9,0.3\n");
        Write("turned.csv", "grade,score\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 3},{2 - i % 3}.{i % 7}\n")));
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        GradusProcess.Run(_root, "tune", "--scores", "twice.csv").FailsWith(2, "twice.csv:4", "'a' stands twice");
        GradusProcess.Run(_root, "tune", "--scores", "gap.csv", "--shared").FailsWith(2, "gap.csv:1", "c3", "without a gap");
        GradusProcess.Run(_root, "tune", "--scores", "folder").FailsWith(2, "folder", "is a folder");
        GradusProcess.Run(_root, "tune", "--scoress", "one.csv").FailsWith(2, "--scoress", "--scores");
        Assert.Contains("is the sign turned", GradusProcess.Run(_root, "tune", "--scores", "turned.csv").Output, StringComparison.Ordinal);
        GradusProcess.Run(_root, "tune", "--scores", "one.csv", "--shrink", "2").FailsWith(2, "--shrink");
        GradusProcess.Run(_root, "tune", "--scores", "scores.csv", "--grade", "diagnosis", "--score", "output", "--plot", "text.csv").FailsWith(2, "text.csv", "something else");
        Assert.StartsWith("grade,score", File.ReadAllText(Path.Combine(_root, "text.csv")), StringComparison.Ordinal);
    }
}
