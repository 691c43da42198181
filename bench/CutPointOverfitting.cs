#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// How much the QWK of tuned cut points flatters, by the number of images they are tuned on: samples of a simulated population, the cut
// points of each sample judged on itself, cross-fitted, and on 200,000 other images of the population.
//   dotnet run -c Release bench/CutPointOverfitting.cs -- [REPETITIONS]
using Gradus;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Thresholds;

int repetitions = args.Length > 0 ? int.Parse(args[0]) : 50;
double[] shares = [0.49, 0.59, 0.86, 0.91, 1]; // APTOS 2019
(string Name, double Slope, double Offset)[] populations = [("scores on the scale", 1, 0), ("scores that understate", 0.75, 0.25)];
foreach ((string name, double slope, double offset) in populations)
{
    ScoreTable population = Draw(200_000, -1);
    int[] truth = [.. population.Truth];
    Console.WriteLine($"{name}: default {True(CutPointFit.Default(5).ToArray()):F3}");
    Console.WriteLine("| n | cut points | in sample | cross-fitted | true | true minus default [95 %] |");
    Console.WriteLine("|---|---|---|---|---|---|");
    double usual = True(CutPointFit.Default(5).ToArray());
    foreach (int images in (int[])[120, 366, 732, 3662])
    {
        foreach (CutPointOptions options in (CutPointOptions[])[new(), new() { Choice = CutPointChoice.Shrunk }, new() { Choice = CutPointChoice.Bootstrap }])
        {
            var results = Enumerable.Range(0, repetitions).Select(r =>
            {
                CutPointReport report = CutPointReport.Create(Draw(images, r), options with { Seed = r });
                return (report.InSampleQwk, report.CrossFitted.Mean, True: True([.. report.Thresholds]));
            }).ToArray();
            double mean = results.Average(r => r.True), error = 1.96 * Math.Sqrt(results.Average(r => (r.True - mean) * (r.True - mean)) / (repetitions - 1));
            Console.WriteLine($"| {images} | {options.Choice.ToString().ToLowerInvariant()} | {results.Average(r => r.InSampleQwk):F3} | {results.Average(r => r.Mean):F3} | {mean:F3} ± {error:F3} | {mean - usual:+0.000;-0.000} [{mean - usual - error:+0.000;-0.000}, {mean - usual + error:+0.000;-0.000}] |");
        }
    }

    ScoreTable Draw(int count, int repetition)
    {
        Random random = RandomStream.Create(1, "population", count, repetition);
        int[] grades = [.. Enumerable.Range(0, count).Select(_ => { double u = random.NextDouble(); return Array.FindIndex(shares, share => u < share); })];
        return new ScoreTable("population", [.. grades.Select(g => slope * g + offset + 0.6 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))], [.. grades], 5);
    }

    double True(double[] cuts) => Kappa.Quadratic(ConfusionMatrix.Of(truth, [.. population.Scores.Select(s => CutPointFit.Grade(s, cuts))], 5));
}
