#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// Whether one threshold an output is worth having, by the number of images it is tuned on: samples of a simulated population of four
// cumulative outputs, the thresholds of each sample judged on itself, cross-fitted, and on 100,000 other images of the population.
//   dotnet run -c Release bench/PerOutputOverfitting.cs -- [REPETITIONS]
using Gradus;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Thresholds;

int repetitions = args.Length > 0 ? int.Parse(args[0]) : 30;
double[] shares = [0.49, 0.59, 0.86, 0.91, 1]; // APTOS 2019
var usualRule = new LeadingOnes([0.5, 0.5, 0.5, 0.5]);
// What output k answers is where on the scale it sees the step from k to k + 1; a network that was trained on other shares of grades, or
// with weights of the classes, puts steps elsewhere.
(string Name, double[] Steps)[] populations = [("steps halfway between grades", [0.5, 1.5, 2.5, 3.5]), ("steps off by a fifth of a grade, up and down", [0.7, 1.3, 2.7, 3.3])];
(string Name, CutPointOptions Options)[] choices =
[
    ("shared, optimum", new() { Outputs = ThresholdTuning.Shared }),
    ("shared, bootstrap", new() { Outputs = ThresholdTuning.Shared, Choice = CutPointChoice.Bootstrap, Resamples = 50 }),
    ("per output, optimum", new() { Outputs = ThresholdTuning.PerOutput }),
    ("per output, 0.2 to 0.8", new() { Outputs = ThresholdTuning.PerOutput, Bounds = new(0.2, 0.8) }),
    ("per output, shrunk", new() { Outputs = ThresholdTuning.PerOutput, Choice = CutPointChoice.Shrunk }),
    ("per output, bootstrap", new() { Outputs = ThresholdTuning.PerOutput, Choice = CutPointChoice.Bootstrap, Resamples = 50 }),
];
foreach ((string name, double[] steps) in populations)
{
    CumulativeTable population = Draw(100_000, -1);
    int[] truth = [.. population.Truth];
    double usual = True(usualRule);
    Console.WriteLine($"{name}: default {usual:F3}; outputs that contradict each other {usualRule.NonMonotoneRate(population.Scores):P1}");
    Console.WriteLine("| n | thresholds | in sample | cross-fitted | true | true minus default [95 %] |");
    Console.WriteLine("|---|---|---|---|---|---|");
    foreach (int images in (int[])[120, 366, 732, 3662])
    {
        foreach ((string choice, CutPointOptions options) in choices)
        {
            var results = Enumerable.Range(0, repetitions).Select(r =>
            {
                CutPointReport report = CutPointReport.Create(Draw(images, r), options with { Seed = r });
                return (report.InSampleValue, report.CrossFitted.Mean, True: True((LeadingOnes)report.Rule));
            }).ToArray();
            double mean = results.Average(r => r.True), error = 1.96 * Math.Sqrt(results.Average(r => (r.True - mean) * (r.True - mean)) / (repetitions - 1));
            Console.WriteLine($"| {images} | {choice} | {results.Average(r => r.InSampleValue):F3} | {results.Average(r => r.Mean):F3} | {mean:F3} ± {error:F3} | {mean - usual:+0.000;-0.000;0.000} [{mean - usual - error:+0.000;-0.000;0.000}, {mean - usual + error:+0.000;-0.000;0.000}] |");
        }
    }

    CumulativeTable Draw(int count, int repetition)
    {
        Random random = RandomStream.Create(1, "outputs", count, repetition);
        int[] grades = [.. Enumerable.Range(0, count).Select(_ => { double u = random.NextDouble(); return Array.FindIndex(shares, share => u < share); })];
        var outputs = new float[4 * count];
        for (int i = 0; i < count; i++)
        {
            double seen = grades[i] + 0.6 * Normal(random); // one number behind all outputs, and a little noise of each
            for (int k = 0; k < 4; k++)
                outputs[4 * i + k] = (float)(1 / (1 + Math.Exp(-4 * (seen - steps[k] + 0.1 * Normal(random)))));
        }
        return new CumulativeTable("population", usualRule, new GradedScores(count, 4, outputs, new double[count], null), [.. grades], 5);
    }

    double True(LeadingOnes rule) => Kappa.Quadratic(ConfusionMatrix.Of(truth, rule.Grades(population.Scores), 5));
}

static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
