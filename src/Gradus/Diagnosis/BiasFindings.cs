using System.Globalization;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Diagnosis;

/// <summary>Whether a grade is predicted more often, or less, than it occurs among the validation images.</summary>
internal static class BiasFindings
{
    private const double Visible = 0.03, Large = 0.08; // of the images
    private const double Deviations = 2.576; // a chance of one in a hundred for each grade

    /// <summary>A sentence for each grade whose share is off by more than chance at default and at tuned thresholds, in the selected epoch.</summary>
    public static IEnumerable<Finding> Of(DiagnosisInput input)
    {
        int selected = Selection.Rank(input.Records, input.Info.Experiment.Select)[0];
        SplitRecord validation = input.Records.First(r => r.Epoch == selected).Validation;
        IReadOnlyList<EpochRecord> settled = RunDiagnosis.Settled(input.Records);
        for (int k = 0; k < input.Info.Experiment.Scale.Count; k++)
        {
            (double byDefault, double chance) = Excess(validation.Default, k);
            (double tuned, double tunedChance) = Excess(validation.Tuned, k);
            bool offByDefault = Math.Abs(byDefault) >= Math.Max(Visible, chance), offTuned = Math.Abs(tuned) >= Math.Max(Visible, tunedChance);
            if (!offByDefault && !offTuned)
                continue;
            double worst = offTuned ? tuned : byDefault;
            string grade = $"{k} {input.Info.Experiment.Scale.Names[k]}";
            int images = validation.Default.PerClass.Sum(c => c.Support), grades = k;
            int same = settled.Count(r => Math.Sign(Excess(offTuned ? r.Validation.Tuned : r.Validation.Default, grades).Share) == Math.Sign(worst));
            string where = offByDefault && offTuned ? "at default and at tuned thresholds" : offTuned ? "at tuned thresholds" : "at default thresholds, which tuning mends";
            yield return new Finding(
                DiagnosisKind.Bias,
                offTuned && Math.Abs(worst) >= Large ? Severity.Warning : Severity.Info,
                $"The selected epoch {selected} predicts grade {grade} too {(worst > 0 ? "often" : "rarely")}, {where}.",
                string.Create(CultureInfo.InvariantCulture, $"{validation.Default.PerClass[k].Support} of the {images} validation images have it; {validation.Default.PredictedCounts[k]} are given it at default and {validation.Tuned.PredictedCounts[k]} at tuned thresholds ({worst:+0.0 %;-0.0 %} of all images, chance explains {(offTuned ? tunedChance : chance):0.0 %}). In {same} of {settled.Count} settled epochs the sign is the same."));
        }
    }

    /// <summary>Predicted minus true share of a grade, and how much of that chance explains.</summary>
    internal static (double Share, double Chance) Excess(MetricSet metrics, int grade)
    {
        double images = metrics.PerClass.Sum(c => c.Support), hit = metrics.Confusion[grade][grade];
        double wrongly = metrics.PredictedCounts[grade] - hit, missed = metrics.PerClass[grade].Support - hit;
        double share = (wrongly - missed) / images;
        return (share, Deviations * Math.Sqrt(Math.Max(0, (wrongly + missed) / images - share * share) / images));
    }
}
