using System.Globalization;

namespace Gradus.Thresholds;

/// <summary>
/// How far a threshold may go: within a step of the scale, whose middle, 0.5, is the default. Cumulative outputs keep their thresholds
/// from <paramref name="Low"/> to <paramref name="High"/>; a score's cut point between grades k and k + 1 stays from k + Low to k + High.
/// </summary>
/// <param name="Low">0 to 0.5.</param>
/// <param name="High">0.5 to 1, above <paramref name="Low"/>.</param>
public sealed record ThresholdBounds(double Low, double High)
{
    /// <summary>Refuses bounds that leave the step or leave out the default.</summary>
    /// <exception cref="GradusException">They do.</exception>
    public ThresholdBounds Checked()
    {
        if (Low is >= 0 and <= 0.5 && High is >= 0.5 and <= 1 && Low < High)
            return this;
        throw new GradusException("bounds of thresholds lie between 0 and 1 and hold the default 0.5 between them", found: string.Create(CultureInfo.InvariantCulture, $"{Low}, {High}"), remedy: "Write for example 0.2, 0.8", fault: Fault.Request);
    }
}
