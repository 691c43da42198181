using System.Text;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class PthForeignFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("FFD8FFE000104A46494600", "a JPEG image")]
    [InlineData("89504E470D0A1A0A0000", "a PNG image")]
    [InlineData("47494638396110001000F70000", "a GIF image")]
    [InlineData("424D36100000000000003600", "a BMP image")]
    [InlineData("49492A000800000010000001", "a TIFF image")]
    [InlineData("52494646240000005745425056503820", "a WebP image")]
    [InlineData("1F8B0800000000000003", "a gzip archive")]
    [InlineData("894844460D0A1A0A00", "an HDF5 file, as Keras writes")]
    [InlineData("934E554D505901007600", "a NumPy array")]
    [InlineData("7F454C4602010100", "a Linux program")]
    [InlineData("0001020304050607080910111213", "14 bytes of an unknown kind")]
    public void A_file_of_another_kind_is_named(string hex, string kind) => AssertNamed(Convert.FromHexString(hex), kind);

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><head><title>Sign in</title>", "an HTML page")]
    [InlineData("\n  <html lang=\"en\">", "an HTML page")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "an XML document")]
    [InlineData("{\"message\": \"Not Found\"}", "JSON")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 46827520\n", "a Git LFS pointer instead of the file itself")]
    [InlineData("BMI of patients\n", "text that begins 'BMI of patients'")]
    [InlineData("", "an empty file")]
    public void A_text_of_another_kind_is_named(string text, string kind) => AssertNamed(Encoding.UTF8.GetBytes(text), kind);

    [Fact]
    public void A_missing_file_a_folder_and_a_path_that_is_none_are_said_in_our_own_words()
    {
        Assert.Contains("there is no such file", Message(_folder.File("absent.pth")), StringComparison.Ordinal);
        Assert.Contains("there is no such file", Message(Path.Combine(_folder.Path, "no", "where.pth")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Message(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("is not a path", Message("a\0b.pth"), StringComparison.Ordinal);
        Assert.Contains("is not a path", Message(""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_said_in_our_own_words()
    {
        string path = _folder.Write("secret.pth", 1, 2, 3);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.SkipWhen(CanRead(path), "this user may read everything");
        Assert.Contains("may not be read", Message(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_in_one_line()
    {
        byte[] pickle = new PickleWriter().Dict(("a", w => w.Tensor("0", "Float", 6, 0, [2, 3], [3, 1])), ("b", w => w.Tensor("1", "Long", 1, 0, [], []))).Done();
        byte[][] files =
        [
            PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(6)), ("1", new byte[8])]),
            PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(6), 4), ("1", new byte[8], 8)]),
        ];
        foreach (byte[] whole in files)
        {
            WeightsFile.Open(_folder.Write("whole.pth", whole)).Dispose();
            for (int length = 0; length < whole.Length; length++)
                AssertClear(Message(_folder.Write("cut.pth", whole.AsSpan(0, length))));
        }
    }

    private void AssertNamed(byte[] bytes, string kind)
    {
        string path = _folder.Write("weights.safetensors", bytes);
        string message = Message(path);
        Assert.Equal($"{path}: holds no weights; found {kind}. Give a .safetensors file, or a state dict that PyTorch saved (.pth, .pt, .th, .bin)", message);
    }

    private static string Message(string path)
    {
        GradusException e = Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        Assert.Equal(Fault.Request, e.Fault);
        AssertClear(e.Message);
        return e.Message;
    }

    private static void AssertClear(string message)
    {
        Assert.DoesNotContain('\n', message);
        foreach (string raw in (string[])["Could not find", "Access to the path", "Exception", "End of Central Directory", "Unable to read beyond"])
            Assert.DoesNotContain(raw, message, StringComparison.Ordinal);
    }

    private static bool CanRead(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
