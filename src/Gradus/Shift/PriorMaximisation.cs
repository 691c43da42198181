namespace Gradus.Shift;

/// <summary>
/// The shares of the grades under which the test predictions are likeliest, by expectation maximisation (Saerens, Latinne and
/// Decaestecker 2002). It rests on probabilities that are right on validation.
/// </summary>
internal static class PriorMaximisation
{
    private const int MostRounds = 2000;
    private const double Tolerance = 1e-6;

    /// <summary>(K) shares that sum to 1; a grade that validation lacks keeps none.</summary>
    /// <param name="probabilities">(M, K) calibrated for the validation's shares.</param>
    /// <param name="times">(M) how often each image counts.</param>
    /// <param name="validation">(K) the validation's shares.</param>
    public static double[] Estimate(double[] probabilities, double[] times, double[] validation)
    {
        int grades = validation.Length;
        double[] shares = [.. validation];
        double total = times.Sum();
        var next = new double[grades];
        var part = new double[grades];
        for (int round = 0; round < MostRounds; round++)
        {
            Array.Clear(next);
            for (int i = 0; i < times.Length; i++)
            {
                if (times[i] == 0)
                    continue;
                double sum = 0;
                for (int k = 0; k < grades; k++)
                    sum += part[k] = validation[k] > 0 ? shares[k] / validation[k] * probabilities[i * grades + k] : 0;
                if (!(sum > 0))
                    continue;
                for (int k = 0; k < grades; k++)
                    next[k] += times[i] * part[k] / sum;
            }
            double moved = 0;
            for (int k = 0; k < grades; k++)
            {
                moved = Math.Max(moved, Math.Abs(next[k] / total - shares[k]));
                shares[k] = next[k] / total;
            }
            if (moved < Tolerance)
                break;
        }
        return shares;
    }
}
