using SkiaSharp;

namespace Gradus.Synthetic;

/// <summary>One vessel: a line that grows thinner.</summary>
/// <param name="Points">Its course, in eye coordinates.</param>
/// <param name="Start">Its width at the first point.</param>
/// <param name="End">Its width at the last point.</param>
/// <param name="IsVein">Veins are wider and darker than arteries.</param>
internal sealed record Vessel(SKPoint[] Points, float Start, float End, bool IsVein)
{
    /// <summary>The outline, to be filled. The caller disposes it.</summary>
    public SKPath Outline()
    {
        int n = Points.Length;
        var rim = new SKPoint[2 * n];
        for (int i = 0; i < n; i++)
        {
            SKPoint along = Points[Math.Min(i + 1, n - 1)] - Points[Math.Max(i - 1, 0)];
            float half = (Start + (End - Start) * i / (n - 1)) / 2 / Math.Max(along.Length, 1e-6f);
            var across = new SKPoint(-along.Y * half, along.X * half);
            rim[i] = Points[i] + across;
            rim[2 * n - 1 - i] = Points[i] - across;
        }
        var path = new SKPath();
        path.AddPoly(rim, close: true);
        return path;
    }
}

/// <summary>The branching vessels of an eye: two arcades around the macula, their nasal counterparts, and what sprouts from them.</summary>
internal static class VesselTree
{
    private const float Step = 0.022f;

    /// <summary>Grows the tree; the thinnest vessels come first, so that the thick ones lie on top.</summary>
    public static List<Vessel> Grow(Eye eye, Random random)
    {
        var vessels = new List<Vessel>();
        foreach (float side in (ReadOnlySpan<float>)[-1, 1])
        {
            foreach (bool vein in (ReadOnlySpan<bool>)[true, false])
            {
                float width = vein ? random.Between(0.03f, 0.038f) : random.Between(0.02f, 0.026f);
                float reach = random.Between(0.5f, 0.68f);
                SKPoint root = eye.Disc + new SKPoint(random.Between(-0.03f, 0.03f), side * 0.02f);
                SKPoint[] arcade = Curve(root, root + new SKPoint(random.Between(-0.02f, 0.1f), side * reach * 0.75f),
                    new SKPoint(eye.Fovea.X + random.Between(0.1f, 0.3f), eye.Fovea.Y + side * reach * 1.25f), new SKPoint(-1.05f, eye.Fovea.Y + side * random.Between(0.25f, 0.6f)), random);
                Add(eye, vessels, new Vessel(arcade, width, width * 0.35f, vein), branches: random.Count(5, 7), depth: 2, random);

                SKPoint end = eye.Disc + new SKPoint(random.Between(0.3f, 0.6f), side * random.Between(0.5f, 0.9f));
                SKPoint[] nasal = Curve(root, root + new SKPoint(0.08f, side * 0.2f), end - new SKPoint(0.2f, side * 0.2f), end, random);
                Add(eye, vessels, new Vessel(nasal, width * 0.65f, width * 0.25f, vein), branches: random.Count(2, 3), depth: 1, random);
            }
        }
        vessels.Sort((a, b) => a.Start.CompareTo(b.Start));
        return vessels;
    }

    /// <summary>A walk that keeps turning; it stops before the fovea, which has no vessels, and outside the field.</summary>
    public static SKPoint[] Walk(SKPoint from, float heading, float length, float turn, Random random, SKPoint? avoid)
    {
        var points = new List<SKPoint> { from };
        float bend = random.Between(-turn, turn);
        for (float gone = 0; gone < length; gone += Step)
        {
            bend = 0.85f * bend + random.Between(-turn, turn) * 0.45f;
            heading += bend;
            SKPoint next = points[^1] + new SKPoint(Step * MathF.Cos(heading), Step * MathF.Sin(heading));
            if (next.Length > 1.05f || (avoid is { } fovea && SKPoint.Distance(next, fovea) < 0.13f))
                break;
            points.Add(next);
        }
        return [.. points];
    }

    private static void Add(Eye eye, List<Vessel> vessels, Vessel vessel, int branches, int depth, Random random)
    {
        vessels.Add(vessel);
        if (depth == 0)
            return;
        SKPoint[] trunk = vessel.Points;
        float side = random.Sign();
        for (int i = 0; i < branches; i++)
        {
            int at = Math.Clamp((int)(trunk.Length * (i + random.Between(0.35f, 1f)) / branches), 1, trunk.Length - 2);
            SKPoint along = trunk[at + 1] - trunk[at - 1];
            side = -side;
            float heading = MathF.Atan2(along.Y, along.X) + side * random.Between(0.5f, 1.0f);
            float width = vessel.Start + (vessel.End - vessel.Start) * at / trunk.Length;
            SKPoint[] course = Walk(trunk[at], heading, random.Between(0.25f, 0.7f) * (depth == 2 ? 1 : 0.6f), 0.13f, random, eye.Fovea);
            if (course.Length > 4)
                Add(eye, vessels, new Vessel(course, width * random.Between(0.5f, 0.7f), 0.005f, vessel.IsVein), branches: random.Count(1, 3), depth - 1, random);
        }
    }

    // A cubic Bézier with a slow wave across it that is still at the root.
    private static SKPoint[] Curve(SKPoint a, SKPoint b, SKPoint c, SKPoint d, Random random)
    {
        const int Pieces = 44;
        float size = random.Between(0.006f, 0.018f), waves = random.Between(2f, 4.5f), phase = random.Between(0, MathF.Tau);
        var points = new SKPoint[Pieces + 1];
        for (int i = 0; i <= Pieces; i++)
        {
            float t = (float)i / Pieces, s = 1 - t;
            float x = s * s * s * a.X + 3 * s * s * t * b.X + 3 * s * t * t * c.X + t * t * t * d.X;
            float y = s * s * s * a.Y + 3 * s * s * t * b.Y + 3 * s * t * t * c.Y + t * t * t * d.Y;
            float wave = size * Math.Min(1, 4 * t) * MathF.Sin(MathF.Tau * waves * t + phase);
            points[i] = new SKPoint(x + wave, y + wave);
        }
        return points;
    }
}
