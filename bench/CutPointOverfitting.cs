#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// How much the QWK of tuned cut points flatters, by the number of images they are tuned on: samples of a simulated population, the cut
// points of each sample judged on itself, cross-fitted, and on 200,000 other images of the population.
//   dotnet run -c Release bench/CutPointOverfitting.cs -- [REPETITIONS [PLOT.png]]
using Gradus;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Thresholds;
using ScottPlot;

int repetitions = args.Length > 0 ? int.Parse(args[0]) : 50;
double[] shares = [0.49, 0.59, 0.86, 0.91, 1]; // APTOS 2019
(string Name, double Slope, double Offset)[] populations = [("scores on the scale", 1, 0), ("scores that understate", 0.75, 0.25)];
int[] sizes = [120, 366, 732, 3662];
var panels = new List<Plot>();
foreach ((string name, double slope, double offset) in populations)
{
    var lines = new Dictionary<CutPointChoice, List<(double InSample, double CrossFitted, double True)>>();
    ScoreTable population = Draw(200_000, -1);
    int[] truth = [.. population.Truth];
    Console.WriteLine($"{name}: default {True(CutPointFit.Default(5).ToArray()):F3}");
    Console.WriteLine("| n | cut points | in sample | cross-fitted | true | true minus default [95 %] |");
    Console.WriteLine("|---|---|---|---|---|---|");
    double usual = True(CutPointFit.Default(5).ToArray());
    foreach (int images in sizes)
    {
        foreach (CutPointOptions options in (CutPointOptions[])[new(), new() { Choice = CutPointChoice.Shrunk }, new() { Choice = CutPointChoice.Bootstrap }])
        {
            var results = Enumerable.Range(0, repetitions).Select(r =>
            {
                CutPointReport report = CutPointReport.Create(Draw(images, r), options with { Seed = r });
                return (report.InSampleValue, report.CrossFitted.Mean, True: True([.. report.Thresholds]));
            }).ToArray();
            double mean = results.Average(r => r.True), error = 1.96 * Math.Sqrt(results.Average(r => (r.True - mean) * (r.True - mean)) / (repetitions - 1));
            if (!lines.TryGetValue(options.Choice, out var line))
                lines[options.Choice] = line = [];
            line.Add((results.Average(r => r.InSampleValue), results.Average(r => r.Mean), mean));
            Console.WriteLine($"| {images} | {options.Choice.ToString().ToLowerInvariant()} | {results.Average(r => r.InSampleValue):F3} | {results.Average(r => r.Mean):F3} | {mean:F3} ± {error:F3} | {mean - usual:+0.000;-0.000;0.000} [{mean - usual - error:+0.000;-0.000;0.000}, {mean - usual + error:+0.000;-0.000;0.000}] |");
        }
    }

    panels.Add(Panel(name, usual, lines));

    ScoreTable Draw(int count, int repetition)
    {
        Random random = RandomStream.Create(1, "population", count, repetition);
        int[] grades = [.. Enumerable.Range(0, count).Select(_ => { double u = random.NextDouble(); return Array.FindIndex(shares, share => u < share); })];
        return new ScoreTable("population", [.. grades.Select(g => slope * g + offset + 0.6 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))], [.. grades], 5);
    }

    double True(double[] cuts) => Kappa.Quadratic(ConfusionMatrix.Of(truth, [.. population.Scores.Select(s => CutPointFit.Grade(s, cuts))], 5));
}

if (args.Length > 1)
{
    var both = new Multiplot();
    both.RemovePlot(both.GetPlot(0));
    foreach (Plot panel in panels)
        both.AddPlot(panel);
    both.Layout = new ScottPlot.MultiplotLayouts.Columns();
    both.SavePng(args[1], 1200, 520);
}

// Three colours for the choices, three styles for what is measured.
Plot Panel(string name, double usual, Dictionary<CutPointChoice, List<(double InSample, double CrossFitted, double True)>> lines)
{
    var plot = new Plot();
    plot.Title(name);
    plot.XLabel("images that the cut points are tuned on");
    plot.YLabel("quadratic weighted kappa");
    double[] x = [.. sizes.Select(n => Math.Log10(n))];
    Color[] colours = [Color.FromHex("#0072b2"), Color.FromHex("#d55e00"), Color.FromHex("#009e73")];
    foreach (((CutPointChoice choice, var line), Color colour) in lines.Select(l => (l.Key, l.Value)).Zip(colours))
    {
        Add($"{choice.ToString().ToLowerInvariant()}: on other images", [.. line.Select(l => l.True)], LinePattern.Solid, 3, 7);
        Add("cross-fitted", [.. line.Select(l => l.CrossFitted)], LinePattern.Dashed, 1.5f, 0);
        Add("in sample", [.. line.Select(l => l.InSample)], LinePattern.Dotted, 1.5f, 0);

        void Add(string label, double[] y, LinePattern pattern, float width, float marker)
        {
            var scatter = plot.Add.Scatter(x, y, colour);
            (scatter.LinePattern, scatter.LineWidth, scatter.MarkerSize, scatter.LegendText) = (pattern, width, marker, label);
        }
    }
    var at = plot.Add.HorizontalLine(usual, 2, Color.FromHex("#8b95a1"));
    at.LegendText = "default, on other images";
    plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(x, [.. sizes.Select(n => $"{n}")]);
    plot.Legend.FontSize = 11;
    if (panels.Count == 0) // one legend says it for both
        plot.ShowLegend(Alignment.UpperRight);
    else
        plot.HideLegend();
    plot.Font.Set("DejaVu Sans");
    (plot.Axes.Title.Label.FontSize, plot.Axes.Bottom.Label.FontSize, plot.Axes.Left.Label.FontSize) = (15, 12, 12);
    plot.Legend.FontName = "DejaVu Sans";
    return plot;
}
