using SkiaSharp;

namespace Gradus.Synthetic;

/// <summary>
/// One eye in its own coordinates: the field is the unit disc, x to the nose, y down. The camera's matrix turns, mirrors and
/// scales them to pixels.
/// </summary>
internal sealed class Eye
{
    /// <summary>The widest a lesion may lie from the centre of the field.</summary>
    private const float Reach = 0.9f;

    private readonly FundusCamera _camera;

    public Eye(FundusCamera camera, Random random)
    {
        _camera = camera;
        Fovea = new SKPoint(random.Between(-0.12f, 0.02f), random.Between(0f, 0.1f));
        Disc = new SKPoint(Fovea.X + random.Between(0.56f, 0.68f), Fovea.Y - random.Between(0.02f, 0.12f));
        DiscRadius = random.Between(0.125f, 0.155f);
        Pigment = Tone(random);
        Matrix = SKMatrix.CreateTranslation(camera.Width / 2f + random.Between(-4, 4), camera.Height / 2f)
            .PreConcat(SKMatrix.CreateScale(camera.Radius * random.Sign(), camera.Radius))
            .PreConcat(SKMatrix.CreateRotationDegrees(random.Between(-9, 9)));
        Centre = Matrix.MapPoint(0, 0);
    }

    /// <summary>Centre of the macula.</summary>
    public SKPoint Fovea { get; }

    /// <summary>Centre of the optic disc.</summary>
    public SKPoint Disc { get; }

    /// <summary>Radius of the optic disc.</summary>
    public float DiscRadius { get; }

    /// <summary>The colour of healthy retina in full light.</summary>
    public SKColor Pigment { get; }

    /// <summary>From eye coordinates to pixels.</summary>
    public SKMatrix Matrix { get; }

    /// <summary>The centre of the field in pixels.</summary>
    public SKPoint Centre { get; }

    /// <summary>The pigment with its channels scaled: blood, vessels, choroid are all shades of it.</summary>
    public SKColor Shade(float r, float g, float b) =>
        new((byte)Math.Min(255, Pigment.Red * r), (byte)Math.Min(255, Pigment.Green * g), (byte)Math.Min(255, Pigment.Blue * b));

    /// <summary>A place for a lesion of this radius: inside the visible field, off the optic disc.</summary>
    public SKPoint Place(Random random, float radius)
    {
        while (true)
        {
            var p = new SKPoint(random.Between(-1, 1), random.Between(-1, 1));
            if (IsVisible(p, radius) && SKPoint.Distance(p, Disc) > DiscRadius * 1.25f + radius)
                return p;
        }
    }

    /// <summary>Whether a circle lies wholly in the part of the field that the camera keeps.</summary>
    public bool IsVisible(SKPoint p, float radius)
    {
        float margin = radius * _camera.Radius + 0.03f * _camera.Radius;
        SKPoint pixel = Matrix.MapPoint(p);
        return p.Length + radius < Reach && pixel.Y > margin && pixel.Y < _camera.Height - margin;
    }

    // Orange, red, pink and brown fundi, as between fair and dark eyes.
    private static SKColor Tone(Random random)
    {
        ReadOnlySpan<(byte R, byte G, byte B)> tones = [(205, 108, 38), (190, 84, 36), (206, 116, 66), (168, 84, 36), (196, 98, 52)];
        (byte r, byte g, byte b) = tones[random.Next(tones.Length)];
        float light = random.Between(0.88f, 1.08f);
        return new SKColor((byte)(r * light), (byte)(g * light * random.Between(0.95f, 1.05f)), (byte)(b * light * random.Between(0.85f, 1.15f)));
    }
}
