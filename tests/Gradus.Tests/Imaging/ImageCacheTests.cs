using CsCheck;
using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Tests.Imaging;

public sealed class ImageCacheTests : IDisposable
{
    private static readonly Recipe Small = new([new CropRetina(), new Resize(16), new BenGraham()]);
    private readonly Scratch _scratch = new();

    private string Root => _scratch["cache"];

    private string Index => Path.Combine(FolderOf(Small), "index.bin");

    private string Pixels => Path.Combine(FolderOf(Small), "pixels.bin");

    [Fact]
    public void The_cache_holds_exactly_what_the_decoder_prepares()
    {
        ImageRecord[] records = _scratch.Records(9);
        using ImageCache cache = ImageCache.Open(Root, Small);
        Assert.Equal(0, cache.Count);
        PrepareReport report = cache.Fill(records, null, CancellationToken.None);
        Assert.Equal((9, 0, 0, 0), (report.Prepared, report.Reused, report.Rebuilt, report.Failed.Length));
        AssertServes(cache, report.Records);
        Assert.Equal(FolderOf(Small), cache.Folder);
    }

    [Fact]
    public void A_second_filling_finds_everything_and_reads_no_image_whose_hash_is_known()
    {
        ImageRecord[] records = _scratch.Records(9);
        PrepareReport first = Fill(records);
        Assert.Equal((0, 9), (Fill(records).Prepared, Fill(records).Reused));
        foreach (ImageRecord record in records)
            File.Delete(((FileLocation)record.Location).Path);
        PrepareReport third = Fill(first.Records);
        Assert.Equal((0, 9, 0), (third.Prepared, third.Reused, third.Failed.Length));
    }

    [Fact]
    public void Recipes_do_not_share_pixels()
    {
        ImageRecord[] records = _scratch.Records(3);
        var other = new Recipe([new CropRetina(), new Resize(16), new Gray()]);
        Fill(records);
        using ImageCache cache = ImageCache.Open(Root, other);
        Assert.Equal(0, cache.Count);
        AssertServes(cache, cache.Fill(records, null, CancellationToken.None).Records);
    }

    [Fact]
    public void Copies_are_prepared_once()
    {
        ImageRecord[] records = _scratch.Records(4);
        ImageRecord[] copies = [.. records.Select(r => r with { Id = new ImageId($"copy-{r.Id}"), Location = _scratch.Put($"copy-{r.Id}.png", File.ReadAllBytes(((FileLocation)r.Location).Path)) })];
        using ImageCache cache = ImageCache.Open(Root, Small);
        PrepareReport report = cache.Fill([.. records, .. copies, .. records], null, CancellationToken.None);
        Assert.Equal((4, 8, 4), (report.Prepared, report.Reused, cache.Count));
    }

    [Fact]
    public void Images_that_cannot_be_used_are_listed_whole_and_stop_nothing()
    {
        ImageRecord[] good = _scratch.Records(3);
        ImageRecord missing = good[0] with { Id = new ImageId("missing"), Location = new FileLocation(_scratch["nowhere.png"]) };
        ImageRecord text = good[0] with { Id = new ImageId("text"), Location = _scratch.Put("text.png", "text"u8.ToArray()) };
        ImageRecord changed = good[1] with { Id = new ImageId("changed"), Hash = ContentHash.Of("before"u8) };
        ImageRecord dark = good[0] with { Id = new ImageId("dark"), Location = _scratch.Put("dark.png", Scratch.Flat(30, 30, 2)) };
        ImageRecord[] records = [missing, good[0], text, good[1], changed, dark, good[2], text];
        foreach (int prepared in new[] { 4, 0 })
        {
            PrepareReport report = Fill(records);
            Assert.Equal(prepared, report.Prepared);
            Assert.Equal(["missing", "text", "changed", "text"], report.Failed.Select(f => f.Record.Id.Value));
            Assert.Equal(["missing", "not an image that libvips reads", "changed since it was hashed", "not an image that libvips reads"], report.Failed.Select(f => f.Problem));
            // The note outlives the process that made it.
            Assert.Equal("dark", Assert.Single(report.Notes).Record.Id.Value);
            Assert.Contains("no disc", report.Notes[0].Note, StringComparison.Ordinal);
            Assert.Equal(records.Length, report.Prepared + report.Reused + report.Rebuilt + report.Failed.Length);
        }
    }

    [Fact]
    public void Wherever_the_index_was_torn_off_the_rest_is_kept_and_the_lost_is_prepared_again()
    {
        ImageRecord[] records = _scratch.Records(6);
        Fill(records);
        byte[] index = File.ReadAllBytes(Index);
        Assert.Equal(6 * CacheIndex.RecordBytes, index.Length);
        foreach (int length in new[] { 0, 1, 127, 128, 129, 3 * 128, 3 * 128 + 64, 6 * 128 - 1 })
        {
            Overwrite(Index, index[..length]);
            using ImageCache cache = ImageCache.Open(Root, Small);
            Assert.Equal(length / 128, cache.Count);
            PrepareReport report = cache.Fill(records, null, CancellationToken.None);
            Assert.Equal((6 - length / 128, length / 128), (report.Prepared, report.Reused));
            AssertServes(cache, report.Records);
            Assert.Equal(6, ImageCache.Open(Root, Small).Count);
        }
    }

    [Fact]
    public void Wherever_the_pixels_were_cut_off_what_is_left_is_served_and_the_lost_is_prepared_again()
    {
        ImageRecord[] records = _scratch.Records(6);
        Fill(records);
        byte[] index = File.ReadAllBytes(Index), pixels = File.ReadAllBytes(Pixels);
        int slot = 16 * 16 * 3;
        foreach (int length in new[] { 0, 1, slot - 1, slot, slot + 1, 4 * slot + 7, 6 * slot - 1 })
        {
            Overwrite(Index, index);
            Overwrite(Pixels, pixels[..length]);
            using ImageCache cache = ImageCache.Open(Root, Small);
            Assert.Equal(length / slot, cache.Count);
            AssertServes(cache, cache.Fill(records, null, CancellationToken.None).Records);
        }
    }

    [Fact]
    public void Pixels_that_were_written_without_their_record_are_never_served()
    {
        // What a process leaves that was killed between the two: whole and half slots behind the last record.
        ImageRecord[] records = _scratch.Records(6);
        Fill(records[..3]);
        using (FileStream stream = File.Open(Pixels, FileMode.Append))
            stream.Write(new byte[16 * 16 * 3 * 2 + 100]);
        using ImageCache cache = ImageCache.Open(Root, Small);
        Assert.Equal(3, cache.Count);
        PrepareReport report = cache.Fill(records, null, CancellationToken.None);
        Assert.Equal((3, 3), (report.Prepared, report.Reused));
        AssertServes(cache, report.Records);
    }

    [Fact]
    public void A_changed_byte_in_the_pixels_is_found_and_the_image_rebuilt()
    {
        ImageRecord[] records = _scratch.Records(5);
        IReadOnlyList<ImageRecord> hashed = Fill(records).Records;
        byte[] pixels = File.ReadAllBytes(Pixels);
        pixels[16 * 16 * 3 * 2 + 77] ^= 1;
        Overwrite(Pixels, pixels);
        foreach (IReadOnlyList<ImageRecord> given in new[] { records, hashed })
        {
            using ImageCache cache = ImageCache.Open(Root, Small);
            PrepareReport report = cache.Fill(given, null, CancellationToken.None);
            Assert.Equal(ReferenceEquals(given, records) ? (1, 4) : (0, 5), (report.Rebuilt, report.Reused));
            AssertServes(cache, report.Records);
        }
    }

    [Fact]
    public void No_damage_to_any_file_makes_it_crash_or_serve_wrong_bytes()
    {
        ImageRecord[] records = [.. Fill(_scratch.Records(4)).Records];
        string[] files = [Index, Pixels, Path.Combine(FolderOf(Small), "recipe.json")];
        Gen.Select(Gen.Int[0, 2], Gen.Double.Unit, Gen.Byte.Array[1, 300], Gen.Bool).Sample((file, place, garbage, cut) =>
        {
            byte[] bytes = File.ReadAllBytes(files[file]);
            int at = (int)(place * bytes.Length);
            Overwrite(files[file], cut ? [.. bytes[..at], .. garbage] : [.. bytes[..at], .. garbage.Take(bytes.Length - at), .. bytes.Skip(at + garbage.Length)]);
            using ImageCache cache = ImageCache.Open(Root, Small);
            PrepareReport report = cache.Fill(records, null, CancellationToken.None);
            Assert.Empty(report.Failed);
            AssertServes(cache, records);
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void The_index_of_another_recipe_is_no_index_here()
    {
        ImageRecord[] records = _scratch.Records(3);
        var other = new Recipe([new Resize(16), new Gray()]);
        Fill(records);
        Directory.CreateDirectory(FolderOf(other));
        File.Copy(Index, Path.Combine(FolderOf(other), "index.bin"));
        File.Copy(Pixels, Path.Combine(FolderOf(other), "pixels.bin"));
        using (ImageCache cache = ImageCache.Open(Root, other))
            Assert.Equal(0, cache.Count);
        // Even where the folder claims to be the other recipe's, the records know whose they are.
        AtomicFile.WriteText(Path.Combine(FolderOf(other), "recipe.json"), System.Text.Json.JsonSerializer.Serialize(other, GradusJson.Indented) + "\n");
        using ImageCache disguised = ImageCache.Open(Root, other);
        Assert.Equal(0, disguised.Count);
        AssertServes(disguised, disguised.Fill(records, null, CancellationToken.None).Records);
    }

    [Fact]
    public void Several_fillings_at_once_take_turns_and_share_the_work()
    {
        ImageRecord[] records = _scratch.Records(40);
        var reports = new PrepareReport[4];
        Parallel.For(0, reports.Length, new ParallelOptions { MaxDegreeOfParallelism = reports.Length }, i => reports[i] = Fill(records[(i * 5)..]));
        Assert.Equal(40, reports.Sum(r => r.Prepared));
        using ImageCache cache = ImageCache.Open(Root, Small);
        AssertServes(cache, reports.SelectMany(r => r.Records));
    }

    [Fact]
    public void Readers_go_on_while_the_cache_is_filled()
    {
        ImageRecord[] records = _scratch.Records(30);
        using ImageCache cache = ImageCache.Open(Root, Small);
        IReadOnlyList<ImageRecord> first = cache.Fill(records[..5], null, CancellationToken.None).Records;
        byte[][] expected = [.. first.Select(r => ImageDecoder.Prepare(Small, r.Location).Image.Pixels)];
        Task filling = Task.Run(() => cache.Fill(records, null, CancellationToken.None));
        byte[] copy = new byte[cache.SlotBytes];
        do
        {
            for (int i = 0; i < first.Count; i++)
            {
                Assert.True(cache.TryGetSlot(first[i].Hash!.Value, out int slot));
                cache.CopyTo(slot, copy);
                Assert.Equal(expected[i], copy);
            }
        }
        while (!filling.IsCompleted);
        Assert.Equal(30, cache.Count);
    }

    [Fact]
    public void A_stop_keeps_what_was_prepared()
    {
        ImageRecord[] records = _scratch.Records(30);
        using var stop = new CancellationTokenSource();
        var progress = new Watched(p =>
        {
            if (p.Done == 10)
                stop.Cancel();
        });
        using ImageCache cache = ImageCache.Open(Root, Small);
        Assert.ThrowsAny<OperationCanceledException>(() => cache.Fill(records, progress, stop.Token));
        Assert.InRange(cache.Count, 10, 29);
        PrepareReport rest = cache.Fill(records, null, CancellationToken.None);
        Assert.Equal(30, rest.Prepared + rest.Reused);
        Assert.InRange(rest.Reused, 10, 29);
    }

    [Fact]
    public void Progress_counts_every_record_once_and_never_backwards()
    {
        var seen = new List<WorkProgress>();
        using ImageCache cache = ImageCache.Open(Root, Small);
        cache.Fill(_scratch.Records(12), new Watched(seen.Add), CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => new WorkProgress("prepare", i, 12, "images")), seen);
    }

    [Fact]
    public void A_full_disk_is_one_clear_error_and_what_was_there_stays()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        ImageRecord[] records = _scratch.Records(8);
        Fill(records[..3]);
        File.Move(Pixels, Pixels + ".kept");
        File.CreateSymbolicLink(Pixels, "/dev/full");
        GradusException error = Assert.Throws<GradusException>(() => Fill(records));
        Assert.Contains("the cache could not be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("space", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(FolderOf(Small), error.Where);
        File.Delete(Pixels);
        File.Move(Pixels + ".kept", Pixels);
        Assert.Equal((5, 3), (Fill(records) is var report ? report.Prepared : 0, report.Reused));
    }

    [Fact]
    public void A_root_that_is_no_folder_is_one_clear_error()
    {
        _scratch.Put("cache", "a file"u8.ToArray());
        GradusException error = Assert.Throws<GradusException>(() => Fill(_scratch.Records(1)));
        Assert.Equal(FolderOf(Small), error.Where);
    }

    [Fact]
    public void Asking_for_what_is_not_there_is_told_apart()
    {
        using ImageCache cache = ImageCache.Open(Root, Small);
        Assert.False(cache.TryGetSlot(ContentHash.Of("x"u8), out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Slot(0).Length);
        Assert.Equal(0, cache.Fill([], null, CancellationToken.None).Prepared);
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Slot(0).Length);
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertServes(ImageCache cache, IEnumerable<ImageRecord> records)
    {
        foreach (ImageRecord record in records)
        {
            Assert.True(cache.TryGetSlot(record.Hash!.Value, out int slot));
            Assert.Equal(ImageDecoder.Prepare(cache.Recipe, record.Location).Image.Pixels, cache.Slot(slot).ToArray());
        }
    }

    private static void Overwrite(string path, byte[] bytes) => AtomicFile.Write(path, s => s.Write(bytes));

    private PrepareReport Fill(IReadOnlyList<ImageRecord> records)
    {
        using ImageCache cache = ImageCache.Open(Root, Small);
        return cache.Fill(records, null, CancellationToken.None);
    }

    private string FolderOf(Recipe recipe) => Path.Combine(Root, recipe.Fingerprint[..16]);

    private sealed class Watched(Action<WorkProgress> see) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => see(value);
    }
}
