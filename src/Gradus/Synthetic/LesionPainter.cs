using System.Collections.Immutable;
using SkiaSharp;

namespace Gradus.Synthetic;

/// <summary>Paints lesions into the picture and, in the same breath, into the mask, so that the two cannot disagree.</summary>
internal sealed class LesionPainter : IDisposable
{
    private readonly Eye _eye;
    private readonly Random _random;
    private readonly SKCanvas _picture;
    private readonly SKBitmap _mask;
    private readonly SKCanvas _maskCanvas;
    private readonly ImmutableArray<Lesion>.Builder _lesions = ImmutableArray.CreateBuilder<Lesion>();

    public LesionPainter(Eye eye, SKCanvas picture, int width, int height, Random random)
    {
        (_eye, _picture, _random) = (eye, picture, random);
        _mask = new SKBitmap(new SKImageInfo(width, height, SKColorType.Alpha8, SKAlphaType.Premul));
        _maskCanvas = new SKCanvas(_mask);
        _maskCanvas.Clear(SKColors.Transparent);
        _maskCanvas.SetMatrix(eye.Matrix);
    }

    public ImmutableArray<Lesion> Lesions => _lesions.ToImmutable();

    /// <summary>(H, W) bytes, numbers of <see cref="LesionKind"/>.</summary>
    public byte[] Mask()
    {
        var mask = new byte[_mask.Width * _mask.Height];
        ReadOnlySpan<byte> rows = _mask.GetPixelSpan();
        for (int y = 0; y < _mask.Height; y++)
            rows.Slice(y * _mask.RowBytes, _mask.Width).CopyTo(mask.AsSpan(y * _mask.Width));
        // A dot thinner than a pixel may fall between pixel centres, but it is in the picture.
        foreach (Lesion lesion in _lesions)
        {
            int centre = (int)lesion.Y * _mask.Width + (int)lesion.X;
            if (mask[centre] == 0 && lesion.Kind != LesionKind.Neovascularisation)
                mask[centre] = (byte)lesion.Kind;
        }
        return mask;
    }

    public void Paint(LesionPlan plan)
    {
        for (int i = 0; i < plan.Drusen; i++)
            Druse();
        for (int i = 0; i < plan.CottonWoolSpots; i++)
            CottonWoolSpot();
        if (plan.PreretinalBleeding)
            Haemorrhage(_random.Between(0.12f, 0.2f));
        for (int i = 0; i < plan.Haemorrhages; i++)
            Haemorrhage(_random.Between(0.022f, 0.05f));
        for (int i = 0; i < plan.Microaneurysms; i++)
            Microaneurysm();
        for (int i = 0; i < plan.ExudateClusters; i++)
            ExudateCluster();
        for (int i = 0; i < plan.Tangles; i++)
            Tangle(onDisc: i == 0);
    }

    public void Dispose()
    {
        _maskCanvas.Dispose();
        _mask.Dispose();
    }

    private void Microaneurysm()
    {
        float radius = _random.Between(0.015f, 0.021f);
        SKPoint at = _eye.Place(_random, radius);
        using SKPath dot = Blob(at, radius, radius, 0.1f);
        Fill(LesionKind.Microaneurysm, dot, at, radius, _eye.Shade(0.52f, 0.2f, 0.3f), soft: 0.25f);
    }

    private void Haemorrhage(float radius)
    {
        SKPoint at = _eye.Place(_random, radius * 1.3f);
        bool flame = _random.Chance(0.3);
        using SKPath blot = Blob(at, radius * (flame ? 1.4f : 1), radius * (flame ? 0.5f : 0.9f), 0.3f);
        Fill(LesionKind.Haemorrhage, blot, at, radius, _eye.Shade(0.52f, 0.17f, 0.25f), soft: Math.Min(0.3f, 0.012f / radius));
    }

    private void CottonWoolSpot()
    {
        float radius = _random.Between(0.04f, 0.075f);
        SKPoint at = _eye.Place(_random, radius);
        for (int i = 0; i < 6; i++)
        {
            SKPoint part = at + new SKPoint(_random.Between(-0.6f, 0.6f) * radius, _random.Between(-0.35f, 0.35f) * radius);
            Glow(part, radius * _random.Between(0.45f, 0.8f), new SKColor(248, 226, 172), 0.42f);
        }
        using SKPath patch = Blob(at, radius * 0.75f, radius * 0.75f, 0.15f);
        Mark(LesionKind.CottonWoolSpot, patch, at, radius);
    }

    private void ExudateCluster()
    {
        float spread = _random.Between(0.05f, 0.13f);
        SKPoint at = _eye.Place(_random, spread);
        // Half of the clusters are rings around a leaking spot.
        float inner = _random.Chance(0.5) ? 0.6f : 0;
        int specks = _random.Count(8, 24);
        var colour = new SKColor(253, (byte)_random.Count(215, 235), (byte)_random.Count(95, 140));
        for (int i = 0; i < specks; i++)
        {
            float angle = _random.Between(0, MathF.Tau), away = spread * _random.Between(inner, 1);
            float radius = _random.Between(0.008f, 0.019f);
            SKPoint speck = at + new SKPoint(away * MathF.Cos(angle), away * MathF.Sin(angle));
            if (!_eye.IsVisible(speck, radius))
                continue;
            using SKPath spot = Blob(speck, radius, radius * _random.Between(0.6f, 1), 0.25f);
            Fill(LesionKind.HardExudate, spot, speck, radius, colour, soft: 0.2f);
        }
    }

    private void Druse()
    {
        float radius = _random.Between(0.01f, 0.02f);
        Glow(_eye.Place(_random, radius), radius * 1.4f, new SKColor(226, 176, 92), 0.55f);
    }

    // New vessels sprout at the optic disc and along the arcades, curl back and cross each other.
    private void Tangle(bool onDisc)
    {
        float extent = _random.Between(0.11f, 0.17f);
        SKPoint at = onDisc
            ? _eye.Disc + new SKPoint(_random.Between(-0.8f, 0.1f) * _eye.DiscRadius, _random.Sign() * _eye.DiscRadius)
            : _eye.Place(_random, extent);
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeCap = SKStrokeCap.Round, Color = _eye.Shade(0.78f, 0.24f, 0.34f) };
        int twigs = _random.Count(9, 14);
        for (int i = 0; i < twigs; i++)
        {
            using var twig = new SKPath();
            SKPoint[] course = VesselTree.Walk(at, _random.Between(0, MathF.Tau), extent * _random.Between(1.2f, 2.6f), 0.85f, _random, null);
            twig.MoveTo(at);
            for (int p = 1; p + 1 < course.Length; p++)
                twig.QuadTo(course[p], new SKPoint((course[p].X + course[p + 1].X) / 2, (course[p].Y + course[p + 1].Y) / 2));
            paint.StrokeWidth = _random.Between(0.006f, 0.011f);
            _picture.DrawPath(twig, paint);
            using SKPaint mark = MaskPaint(LesionKind.Neovascularisation);
            (mark.Style, mark.StrokeWidth) = (SKPaintStyle.Stroke, 0.02f);
            _maskCanvas.DrawPath(twig, mark);
        }
        Note(LesionKind.Neovascularisation, at, extent);
    }

    /// <summary>A closed curve around an ellipse turned at random, its radius uneven by the given share.</summary>
    private SKPath Blob(SKPoint at, float a, float b, float uneven)
    {
        const int Corners = 9;
        float turn = _random.Between(0, MathF.Tau);
        var rim = new SKPoint[Corners];
        for (int i = 0; i < Corners; i++)
        {
            float angle = MathF.Tau * i / Corners, r = 1 + _random.Between(-uneven, uneven);
            float x = a * r * MathF.Cos(angle), y = b * r * MathF.Sin(angle);
            rim[i] = at + new SKPoint(x * MathF.Cos(turn) - y * MathF.Sin(turn), x * MathF.Sin(turn) + y * MathF.Cos(turn));
        }
        var path = new SKPath();
        path.MoveTo((rim[^1].X + rim[0].X) / 2, (rim[^1].Y + rim[0].Y) / 2);
        for (int i = 0; i < Corners; i++)
        {
            SKPoint next = rim[(i + 1) % Corners];
            path.QuadTo(rim[i], new SKPoint((rim[i].X + next.X) / 2, (rim[i].Y + next.Y) / 2));
        }
        path.Close();
        return path;
    }

    private void Fill(LesionKind kind, SKPath shape, SKPoint at, float radius, SKColor colour, float soft)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = colour.WithAlpha(70), Style = SKPaintStyle.StrokeAndFill, StrokeWidth = 2 * soft * radius };
        _picture.DrawPath(shape, paint);
        (paint.Style, paint.Color) = (SKPaintStyle.Fill, colour.WithAlpha((byte)_random.Count(185, 235)));
        _picture.DrawPath(shape, paint);
        Mark(kind, shape, at, radius);
    }

    private void Glow(SKPoint at, float radius, SKColor colour, float strength)
    {
        using SKShader shader = SKShader.CreateRadialGradient(at, radius, [colour.WithAlpha((byte)(255 * strength)), colour.WithAlpha((byte)(180 * strength)), colour.WithAlpha(0)], [0, 0.45f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { IsAntialias = true, Shader = shader };
        _picture.DrawCircle(at, radius, paint);
    }

    private void Mark(LesionKind kind, SKPath shape, SKPoint at, float radius)
    {
        using SKPaint mark = MaskPaint(kind);
        _maskCanvas.DrawPath(shape, mark);
        Note(kind, at, radius);
    }

    private void Note(LesionKind kind, SKPoint at, float radius)
    {
        SKPoint pixel = _eye.Matrix.MapPoint(at);
        _lesions.Add(new Lesion(kind, pixel.X, pixel.Y, radius * Math.Abs(_eye.Matrix.MapRadius(1))));
    }

    // The alpha channel is the mask, written as it is, without a soft edge that would read as another kind.
    private static SKPaint MaskPaint(LesionKind kind) => new() { IsAntialias = false, BlendMode = SKBlendMode.Src, Color = new SKColor(0, 0, 0, (byte)kind) };
}
