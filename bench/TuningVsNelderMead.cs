#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// The exact cut points against a Nelder-Mead search of them, which is how they are usually found, on as many synthetic scores as the
// training set of EyePACS had photographs and shares of grades like its own. Both start from the same unsorted arrays.
//   dotnet run -c Release bench/TuningVsNelderMead.cs -- [IMAGES] [ROUNDS]
using System.Diagnostics;
using Gradus;
using Gradus.Metrics;
using Gradus.Thresholds;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

int images = args.Length > 0 ? int.Parse(args[0]) : 88_702, rounds = args.Length > 1 ? int.Parse(args[1]) : 9;
const int Grades = 5;
double[] shares = [0.73, 0.80, 0.95, 0.98, 1];
Random random = RandomStream.Create(1, "scores");
var truth = new int[images];
var scores = new double[images];
for (int i = 0; i < images; i++)
{
    double u = random.NextDouble();
    truth[i] = Array.FindIndex(shares, share => u < share);
    scores[i] = 0.7 * truth[i] + 0.15 + 0.55 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

var exactTimes = new List<double>();
var simplexTimes = new List<double>();
double[] exact = [], simplex = [];
int evaluations = 0;
for (int round = -3; round < rounds; round++) // the first three warm up
{
    double exactTime = Time(() => exact = [.. CutPointFit.Fit(scores, truth, Grades, new CutPointOptions())]);
    double simplexTime = Time(() => simplex = NelderMead());
    if (round < 0)
        continue;
    exactTimes.Add(exactTime);
    simplexTimes.Add(simplexTime);
}
double exactMedian = exactTimes.Order().ElementAt(rounds / 2), simplexMedian = simplexTimes.Order().ElementAt(rounds / 2);
Console.WriteLine($"{images} scores, {Grades} grades, median of {rounds} rounds");
Console.WriteLine($"default      QWK {Qwk([0.5, 1.5, 2.5, 3.5]):F6}");
Console.WriteLine($"exact        QWK {Qwk(exact):F6}  {exactMedian,8:F1} ms  cut points {string.Join(", ", exact.Select(t => t.ToString("F3")))}");
Console.WriteLine($"Nelder-Mead  QWK {Qwk(simplex):F6}  {simplexMedian,8:F1} ms  cut points {string.Join(", ", simplex.Select(t => t.ToString("F3")))}  ({evaluations} evaluations)");
Console.WriteLine($"ratio {simplexMedian / exactMedian:F1}");

double[] NelderMead()
{
    evaluations = 0;
    var search = new NelderMeadSimplex(1e-6, 2000);
    IObjectiveFunction loss = ObjectiveFunction.Value(cuts =>
    {
        evaluations++;
        return -Qwk([.. cuts.Order()]);
    });
    return [.. search.FindMinimum(loss, Vector<double>.Build.DenseOfArray([0.5, 1.5, 2.5, 3.5])).MinimizingPoint.Order()];
}

double Qwk(double[] cuts)
{
    var counts = new int[Grades * Grades];
    for (int i = 0; i < scores.Length; i++)
    {
        int grade = 0;
        while (grade < cuts.Length && scores[i] > cuts[grade])
            grade++;
        counts[truth[i] * Grades + grade]++;
    }
    return Kappa.Quadratic(new ConfusionMatrix(Grades, counts));
}

static double Time(Action work)
{
    long start = Stopwatch.GetTimestamp();
    work();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
