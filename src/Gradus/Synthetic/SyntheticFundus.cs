using System.Runtime.InteropServices;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Synthetic;

/// <summary>Draws fundus photographs whose lesions are known to the pixel.</summary>
public static class SyntheticFundus
{
    /// <summary>The number of grades, 0 (no retinopathy) to 4 (proliferative).</summary>
    public const int Grades = 5;

    /// <summary>Draws one eye of the given grade as the camera would see it.</summary>
    /// <param name="grade">0 to 4.</param>
    /// <param name="camera">Decides size, crop, colour cast, blur and noise.</param>
    /// <param name="random">Everything else; the same numbers give the same picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">The grade is outside 0 to 4.</exception>
    public static FundusPicture Draw(int grade, FundusCamera camera, Random random)
    {
        ArgumentNullException.ThrowIfNull(camera);
        ArgumentNullException.ThrowIfNull(random);
        LesionPlan plan = LesionPlan.For(grade, random);
        var eye = new Eye(camera, random);
        using var scene = new SKBitmap(new SKImageInfo(camera.Width, camera.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(scene);
        canvas.SetMatrix(eye.Matrix);
        Retina(canvas, eye, random);
        if (random.Chance(0.25))
            Choroid(canvas, eye, random);
        Texture(canvas, random);
        OpticDisc(canvas, eye, random);
        Vessels(canvas, eye, random);
        using var lesions = new LesionPainter(eye, canvas, camera.Width, camera.Height, random);
        lesions.Paint(plan);
        canvas.Flush();
        return new FundusPicture(Expose(scene, camera, eye, random), lesions.Mask(), lesions.Lesions);
    }

    private static void Retina(SKCanvas canvas, Eye eye, Random random)
    {
        using SKShader light = SKShader.CreateRadialGradient(new SKPoint(0, 0), 1.1f, [eye.Pigment, eye.Shade(0.95f, 0.92f, 0.9f), eye.Shade(0.72f, 0.66f, 0.6f)], [0, 0.6f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = light };
        canvas.DrawRect(-1.4f, -1.4f, 2.8f, 2.8f, paint);
        // The macula: darker, without an edge.
        Spot(canvas, eye.Fovea, random.Between(0.26f, 0.36f), eye.Shade(0.5f, 0.4f, 0.45f), random.Between(0.45f, 0.75f));
    }

    // In a thinly pigmented eye the broad vessels behind the retina shine through.
    private static void Choroid(SKCanvas canvas, Eye eye, Random random)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = eye.Shade(1.05f, 0.62f, 0.6f).WithAlpha((byte)random.Count(35, 80)) };
        for (int i = 0; i < 26; i++)
        {
            var from = new SKPoint(random.Between(-0.9f, 0.9f), random.Between(-0.9f, 0.9f));
            SKPoint[] course = VesselTree.Walk(from, MathF.Atan2(from.Y, from.X) + random.Between(-0.5f, 0.5f), random.Between(0.3f, 0.7f), 0.12f, random, eye.Fovea);
            if (course.Length < 4)
                continue;
            using SKPath outline = new Vessel(course, random.Between(0.02f, 0.045f), 0.015f, false).Outline();
            canvas.DrawPath(outline, paint);
        }
    }

    // Two octaves of noise, blended small with smooth interpolation and then stretched over the field.
    private static void Texture(SKCanvas canvas, Random random)
    {
        const int Side = 132;
        using var cloud = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var small = new SKCanvas(cloud))
        {
            foreach ((int cells, byte opacity) in (ReadOnlySpan<(int, byte)>)[(7, 255), (44, 80)])
            {
                using SKImage grid = Noise(cells, random);
                using var over = new SKPaint { Color = SKColors.White.WithAlpha(opacity) };
                small.DrawImage(grid, new SKRect(0, 0, Side, Side), new SKSamplingOptions(SKCubicResampler.Mitchell), over);
            }
        }
        using SKImage image = SKImage.FromBitmap(cloud);
        using var paint = new SKPaint { BlendMode = SKBlendMode.SoftLight, Color = SKColors.White.WithAlpha(80) };
        canvas.DrawImage(image, new SKRect(-1.1f, -1.1f, 1.1f, 1.1f), new SKSamplingOptions(SKFilterMode.Linear), paint);
    }

    private static SKImage Noise(int cells, Random random)
    {
        var grey = new byte[cells * cells];
        random.NextBytes(grey);
        using var grid = new SKBitmap(new SKImageInfo(cells, cells, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int y = 0; y < cells; y++)
            grey.AsSpan(y * cells, cells).CopyTo(grid.GetPixelSpan()[(y * grid.RowBytes)..]);
        return SKImage.FromBitmap(grid);
    }

    private static void OpticDisc(SKCanvas canvas, Eye eye, Random random)
    {
        SKColor rim = eye.Shade(1.3f, 1.75f, 1.9f), cup = eye.Shade(1.4f, 2.15f, 2.6f);
        Spot(canvas, eye.Disc, eye.DiscRadius * 2.4f, rim, 0.3f);
        using SKShader shader = SKShader.CreateRadialGradient(eye.Disc, eye.DiscRadius, [cup, cup, rim, rim.WithAlpha(0)], [0, 0.3f, 0.85f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { IsAntialias = true, Shader = shader };
        canvas.Save();
        canvas.Scale(random.Between(0.82f, 0.95f), 1, eye.Disc.X, eye.Disc.Y);
        canvas.DrawCircle(eye.Disc, eye.DiscRadius, paint);
        canvas.Restore();
    }

    private static void Vessels(SKCanvas canvas, Eye eye, Random random)
    {
        SKColor vein = eye.Shade(0.68f, 0.4f, 0.45f), artery = eye.Shade(0.86f, 0.55f, 0.5f);
        using var paint = new SKPaint { IsAntialias = true };
        byte opacity = (byte)random.Count(190, 235);
        foreach (Vessel vessel in VesselTree.Grow(eye, random))
        {
            using SKPath outline = vessel.Outline();
            paint.Color = (vessel.IsVein ? vein : artery).WithAlpha(opacity);
            canvas.DrawPath(outline, paint);
        }
    }

    private static void Spot(SKCanvas canvas, SKPoint at, float radius, SKColor colour, float strength)
    {
        using SKShader shader = SKShader.CreateRadialGradient(at, radius, [colour.WithAlpha((byte)(255 * strength)), colour.WithAlpha((byte)(110 * strength)), colour.WithAlpha(0)], [0, 0.5f, 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { IsAntialias = true, Shader = shader };
        canvas.DrawCircle(at, radius, paint);
    }

    // What the camera adds: blur, uneven light, cast, noise, and the round field on a black ground.
    private static RgbImage Expose(SKBitmap scene, FundusCamera camera, Eye eye, Random random)
    {
        using var seen = new SKBitmap(scene.Info);
        using (var canvas = new SKCanvas(seen))
        using (SKImageFilter blur = SKImageFilter.CreateBlur(camera.Blur, camera.Blur, SKShaderTileMode.Clamp))
        using (var paint = new SKPaint { ImageFilter = blur })
            canvas.DrawBitmap(scene, 0, 0, paint);

        var noise = new byte[8192];
        random.NextBytes(noise);
        float slope = random.Between(0, 0.22f), angle = random.Between(0, MathF.Tau), exposure = random.Between(0.88f, 1.08f);
        float acrossX = slope * MathF.Cos(angle), acrossY = slope * MathF.Sin(angle), corner = random.Between(0.1f, 0.3f);
        float edge = 2 / camera.Radius;
        var pixels = new byte[camera.Width * camera.Height * 3];
        ReadOnlySpan<uint> source = MemoryMarshal.Cast<byte, uint>(seen.GetPixelSpan());
        for (int y = 0; y < camera.Height; y++)
        {
            int draw = random.Next(noise.Length);
            float v = (y + 0.5f - eye.Centre.Y) / camera.Radius;
            for (int x = 0; x < camera.Width; x++)
            {
                float u = (x + 0.5f - eye.Centre.X) / camera.Radius;
                float square = u * u + v * v;
                float field = Math.Clamp((1 - MathF.Sqrt(square)) / edge, 0, 1);
                float light = field * exposure * (1 + acrossX * u + acrossY * v - corner * square * square);
                uint rgba = source[y * camera.Width + x];
                float grain = (noise[draw++ & 8191] + noise[(draw * 7) & 8191] - 255) / 255f * camera.Noise * (0.3f + 0.7f * field);
                int at = (y * camera.Width + x) * 3;
                pixels[at] = Level((rgba & 255) * light * camera.Cast.R + grain);
                pixels[at + 1] = Level((rgba >> 8 & 255) * light * camera.Cast.G + grain * 0.8f);
                pixels[at + 2] = Level((rgba >> 16 & 255) * light * camera.Cast.B + grain * 1.2f);
            }
        }
        return new RgbImage(camera.Width, camera.Height, pixels);
    }

    private static byte Level(float value) => (byte)Math.Clamp(value, 0, 255);
}
