using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Mistakes;

/// <summary>Orders images by how wrong they were judged out of fold, and names those whose label may be the error.</summary>
public static class MistakeRanking
{
    /// <summary>Without probabilities a prediction counts as confident where its score is this many grades off.</summary>
    public const double FarOff = 1.5;

    // The share of a run's right predictions of a grade that count as confident.
    private const double Confident = 0.9;

    /// <summary>
    /// The images, the most wrong first: by the distance of the mean score from the person's grade, then by confidence, then by source and id. A
    /// run is confident of a grade where it gives it a probability that nine in ten of its right predictions of that grade reach: no fixed
    /// number would suit every run and grade (confident learning, Northcutt et al. 2021, takes their mean, which half of them miss).
    /// </summary>
    /// <param name="judgements">Of images that their run was not trained on; several of one image where several runs judged it.</param>
    /// <exception cref="GradusException">One image has two contents or two grades among the runs.</exception>
    public static ImmutableArray<Mistake> Rank(IReadOnlyCollection<Judgement> judgements)
    {
        var usual = judgements.Where(j => j.Confidence is not null && j.Predicted == j.Grade).GroupBy(j => (j.Run, j.Grade)).ToDictionary(g => g.Key, g => Least([.. g.Select(j => j.Confidence!.Value)]));
        return
        [
            .. judgements.GroupBy(j => ImageKey.Of(j.Image)).Select(g => Of(g.Key, [.. g], usual))
                .OrderByDescending(m => m.Error).ThenByDescending(m => m.Confidence).ThenBy(m => ImageKey.Of(m.Image)),
        ];
    }

    private static double Least(double[] confidences)
    {
        Array.Sort(confidences);
        return confidences[(int)((1 - Confident) * confidences.Length)];
    }

    private static Mistake Of(ImageKey key, Judgement[] judged, Dictionary<(string Run, int Grade), double> usual)
    {
        ImageRecord image = judged[0].Image;
        if (judged.Any(j => j.Image.Hash != image.Hash || j.Grade != image.Grade))
            throw new GradusException($"'{key}' has another content or grade in {judged.First(j => j.Image.Hash != image.Hash || j.Grade != image.Grade).Run} than in {judged[0].Run}", remedy: "Compare runs on the same data", fault: Fault.Request);
        double score = judged.Average(j => j.Score);
        int predicted = judged.GroupBy(j => j.Predicted).OrderByDescending(g => g.Count()).ThenByDescending(g => Math.Abs(g.Key - image.Grade!.Value)).First().Key;
        bool candidate = judged.All(j => j.Predicted != j.Grade && (j.Confidence is { } p ? p >= usual.GetValueOrDefault((j.Run, j.Predicted), 1) : j.Error >= FarOff));
        return new Mistake(image, predicted, score, Math.Abs(score - image.Grade!.Value), judged[0].Confidence is null ? null : judged.Average(j => j.Confidence!.Value), judged.Length, candidate);
    }
}
