using System.Text;

namespace Gradus;

/// <summary>Writes files that are either wholly there or not at all: written beside the target, flushed to disk, then renamed over it.</summary>
public static class AtomicFile
{
    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="GradusException">The disk is full, the folder is read-only, or anything else kept the file from being written.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Lets <paramref name="write"/> fill the file; whatever it throws leaves the old file as it was.</summary>
    /// <exception cref="GradusException">The disk is full, the folder is read-only, or anything else kept the file from being written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        string beside = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (string reason, string remedy) = Explain(e);
            throw new GradusException("could not be written", path, reason, remedy, inner: e);
        }
        finally
        {
            Discard(beside);
        }
    }

    // The system's own message names temporary files that nobody knows.
    private static (string Reason, string Remedy) Explain(Exception e)
    {
        const string Elsewhere = "Choose a folder that can be written to";
        return e switch
        {
            IOException { HResult: 28 or unchecked((int)0x80070070) } => ("no space left on the disk", "Free space, or choose another disk"),
            UnauthorizedAccessException => ("no permission to write there", Elsewhere),
            FileNotFoundException or DirectoryNotFoundException => ("a place where no file can be made", Elsewhere),
            IOException { HResult: 30 } => ("a file system that is read-only", Elsewhere),
            IOException { HResult: 17 or 20 } => ("a file where a folder is needed", Elsewhere),
            _ => (e.Message.TrimEnd('.'), Elsewhere),
        };
    }

    private static void Discard(string beside)
    {
        try
        {
            File.Delete(beside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that left the file behind is the one being reported.
        }
    }
}
