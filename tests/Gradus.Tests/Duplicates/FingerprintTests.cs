using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Imaging;
using Gradus.Synthetic;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Duplicates;

public sealed class FingerprintTests : IDisposable
{
    private static readonly NearDuplicateOptions Usual = new();
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_turned_image_is_recognised_in_its_orientation_and_in_no_other()
    {
        foreach (RgbImage image in (RgbImage[])[Pictures.Retina(3), Pictures.Tissue(96, 1), Pictures.Tissue(28, 2)])
        {
            Fingerprint original = Fingerprint.Of(image);
            foreach (Orientation turned in Orientations.All)
            {
                Fingerprint copy = Fingerprint.Of(Pictures.Turned(image, turned));
                foreach (Orientation tried in Orientations.All)
                    Assert.Equal(tried == turned, original.Similarity(copy, tried) > 0.95);
                Assert.InRange(original.HashDistance(copy, turned), 0, 2);
            }
        }
    }

    [Fact]
    public void A_picture_is_recognised_after_what_files_go_through()
    {
        foreach (FundusCamera camera in FundusCamera.Current)
        {
            RgbImage image = Pictures.Retina(4, camera);
            Fingerprint original = Fingerprint.Of(image);
            (string What, Fingerprint Copy)[] copies =
            [
                ("compressed", Fingerprint.Of(_scratch.Put("q60.jpg", image, "[Q=60]"))),
                ("halved", Fingerprint.Of(Pictures.Reduced(image, 0.5))),
                ("reduced to four fifths and compressed", Fingerprint.Of(_scratch.Put("small.jpg", Pictures.Reduced(image, 0.8), "[Q=75]"))),
                ("brighter", Fingerprint.Of(Pictures.Brighter(image, 1.15))),
                ("darker", Fingerprint.Of(Pictures.Brighter(image, 0.6))),
                ("with margins", Fingerprint.Of(Pictures.WithMargins(image, 40, 12, 3, 25))),
            ];
            foreach ((string what, Fingerprint copy) in copies)
            {
                Assert.True(original.Similarity(copy) >= Usual.Similarity, $"{camera.Name} {what}: {original.Similarity(copy)}");
                Assert.True(original.HashDistance(copy) <= Usual.Radius, $"{camera.Name} {what}: {original.HashDistance(copy)} bits");
            }
        }
    }

    [Fact]
    public void Eyes_taken_with_one_camera_share_no_fingerprint_although_they_share_their_disc()
    {
        Fingerprint[] eyes = [.. Enumerable.Range(0, 24).Select(i => Fingerprint.Of(Pictures.Retina(i)))];
        double[] similarities = [.. from i in Enumerable.Range(0, eyes.Length) from j in Enumerable.Range(0, i) from o in Orientations.All.ToArray() select eyes[i].Similarity(eyes[j], o)];
        Assert.InRange(similarities.Max(), 0, 0.85);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(28)]
    [InlineData(300)]
    public void A_flat_image_is_blank_and_like_none(int side)
    {
        Fingerprint flat = Fingerprint.Of(Scratch.Flat(side, side, 200)), black = Fingerprint.Of(Scratch.Flat(side, side, 0)), eye = Fingerprint.Of(Pictures.Retina(0));
        Assert.True(flat.IsBlank && black.IsBlank && !eye.IsBlank);
        Assert.Equal(0, flat.Similarity(flat));
        Assert.Equal(0, flat.Similarity(eye));
        Assert.Equal(0, eye.Similarity(black));
    }

    [Fact]
    public void The_same_image_always_has_the_same_fingerprint_from_a_file_or_from_memory()
    {
        RgbImage image = Pictures.Retina(7);
        FileLocation file = _scratch.Put("image.png", image);
        Fingerprint[] all = [Fingerprint.Of(image), Fingerprint.Of(image), Fingerprint.Of(file), Fingerprint.Of(file)];
        Assert.Equal((all[0].Hash, 1.0), (all[1].Hash, all[0].Similarity(all[1])));
        Assert.Equal((all[2].Hash, 1.0), (all[3].Hash, all[2].Similarity(all[3])));
        Assert.InRange(all[0].Similarity(all[2]), 0.99, 1);
    }

    [Fact]
    public void An_image_that_cannot_be_read_is_refused_as_everywhere()
    {
        FileLocation damaged = _scratch.Put("damaged.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 2, 3]);
        Assert.Equal(ImageDecoder.Probe(damaged).Problem, Assert.Throws<GradusException>(() => Fingerprint.Of(damaged)).Problem);
    }
}
