using System.IO.Compression;
using System.Text;
using CsCheck;
using Gradus.Experiments;
using Gradus.Experiments.Template;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Tests.Experiments;

public sealed class ExperimentTemplateTests
{
    [Fact]
    public void Columns_grades_and_extension_are_found_by_what_they_hold()
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("pictures");
        for (int i = 0; i < 6; i++)
            Picture(Path.Combine(images, $"eye{i}.bmp"), 40, 40, disc: true);
        string labels = scratch.Write("list.csv", "sex,code,patient,level\nf,eye0,p1,0\nm,eye1,p1,1\nf,eye2,p2,2\nm,eye3,p2,3\nf,eye4,p3,4\nm,eye5,p3,0\n");

        (Experiment e, ExperimentTemplate template) = RoundTrip(scratch, ExperimentTemplate.FromCsv(labels, images, scratch.Path));
        Assert.Equal(["none", "mild", "moderate", "severe", "proliferative"], e.Scale.Names);
        CsvSource source = Assert.IsType<CsvSource>(Assert.Single(e.Sources));
        Assert.Equal(("list", "code", "level", "patient", ".bmp"), (source.Name, source.Id, source.Grade, source.Group, source.Extension));
        Assert.Equal((labels, images), (source.Labels, source.Images));
        Assert.Equal(new Recipe([new CropRetina(), new Resize(40)]), e.Recipe);
        Assert.Equal(new OrdinalTarget(), e.Target);
        Assert.Equal(SelectBy.Last, e.Select.By);
        Assert.Contains(template.Notes, n => n.Contains("6 of 6 rows have a file", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_named_grades_are_ordered_by_their_meaning_and_make_a_binary_experiment()
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 12, disc: false);
        Picture(Path.Combine(images, "b.bmp"), 20, 12, disc: false);
        string labels = scratch.Write("labels.csv", "file;finding\na.bmp;malignant\nb.bmp;benign\n");
        (Experiment e, _) = RoundTrip(scratch, ExperimentTemplate.FromCsv(labels, images, scratch.Path));
        Assert.Equal(["benign", "malignant"], e.Scale.Names);
        Assert.Equal("", Assert.IsType<CsvSource>(e.Sources[0]).Extension);
        Assert.Equal(new BinaryTarget(), e.Target);
        Assert.Equal(SelectBy.Auc, e.Select.By);
        Assert.Equal(20, e.Recipe.Size);
    }

    [Fact]
    public void Grades_that_start_at_one_keep_their_numbers_as_names()
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 20, disc: false);
        string labels = scratch.Write("labels.csv", "image,grade\na,1\nb,3\n");
        (Experiment e, _) = RoundTrip(scratch, ExperimentTemplate.FromCsv(labels, images, scratch.Path));
        Assert.Equal(["1", "2", "3"], e.Scale.Names);
    }

    [Fact]
    public void A_test_set_beside_the_labels_is_taken_along()
    {
        using var scratch = new ScratchFolder();
        string train = scratch.Folder("train");
        Picture(Path.Combine(train, "a.bmp"), 20, 20, disc: false);
        Picture(Path.Combine(scratch.Folder("test"), "t.bmp"), 20, 20, disc: false);
        string labels = scratch.Write("train.csv", "id,diagnosis\na,0\nb,1\nc,2\n");
        scratch.Write("test.csv", "id\nt\n");
        (Experiment e, _) = RoundTrip(scratch, ExperimentTemplate.FromCsv(labels, train, scratch.Path));
        CsvSource test = Assert.IsType<CsvSource>(e.Test);
        Assert.Equal((Path.Combine(scratch.Path, "test.csv"), "id", null), (test.Labels, test.Id, test.Grade));
    }

    [Fact]
    public void A_folder_of_folders_becomes_sources_by_their_names()
    {
        using var scratch = new ScratchFolder();
        foreach (string name in new[] { "data/train/mild", "data/train/none", "data/train/severe", "data/val/none", "data/test/none" })
            Picture(Path.Combine(scratch.Folder(name), "x.bmp"), 300, 200, disc: false);
        (Experiment e, _) = RoundTrip(scratch, ExperimentTemplate.FromFolder(Path.Combine(scratch.Path, "data"), scratch.Path));
        Assert.Equal(["none", "mild", "severe"], e.Scale.Names);
        Assert.Equal([("train", SourceRole.Main), ("validation", SourceRole.Validation)], e.Sources.Select(s => (s.Name, s.Role)));
        Assert.Null(e.Split);
        Assert.Equal("test", e.Test!.Name);
        Assert.Equal(224, e.Recipe.Size);
    }

    [Fact]
    public void An_archive_states_its_size_its_grades_and_its_splits()
    {
        using var scratch = new ScratchFolder();
        string npz = Path.Combine(scratch.Path, "m.npz");
        using (ZipArchive zip = ZipFile.Open(npz, ZipArchiveMode.Create))
        {
            foreach (string split in new[] { "train", "val", "test" })
            {
                Npy(zip, $"{split}_images", "3, 28, 28, 3", new byte[3 * 28 * 28 * 3]);
                Npy(zip, $"{split}_labels", "3, 1", [0, 1, 2]);
            }
        }
        (Experiment e, _) = RoundTrip(scratch, ExperimentTemplate.FromNpz(npz, scratch.Path));
        Assert.Equal(["0", "1", "2"], e.Scale.Names);
        Assert.Equal(28, e.Recipe.Size);
        Assert.Equal([SourceRole.Main, SourceRole.Validation], e.Sources.Select(s => s.Role));
        Assert.Equal("test", Assert.IsType<NpzSource>(e.Test).Split);
    }

    [Theory]
    [InlineData(7, 1, 5, "7 in 1 row was taken for a mistake")]
    [InlineData(7, 30, 8, "No image has grade 5, 6")]
    public void A_rare_grade_beyond_a_gap_is_a_slip_and_a_common_one_is_not(int grade, int rows, int grades, string note)
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 20, disc: false);
        string csv = "image,grade\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"a,{i % 5}\n")) + string.Concat(Enumerable.Repeat($"a,{grade}\n", rows));
        ExperimentTemplate template = ExperimentTemplate.FromCsv(scratch.Write("labels.csv", csv), images, scratch.Path);
        Assert.Contains(template.Notes, n => n.Contains(note, StringComparison.Ordinal));
        Assert.Contains($"{grades - 1}", template.Text.Split('\n').First(l => l.StartsWith("scale:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{grades}\"", template.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_of_the_blocks_it_writes_is_explained()
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 20, disc: false);
        string text = ExperimentTemplate.FromCsv(scratch.Write("labels.csv", "image,grade\na,0\nb,2\n"), images, scratch.Path).Text;
        KeyBlock[] blocks = [ExperimentKeys.Experiment, ExperimentKeys.CsvSource, ExperimentKeys.Recipe, ExperimentKeys.Split, ExperimentKeys.Augment, ExperimentKeys.Sampling, ExperimentKeys.Model, ExperimentKeys.Train, ExperimentKeys.Select];
        foreach (ExperimentKey key in blocks.SelectMany(b => b.Keys))
        {
            Assert.Matches($@"(?m)^[ #-]*{key.Name}(:|\s+#)", text);
            Assert.Contains("# " + key.Meaning, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Everything_behind_a_hash_may_be_switched_on()
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 20, disc: false);
        string text = ExperimentTemplate.FromCsv(scratch.Write("labels.csv", "image,grade\na,0\nb,2\n"), images, scratch.Path).Text;
        string[] lines = text.Split('\n');
        foreach ((int at, string line) in lines.Index())
        {
            string word = line.TrimStart(' ', '#', '-');
            if (!line.TrimStart().StartsWith("# ", StringComparison.Ordinal) || !word.Contains(": ", StringComparison.Ordinal) || char.IsUpper(word[0]))
                continue;
            // A choice within a file of weights goes with the line above, which names the file.
            int from = word.StartsWith("weights_key", StringComparison.Ordinal) ? at - 1 : at;
            string on = string.Join('\n', lines.Select((l, i) => i >= from && i <= at ? Remove(l) : l));
            ExperimentFile.Read(scratch.Write("on.yaml", on));
        }

        static string Remove(string line)
        {
            int hash = line.IndexOf("# ", StringComparison.Ordinal);
            return line[..hash] + line[(hash + 2)..];
        }
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "names images in")]
    [InlineData("image,grade\na,x1\n", "no column holds grades")]
    [InlineData("image,grade\n", "no rows")]
    public void Data_that_cannot_be_understood_is_refused_with_what_to_do(string csv, string says)
    {
        using var scratch = new ScratchFolder();
        string images = scratch.Folder("images");
        Picture(Path.Combine(images, "a.bmp"), 20, 20, disc: false);
        GradusException error = Assert.Throws<GradusException>(() => ExperimentTemplate.FromCsv(scratch.Write("l.csv", csv), images, scratch.Path));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_is_quoted_so_that_it_reads_back_the_same()
    {
        using var scratch = new ScratchFolder();
        Gen.String.Where(s => !string.IsNullOrWhiteSpace(s) && s.EnumerateRunes().All(r => r.Value is not (0 or 0xFFFD or 0xFFFE or 0xFFFF))).Sample(
            text =>
            {
                string path = scratch.Write($"{Guid.NewGuid():N}.yaml", ExperimentText.With("[none, mild, severe]", $"[{YamlText.Quoted(text)}, \"{new string('x', 200)}\", severe]"));
                Assert.Equal(text, ExperimentFile.Read(path, variables: _ => null).Scale.Names[0]);
            },
            iter: 300);
    }

    private static (Experiment Experiment, ExperimentTemplate Template) RoundTrip(ScratchFolder scratch, ExperimentTemplate template) =>
        (ExperimentFile.Read(scratch.Write("experiment.yaml", template.Text)), template);

    /// <summary>A 24-bit BMP: a bright disc on black, or bright all over.</summary>
    private static void Picture(string path, int width, int height, bool disc)
    {
        int stride = (width * 3 + 3) / 4 * 4;
        var bytes = new byte[54 + stride * height];
        using (var writer = new BinaryWriter(new MemoryStream(bytes)))
        {
            writer.Write("BM"u8);
            writer.Write(bytes.Length);
            writer.Write(0);
            writer.Write(54);
            writer.Write(40);
            writer.Write(width);
            writer.Write(height);
            writer.Write((short)1);
            writer.Write((short)24);
        }
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double distance = Math.Pow(2.0 * x / width - 1, 2) + Math.Pow(2.0 * y / height - 1, 2);
                bytes.AsSpan(54 + y * stride + x * 3, 3).Fill((byte)(!disc || distance < 0.9 ? 150 : 0));
            }
        }
        AtomicFile.Write(path, s => s.Write(bytes));
    }

    private static void Npy(ZipArchive zip, string name, string shape, byte[] data)
    {
        string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}";
        header = header.PadRight(117) + "\n";
        using Stream entry = zip.CreateEntry(name + ".npy").Open();
        entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
        entry.Write(Encoding.ASCII.GetBytes(header));
        entry.Write(data);
    }
}
