using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Splitting;
using MathNet.Numerics.LinearAlgebra;

namespace Gradus.Shift;

/// <summary>An image and how much it looks like one of the test set.</summary>
/// <param name="Image">The image.</param>
/// <param name="IsTest">Whether it is one.</param>
/// <param name="Probability">Out-of-fold probability of being one, at even odds, 0 to 1.</param>
public sealed record TellingImage(ImageRecord Image, bool IsTest, double Probability);

/// <summary>
/// A classifier that tries to tell labelled from test images by their features, judged on images that it has not learnt from: what it
/// achieves is how much the sets differ.
/// </summary>
/// <param name="Features">Where the features come from.</param>
/// <param name="Labelled">How many labelled images were compared.</param>
/// <param name="Test">With how many test images.</param>
/// <param name="All">Of the images as they are: other shares of the grades alone raise it.</param>
/// <param name="SameGrades">Of labelled images weighted to the test set's estimated grades: what grades alone do not explain. Null without an estimate.</param>
/// <param name="Telling">The test images that look least like labelled ones, then the labelled ones that look most like test images.</param>
public sealed record AdversarialValidation(string Features, int Labelled, int Test, AucInterval All, AucInterval? SameGrades, ImmutableArray<TellingImage> Telling)
{
    /// <summary>From this lower end of the interval on, the images of the sets differ.</summary>
    public const double Apart = 0.55;

    private const int Folds = 5;
    private const int MostAxes = 40;
    private const int Shown = 8;
    private const double Penalty = 5;

    /// <summary>The AUC that counts: at the same grades where there is an estimate.</summary>
    public AucInterval Decisive => SameGrades ?? All;

    /// <summary>Runs it; null where a side has fewer images than folds.</summary>
    /// <param name="labelled">Features of labelled images that the network has not learnt.</param>
    /// <param name="test">Features of test images.</param>
    /// <param name="weights">(N) how often each labelled image stands for a test image; null where that is not known.</param>
    /// <param name="alike">Contents that show the same picture: they stay in one fold.</param>
    /// <param name="seed">Decides folds and projection.</param>
    internal static AdversarialValidation? Run(ImageFeatures labelled, ImageFeatures test, double[]? weights, IReadOnlyCollection<SamePicture> alike, long seed)
    {
        if (Math.Min(labelled.Images.Length, test.Images.Length) < Folds)
            return null;
        ImmutableArray<ImageRecord> images = [.. labelled.Images, .. test.Images];
        bool[] isTest = [.. images.Select((_, i) => i >= labelled.Images.Length)];
        int width = labelled.Width;
        Matrix<double> raw = Matrix<double>.Build.Dense(images.Length, width, (i, j) => i < labelled.Images.Length ? labelled.Values[i * width + j] : test.Values[(i - labelled.Images.Length) * width + j]);
        // A direction for every six images of the smaller side: more would be learnt by heart.
        int axes = Math.Clamp(Math.Min(labelled.Images.Length, test.Images.Length) / 6, 2, MostAxes);
        Matrix<double> x = PrincipalAxes.Project(raw, axes, RandomStream.Create(seed, "adversarial axes"));
        double largest = Enumerable.Range(0, x.ColumnCount).Max(j => Math.Sqrt(x.Column(j).DotProduct(x.Column(j)) / x.RowCount));
        x = largest > 0 ? x / largest : x;
        int[] folds = FoldOf(images, isTest, alike, seed);

        double[] once = [.. images.Select(_ => 1.0)];
        double[] scores = OutOfFold(x, isTest, once, folds);
        AucInterval all = WeightedAuc.Of(scores, isTest, once);
        AucInterval? same = null;
        if (weights is not null)
        {
            double[] weighted = [.. weights, .. test.Images.Select(_ => 1.0)];
            scores = OutOfFold(x, isTest, weighted, folds);
            same = WeightedAuc.Of(scores, isTest, weighted);
        }
        TellingImage[] judged = [.. images.Select((image, i) => new TellingImage(image, isTest[i], 1 / (1 + Math.Exp(-scores[i])))).OrderByDescending(t => t.Probability)];
        return new AdversarialValidation(labelled.Origin, labelled.Images.Length, test.Images.Length, all, same, [.. judged.Where(t => t.IsTest).Take(Shown), .. judged.Where(t => !t.IsTest).Take(Shown)]);
    }

    // Each side counts half, so that the probabilities are those at even odds.
    private static double[] OutOfFold(Matrix<double> x, bool[] isTest, double[] weights, int[] folds)
    {
        var scores = new double[isTest.Length];
        for (int fold = 0; fold < Folds; fold++)
        {
            int[] rows = [.. Enumerable.Range(0, isTest.Length).Where(i => folds[i] != fold)];
            double testMass = rows.Where(i => isTest[i]).Sum(i => weights[i]), labelledMass = rows.Where(i => !isTest[i]).Sum(i => weights[i]);
            double[] balanced = [.. weights.Select((w, i) => w * rows.Length / 2 / Math.Max(1e-9, isTest[i] ? testMass : labelledMass))];
            double[] beta = RidgeLogistic.Fit(x, rows, isTest, balanced, Penalty);
            for (int i = 0; i < scores.Length; i++)
            {
                if (folds[i] == fold)
                    scores[i] = RidgeLogistic.Linear(x, i, beta);
            }
        }
        return scores;
    }

    // Groups of one picture or one patient stay together; each goes to the fold with the fewest images of its side.
    private static int[] FoldOf(ImmutableArray<ImageRecord> images, bool[] isTest, IReadOnlyCollection<SamePicture> alike, long seed)
    {
        ImmutableArray<int>[] groups = [.. ImageGroups.Of(images, alike)];
        RandomStream.Create(seed, "adversarial folds").Shuffle(groups);
        var folds = new int[images.Length];
        var sizes = new int[Folds, 2];
        foreach (ImmutableArray<int> group in groups.OrderByDescending(g => g.Length))
        {
            int side = group.Count(i => isTest[i]) * 2 > group.Length ? 1 : 0;
            int fold = Enumerable.Range(0, Folds).MinBy(f => (sizes[f, side], sizes[f, 0] + sizes[f, 1]));
            foreach (int i in group)
            {
                folds[i] = fold;
                sizes[fold, isTest[i] ? 1 : 0]++;
            }
        }
        return folds;
    }
}
