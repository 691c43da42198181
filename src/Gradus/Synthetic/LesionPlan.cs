namespace Gradus.Synthetic;

/// <summary>
/// How many lesions of each kind an eye has. The kinds follow the international scale of diabetic retinopathy (Wilkinson et al.
/// 2003, table 2); the numbers of neighbouring grades overlap, as graders' opinions do.
/// </summary>
internal sealed record LesionPlan(int Microaneurysms, int Haemorrhages, int ExudateClusters, int CottonWoolSpots, int Tangles, bool PreretinalBleeding, int Drusen)
{
    /// <summary>Draws the numbers for a grade, 0 to 4.</summary>
    public static LesionPlan For(int grade, Random random)
    {
        // Pale specks of age, in every grade alike: they look like exudates and mean nothing.
        int drusen = random.Chance(0.1) ? random.Count(4, 12) : 0;
        return grade switch
        {
            0 => new(random.Chance(0.06) ? 1 : 0, 0, 0, 0, 0, false, drusen),
            1 => new(random.Count(5, 12), random.Chance(0.05) ? 1 : 0, 0, 0, 0, false, drusen),
            2 => new(random.Count(6, 18), random.Count(2, 9), random.Count(0, 3), random.Chance(0.3) ? 1 : 0, 0, false, drusen),
            3 => new(random.Count(10, 26), random.Count(7, 20), random.Count(0, 4), random.Count(1, 4), 0, false, drusen),
            4 => new(random.Count(6, 20), random.Count(3, 16), random.Count(0, 4), random.Count(0, 3), random.Count(1, 4), random.Chance(0.4), drusen),
            _ => throw new ArgumentOutOfRangeException(nameof(grade), grade, "a grade of retinopathy is 0 to 4"),
        };
    }
}
