using System.Collections.Immutable;
using Gradus.Imaging;

namespace Gradus.Experiments.Template;

/// <summary>What a look at the data suggests.</summary>
/// <param name="Scale">Names of the grades, in order.</param>
/// <param name="Sources">The sources; paths are full.</param>
/// <param name="Test">The test set, where one was found.</param>
/// <param name="Images">What the images look like.</param>
/// <param name="Notes">Guesses that a person should look at.</param>
internal sealed record DataGuess(ImmutableArray<string> Scale, ImmutableArray<SourceSpec> Sources, SourceSpec? Test, ImageLook Images, ImmutableArray<string> Notes);

/// <summary>What a few images look like.</summary>
/// <param name="Size">Pixels a side that the network should see.</param>
/// <param name="BlackSurround">Whether they are bright discs on black, as fundus photographs are.</param>
internal sealed record ImageLook(int Size, bool BlackSurround)
{
    private const int Usual = 224;
    private const int Looked = 5;

    /// <summary>Looks at a few of many images; unreadable ones say nothing, the audit will list them.</summary>
    public static ImageLook At(IReadOnlyList<string> paths)
    {
        var looks = new List<(int Side, bool Black)>();
        for (int i = 0; i < Math.Min(Looked, paths.Count); i++)
        {
            try
            {
                RgbImage image = ImageDecoder.Decode(new Datasets.FileLocation(paths[i * paths.Count / Math.Min(Looked, paths.Count)]));
                looks.Add((Math.Max(image.Width, image.Height), IsDiscOnBlack(image)));
            }
            catch (GradusException)
            {
            }
        }
        if (looks.Count == 0)
            return new ImageLook(Usual, false);
        int side = looks.Max(l => l.Side);
        return new ImageLook(side >= Usual ? Usual : Math.Max(8, side), looks.Count(l => l.Black) * 2 > looks.Count);
    }

    private static bool IsDiscOnBlack(RgbImage image)
    {
        (int w, int h) = (image.Width, image.Height);
        return Level(1, 1) < 24 && Level(w - 2, 1) < 24 && Level(1, h - 2) < 24 && Level(w - 2, h - 2) < 24 && Level(w / 2, h / 2) > 40;

        int Level(int x, int y)
        {
            int at = (Math.Clamp(y, 0, h - 1) * w + Math.Clamp(x, 0, w - 1)) * 3;
            return Math.Max(image.Pixels[at], Math.Max(image.Pixels[at + 1], image.Pixels[at + 2]));
        }
    }
}
