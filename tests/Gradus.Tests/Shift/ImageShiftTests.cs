using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Imaging;
using Gradus.Metrics;
using Gradus.Shift;
using Gradus.Splitting;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Shift;

public sealed class ImageShiftTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_distance_of_Kolmogorov_and_Smirnov_is_the_largest_gap_of_the_steps()
    {
        Assert.Equal(1, KolmogorovSmirnov.Compare([1, 2, 3], [], [4, 5]).Distance);
        Assert.Equal(0, KolmogorovSmirnov.Compare([1, 2, 2], [], [1, 2, 2]).Distance);
        Assert.Equal(0.5, KolmogorovSmirnov.Compare([1, 2, 3, 4], [], [3, 4, 5, 6]).Distance);
        Assert.Equal(0, KolmogorovSmirnov.Compare([1, 2], [3, 1], [1, 1, 1, 2]).Distance, 1e-12); // weights as repetitions
    }

    [Fact]
    public void Chance_alone_is_called_rare_as_rarely_as_it_is()
    {
        Random random = RandomStream.Create(1, "ks");
        int rare = 0;
        for (int round = 0; round < 1000; round++)
            rare += KolmogorovSmirnov.Compare(Normals(random, 60), [], Normals(random, 90)).P < 0.05 ? 1 : 0;
        Assert.InRange(rare, 25, 65);
        Assert.True(KolmogorovSmirnov.Compare(Normals(random, 100), [], [.. Normals(random, 100).Select(v => v + 1)]).P < 1e-6);
    }

    [Fact]
    public void Without_weights_the_auc_is_that_of_counted_pairs_and_its_interval_holds_what_is_true()
    {
        Random random = RandomStream.Create(2, "auc");
        int held = 0;
        double theory = 0.76025; // of normals one deviation apart: Phi(1 / sqrt 2)
        for (int round = 0; round < 200; round++)
        {
            double[] scores = [.. Normals(random, 80), .. Normals(random, 60).Select(v => v + 1)];
            bool[] positive = [.. scores.Select((_, i) => i >= 80)];
            AucInterval auc = WeightedAuc.Of(scores, positive, [.. scores.Select(_ => 1.0)]);
            Assert.Equal(Auc.Binary(scores, positive)!.Value, auc.Auc, 1e-12);
            held += auc.Low <= theory && theory <= auc.High ? 1 : 0;
        }
        Assert.InRange(held, 180, 199);
    }

    [Fact]
    public void A_whole_weight_counts_like_repetitions()
    {
        AucInterval weighted = WeightedAuc.Of([1, 2, 2, 3], [false, false, true, true], [2, 1, 1, 3]);
        AucInterval repeated = WeightedAuc.Of([1, 1, 2, 2, 3, 3, 3], [false, false, false, true, true, true, true], [1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(repeated.Auc, weighted.Auc, 1e-12);
    }

    [Fact]
    public void Properties_follow_what_is_done_to_a_picture()
    {
        ImageProperties plain = Measured("plain.png", image => image);
        ImageProperties dark = Measured("dark.png", image => Levels(image, (v, _) => 0.6 * v));
        ImageProperties blue = Measured("blue.png", image => Levels(image, (v, channel) => channel == 2 ? 1.6 * v : v));
        ImageProperties blurred = Measured("blurred.png", image =>
        {
            using NetVips.Image vips = Scratch.Vips(image);
            using NetVips.Image soft = vips.Gaussblur(6);
            return new RgbImage(image.Width, image.Height, soft.WriteToMemory<byte>());
        });
        Assert.Equal(0.6 * plain.Brightness, dark.Brightness, 0.01);
        Assert.Equal(plain.Sharpness, dark.Sharpness, 0.15 * plain.Sharpness);
        Assert.Equal(plain.Red, dark.Red, 0.01);
        Assert.True(blue.Blue > plain.Blue + 0.04);
        Assert.True(blurred.Sharpness < 0.85 * plain.Sharpness);
        Assert.Equal(1.5, plain.Aspect);
        Assert.Equal(0.6, plain.DiscDiameter, 0.03); // a disc of 0.9 of the height of a picture half as wide again
        Assert.Equal(Math.PI * 0.45 * 0.45 / 1.5, plain.DiscShare, 0.03);
    }

    [Fact]
    public void A_wider_black_ground_changes_the_disc_and_not_the_brightness()
    {
        ImageProperties narrow = ImageProperties.Measure(_scratch.Put("narrow.png", Scratch.Fundus(300, 200)));
        ImageProperties wide = ImageProperties.Measure(_scratch.Put("wide.png", Scratch.Fundus(300, 200, radius: 0.3)));
        Assert.Equal(narrow.Brightness, wide.Brightness, 0.03);
        Assert.True(wide.DiscShare < 0.6 * narrow.DiscShare);
    }

    [Fact]
    public void Small_sets_of_like_images_do_not_cry_wolf()
    {
        Random random = RandomStream.Create(3, "wolf");
        int cries = 0;
        for (int round = 0; round < 60; round++)
            cries += PropertyDrift.Compare(Many(random, 25, 0.5), null, Many(random, 25, 0.5)).Any(p => p.Drifted) ? 1 : 0;
        Assert.InRange(cries, 0, 2);
        Assert.True(PropertyDrift.Compare(Many(random, 40, 0.5), null, Many(random, 40, 0.4)).Single(p => p.Property.Name == "brightness").Drifted);
    }

    [Fact]
    public void A_property_that_only_the_grades_move_has_not_drifted()
    {
        Random random = RandomStream.Create(4, "grades");
        // Half dark, half bright; the other set is nine tenths bright.
        ImageProperties[] known = [.. Many(random, 300, 0.4), .. Many(random, 300, 0.6)], other = [.. Many(random, 40, 0.4), .. Many(random, 360, 0.6)];
        double[] weights = [.. Enumerable.Repeat(0.2, 300), .. Enumerable.Repeat(1.8, 300)];
        Assert.True(Brightness(PropertyDrift.Compare(known, null, other)).Drifted);
        Assert.False(Brightness(PropertyDrift.Compare(known, weights, other)).Drifted);

        static PropertyDrift Brightness(ImmutableArray<PropertyDrift> drifts) => drifts.Single(p => p.Property.Name == "brightness");
    }

    [Fact]
    public void Alike_sets_are_not_told_apart_and_moved_ones_are()
    {
        AdversarialValidation alike = Adversarial(0, null)!, apart = Adversarial(1, null)!;
        Assert.InRange(alike.All.Auc, 0.35, 0.62);
        Assert.True(alike.All.Low < AdversarialValidation.Apart);
        Assert.True(apart.All.Low > 0.8);
        Assert.All(apart.Telling.Take(8), t => Assert.True(t.IsTest && t.Probability > 0.9));
        Assert.Equal(16, apart.Telling.Length);
    }

    [Fact]
    public void Copies_of_one_picture_on_both_sides_teach_the_classifier_nothing()
    {
        // Every picture is in both sets: whoever learnt one of the copies by heart would be wrong about the other, not right.
        ImageFeatures labelled = Features("a", 60, 0, 9), test = Features("b", 60, 0, 9);
        SamePicture[] alike = [.. labelled.Images.Zip(test.Images, (a, b) => new SamePicture(a.Hash!.Value, b.Hash!.Value))];
        Assert.Equal(0.5, AdversarialValidation.Run(labelled, test, null, alike, 1)!.All.Auc, 1e-9);
    }

    [Fact]
    public void Too_few_images_are_not_compared() => Assert.Null(AdversarialValidation.Run(Features("a", 3, 0, 1), Features("b", 100, 0, 2), null, [], 1));

    private static AdversarialValidation? Adversarial(double moved, double[]? weights) =>
        AdversarialValidation.Run(Features("a", 150, 0, 5), Features("b", 120, moved, 6), weights, [], 1);

    private static ImageFeatures Features(string set, int images, double moved, int seed)
    {
        const int Width = 60;
        Random random = RandomStream.Create(seed, "features");
        return new ImageFeatures("test", [.. Enumerable.Range(0, images).Select(i => new ImageRecord(new ImageId($"{set}{i}"), 0, null, set, new FileLocation(set)) { Hash = ContentHash.Of(System.Text.Encoding.UTF8.GetBytes($"{set}{i}")) })],
            [.. Enumerable.Range(0, images * Width).Select(j => (float)(SimulatedNetwork.Normal(random) + (j % Width < 3 ? 1.5 * moved : 0)))]);
    }

    private ImageProperties Measured(string name, Func<RgbImage, RgbImage> change) => ImageProperties.Measure(_scratch.Put(name, change(Scratch.Fundus(600, 400))));

    private static RgbImage Levels(RgbImage image, Func<double, int, double> level) =>
        new(image.Width, image.Height, [.. image.Pixels.Select((v, i) => (byte)Math.Clamp(level(v, i % 3), 0, 255))]);

    private static ImageProperties[] Many(Random random, int images, double brightness) =>
    [
        .. Enumerable.Range(0, images).Select(_ => new ImageProperties
        {
            Width = 600, Height = 400, Brightness = brightness + 0.05 * SimulatedNetwork.Normal(random), Contrast = 0.1 + 0.02 * SimulatedNetwork.Normal(random),
            Sharpness = 0.3 + 0.05 * SimulatedNetwork.Normal(random), Red = 0.5 + 0.02 * SimulatedNetwork.Normal(random), Green = 0.3 + 0.02 * SimulatedNetwork.Normal(random),
            Blue = 0.2 + 0.02 * SimulatedNetwork.Normal(random), DiscDiameter = 0.8, DiscShare = 0.5,
        }),
    ];

    private static double[] Normals(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => SimulatedNetwork.Normal(random))];
}
