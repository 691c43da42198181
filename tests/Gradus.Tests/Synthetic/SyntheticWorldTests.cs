using System.Security.Cryptography;
using Gradus.Datasets;
using Gradus.Synthetic;
using SkiaSharp;

namespace Gradus.Tests.Synthetic;

public sealed class SyntheticWorldTests(WorldOnDisk world) : IClassFixture<WorldOnDisk>
{
    [Fact]
    public void The_same_seed_writes_the_same_bytes_even_when_it_was_cancelled_in_between()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gradus-cancelled-");
        try
        {
            using var cancel = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => SyntheticWorld.Write(folder.FullName, WorldOnDisk.Spec, new CancelAfter(5, cancel), cancel.Token));
            Assert.False(File.Exists(Path.Combine(folder.FullName, "train.csv")), "no CSV speaks of images that are not there yet");

            SyntheticWorld.Write(folder.FullName, WorldOnDisk.Spec, progress: null, TestContext.Current.CancellationToken);
            string[] files = FilesBelow(world.Folder);
            Assert.Equal(files, FilesBelow(folder.FullName));
            Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(world.Folder, file)), File.ReadAllBytes(Path.Combine(folder.FullName, file))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Another_seed_plans_another_world()
    {
        PlantedWorld other = new WorldPlan(WorldOnDisk.Spec with { Seed = 4 }).Planted;
        Assert.NotEqual(world.Planted.Corrupt, other.Corrupt);
        Assert.Equal(world.Planted.TestCounts, other.TestCounts);
    }

    [Fact]
    public void An_image_does_not_depend_on_the_images_around_it()
    {
        // Of a world written by several threads, one image drawn alone gives the very bytes on disk.
        PlannedImage image = new WorldPlan(WorldOnDisk.Spec).Train.First(i => i is { CopyOf: null, IsCorrupt: false });
        FundusPicture alone = SyntheticWorld.Redraw(WorldOnDisk.Spec, image.Id);
        Assert.Equal(world.BytesOf(image.Id, "train"), PictureFile.Encode(alone.Image, image.Camera));
    }

    [Fact]
    public void Exact_duplicates_have_the_same_bytes_and_the_same_grade_under_different_ids()
    {
        Dictionary<ImageId, int> train = world.Labels("train.csv"), truth = world.Labels("test_truth.csv");
        Assert.Equal(["test", "train"], world.Planted.ExactDuplicates.Select(g => g.Set).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(world.Planted.ExactDuplicates, g => g.Ids.Length == 3);
        foreach (PlantedDuplicates group in world.Planted.ExactDuplicates)
        {
            Assert.Equal(group.Ids.Length, group.Ids.Distinct().Count());
            Assert.Single(group.Ids.Select(id => ContentHash.Of(world.BytesOf(id, group.Set))).Distinct());
            Assert.Single(group.Ids.Select(id => (group.Set == "train" ? train : truth)[id]).Distinct());
        }
    }

    [Fact]
    public void Conflicts_have_the_same_bytes_and_the_grades_that_the_csv_gives_them()
    {
        Dictionary<ImageId, int> train = world.Labels("train.csv");
        Assert.NotEmpty(world.Planted.Conflicts);
        foreach (PlantedConflict conflict in world.Planted.Conflicts)
        {
            Assert.Single(conflict.Ids.Select(id => ContentHash.Of(world.BytesOf(id, "train"))).Distinct());
            Assert.Equal(conflict.Grades, conflict.Ids.Select(id => train[id]));
            Assert.Equal(conflict.Grades.Length, conflict.Grades.Distinct().Count());
        }
    }

    [Fact]
    public void Leaked_test_images_have_the_bytes_of_a_training_image()
    {
        Assert.NotEmpty(world.Planted.TestLeaks);
        foreach (PlantedLeak leak in world.Planted.TestLeaks)
            Assert.Equal(world.BytesOf(leak.Train, "train"), world.BytesOf(leak.Test, "test"));
    }

    [Fact]
    public void Near_duplicates_show_the_same_picture_with_other_bytes()
    {
        Dictionary<ImageId, int> train = world.Labels("train.csv");
        Assert.Equal([NearCopy.Reencoded, NearCopy.Resized], world.Planted.NearDuplicates.Select(n => n.How).Distinct().Order());
        foreach (PlantedNearDuplicate near in world.Planted.NearDuplicates)
        {
            Assert.NotEqual(world.BytesOf(near.Original, "train"), world.BytesOf(near.Copy, "train"));
            Assert.Equal(train[near.Original], train[near.Copy]);
            Assert.InRange(Distance(world.FileOf(near.Original, "train"), world.FileOf(near.Copy, "train")), 0, 4);
        }
        // The measure tells pictures apart: two that are no copies of each other are far.
        PlantedNearDuplicate one = world.Planted.NearDuplicates[0], two = world.Planted.NearDuplicates[1];
        Assert.True(Distance(world.FileOf(one.Original, "train"), world.FileOf(two.Original, "train")) > 8);
    }

    [Fact]
    public void No_images_are_identical_but_the_planted_ones()
    {
        IEnumerable<ImageId[]> planted = [
            .. world.Planted.ExactDuplicates.Select(g => g.Ids.ToArray()),
            .. world.Planted.Conflicts.Select(g => g.Ids.ToArray()),
            .. world.Planted.TestLeaks.Select(l => new[] { l.Train, l.Test }),
        ];
        IEnumerable<string> found = Directory.GetFiles(world.Folder, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".jpg", StringComparison.Ordinal) || f.EndsWith(".png", StringComparison.Ordinal))
            .GroupBy(f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))).Where(g => g.Count() > 1)
            .Select(g => string.Join(' ', g.Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)));
        Assert.Equal(planted.Select(ids => string.Join(' ', ids.Order())).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_image_decodes_whole_but_the_corrupt_one()
    {
        ImageId corrupt = Assert.Single(world.Planted.Corrupt);
        Assert.EndsWith(".jpg", world.FileOf(corrupt, "train"), StringComparison.Ordinal);
        foreach ((string csv, string set) in (ReadOnlySpan<(string, string)>)[("train.csv", "train"), ("test.csv", "test"), ("external.csv", "external")])
        {
            foreach (string[] row in world.Rows(csv))
            {
                var id = new ImageId(row[0]);
                using SKCodec codec = SKCodec.Create(new MemoryStream(world.BytesOf(id, set)));
                using var bitmap = new SKBitmap(codec.Info);
                SKCodecResult result = codec.GetPixels(codec.Info, bitmap.GetPixels());
                Assert.Equal(id == corrupt ? SKCodecResult.IncompleteInput : SKCodecResult.Success, result);
            }
        }
    }

    [Fact]
    public void Each_set_has_a_row_and_a_file_an_image_and_the_recorded_counts()
    {
        foreach ((string csv, string set, int rows, IEnumerable<int> counts) in (ReadOnlySpan<(string, string, int, IEnumerable<int>)>)[
            ("train.csv", "train", 60, world.Planted.TrainCounts), ("test_truth.csv", "test", 20, world.Planted.TestCounts), ("external.csv", "external", 6, world.Planted.ExternalCounts)])
        {
            Dictionary<ImageId, int> labels = world.Labels(csv);
            Assert.Equal(rows, labels.Count);
            Assert.Equal(labels.Keys.Order(), Directory.GetFiles(Path.Combine(world.Folder, set)).Select(f => new ImageId(Path.GetFileNameWithoutExtension(f))).Order());
            Assert.Equal(counts, Enumerable.Range(0, 5).Select(grade => labels.Values.Count(label => label == grade)));
        }
        PlantedLabel outside = Assert.Single(world.Planted.OutOfScale);
        Assert.Equal([outside], world.Labels("train.csv").Where(l => l.Value > 4).Select(l => new PlantedLabel(l.Key, l.Value)));
    }

    [Fact]
    public void The_test_set_comes_without_grades_and_the_sample_submission_with_zeros()
    {
        string[][] test = world.Rows("test.csv"), sample = world.Rows("sample_submission.csv");
        Assert.All(test, row => Assert.Single(row));
        Assert.Equal(test.Select(row => row[0]), sample.Select(row => row[0]));
        Assert.All(sample, row => Assert.Equal("0", row[1]));
        Assert.Equal(test.Select(row => row[0]), world.Rows("test_truth.csv").Select(row => row[0]));
    }

    [Fact]
    public void The_record_of_what_was_planted_can_be_read_back() =>
        Assert.Equal(GradusJson.Canonical(world.Planted), GradusJson.Canonical(PlantedWorld.Read(world.Folder)));

    [Fact]
    public void A_folder_with_other_files_or_another_world_is_left_alone()
    {
        GradusException another = Assert.Throws<GradusException>(() => SyntheticWorld.Write(world.Folder, WorldOnDisk.Spec with { Seed = 4 }, progress: null, TestContext.Current.CancellationToken));
        Assert.Contains("another size or seed", another.Message, StringComparison.Ordinal);

        DirectoryInfo own = Directory.CreateTempSubdirectory("gradus-own-");
        try
        {
            AtomicFile.WriteText(Path.Combine(own.FullName, "train.csv"), "mine");
            GradusException mine = Assert.Throws<GradusException>(() => SyntheticWorld.Write(own.FullName, WorldOnDisk.Spec, progress: null, TestContext.Current.CancellationToken));
            Assert.Equal((Fault.Request, "mine"), (mine.Fault, File.ReadAllText(Path.Combine(own.FullName, "train.csv"))));
        }
        finally
        {
            own.Delete(recursive: true);
        }
    }

    private static string[] FilesBelow(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];

    // Mean absolute difference in grey levels of two pictures at 64 x 64.
    private static double Distance(string a, string b)
    {
        byte[] left = Small(a), right = Small(b);
        return left.Zip(right, (x, y) => Math.Abs(x - y)).Average();
    }

    private static byte[] Small(string path)
    {
        using SKBitmap bitmap = SKBitmap.Decode(path);
        using SKBitmap small = bitmap.Resize(new SKImageInfo(64, 64, SKColorType.Rgba8888), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return small.Bytes;
    }

    private sealed class CancelAfter(int images, CancellationTokenSource source) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Done >= images)
                source.Cancel();
        }
    }
}
