using Gradus.Grading;

namespace Gradus.Tests.Shift;

/// <summary>
/// A network of which everything is known: images of grade k give a feature from a normal distribution around k, and its probabilities are
/// right for the shares it was trained on, or deliberately too sure of themselves.
/// </summary>
internal static class SimulatedNetwork
{
    public static GradeScale Scale { get; } = new(["none", "mild", "moderate", "severe", "proliferative"]);

    public static int[] Grades(int images, params double[] shares)
    {
        int[] ends = [.. Enumerable.Range(1, shares.Length).Select(k => (int)Math.Round(images * shares.Take(k).Sum()))];
        return [.. Enumerable.Range(0, images).Select(i => Array.FindIndex(ends, end => i < end))];
    }

    /// <summary>Scores of images with these grades.</summary>
    /// <param name="grades">The truth.</param>
    /// <param name="prior">Shares for which the probabilities are right.</param>
    /// <param name="seed">Of the features.</param>
    /// <param name="noise">Of the feature, in steps of the scale.</param>
    /// <param name="sure">1 for calibrated probabilities, more for overconfident ones.</param>
    public static GradedScores Look(int[] grades, double[] prior, int seed, double noise = 0.45, double sure = 1)
    {
        Random random = RandomStream.Create(seed, "simulated network");
        int k = prior.Length;
        var probabilities = new double[grades.Length * k];
        var score = new double[grades.Length];
        for (int i = 0; i < grades.Length; i++)
        {
            double feature = grades[i] + noise * Normal(random);
            double sum = 0;
            for (int c = 0; c < k; c++)
                sum += probabilities[i * k + c] = prior[c] == 0 ? 0 : Math.Pow(prior[c] * Math.Exp(-(feature - c) * (feature - c) / (2 * noise * noise)), sure);
            for (int c = 0; c < k; c++)
                score[i] += c * (probabilities[i * k + c] /= sum);
        }
        return new GradedScores(grades.Length, k, [.. probabilities.Select(p => (float)p)], score, probabilities);
    }

    /// <summary>The same as a regression: the feature alone.</summary>
    public static GradedScores Regress(int[] grades, int seed, double noise = 0.45)
    {
        Random random = RandomStream.Create(seed, "simulated network");
        double[] score = [.. grades.Select(g => g + noise * Normal(random))];
        return new GradedScores(grades.Length, 1, [.. score.Select(s => (float)s)], score, null);
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
