using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Lets TorchSharp's native library load on systems whose libstdc++ is older than GCC 13 (Debian 12, Ubuntu 22.04).
/// </summary>
/// <remarks>
/// <para>
/// libLibTorchSharp.so was linked with GCC 13, so it asks the loader for the symbol version GLIBCXX_3.4.32. Exactly one symbol
/// of that version is used: std::ios_base_library_init(), whose whole job is to make sure that std::cout and its siblings are
/// initialised. An older libstdc++ does that by itself while it loads, so the call has nothing left to do there.
/// </para>
/// <para>
/// The task edits the copy in the output folder, never the package: (1) the version's entry gets the weak flag, which turns the
/// loader's refusal into nothing; (2) the symbol is pointed at std::chrono::steady_clock::now(), a function without arguments or
/// side effects that the library imports anyway. Both are changes of a few bytes in tables; no code is touched.
/// </para>
/// </remarks>
public sealed class RelaxLibstdcxx : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Wanted = "_ZSt21ios_base_library_initv";
    private const string Harmless = "_ZNSt6chrono3_V212steady_clock3nowEv";

    [Required]
    public string Library { get; set; } = "";

    public override bool Execute()
    {
        try
        {
            if (!File.Exists(Library) || SystemHasVersion())
                return true;
            byte[] image = File.ReadAllBytes(Library);
            if (!Relax(image))
                return true;
            // The output may be a hard link to the package's own file: write beside it and swap, so that the package stays as it was.
            DateTime stamp = File.GetLastWriteTimeUtc(Library);
            string beside = Library + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(beside, image);
            File.SetLastWriteTimeUtc(beside, stamp);
            File.Delete(Library);
            File.Move(beside, Library);
            Log.LogMessage(MessageImportance.Normal, "{0}: made loadable with this system's libstdc++, which lacks {1}", Library, Version);
            return true;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is InvalidDataException)
        {
            Log.LogError("{0}: could not be made loadable with this system's libstdc++: {1}", Library, e.Message);
            return false;
        }
    }

    private static bool SystemHasVersion()
    {
        string[] folders = { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" };
        foreach (string folder in folders)
        {
            string path = Path.Combine(folder, "libstdc++.so.6");
            if (File.Exists(path))
                return Encoding.ASCII.GetString(File.ReadAllBytes(path)).Contains(Version + "\0");
        }
        return true; // Not a system whose layout we know: leave the library as it is.
    }

    /// <summary>Edits an ELF64 little-endian image in place; false when there is nothing (left) to do.</summary>
    public static bool Relax(byte[] image)
    {
        Dictionary<string, (int Offset, int Size, int Info)> sections = Sections(image);
        int strings = sections[".dynstr"].Offset;
        (int symbols, int symbolBytes, _) = sections[".dynsym"];
        int versions = sections[".gnu.version"].Offset;

        bool changed = MarkWeak(image, sections[".gnu.version_r"].Offset, sections[".gnu.version_r"].Info, strings);

        int wanted = -1, harmless = -1;
        for (int i = 0; i < symbolBytes / 24; i++)
        {
            string name = Text(image, strings + BitConverter.ToInt32(image, symbols + i * 24));
            if (name == Wanted) wanted = i;
            if (name == Harmless) harmless = i;
        }
        if (wanted < 0)
            return changed;
        if (harmless < 0)
            throw new InvalidDataException("the symbol " + Harmless + " is not imported, so nothing can stand in for " + Wanted);
        Buffer.BlockCopy(image, symbols + harmless * 24, image, symbols + wanted * 24, 4); // st_name
        Buffer.BlockCopy(image, versions + harmless * 2, image, versions + wanted * 2, 2);
        return true;
    }

    // Elf64_Verneed { u16 version, u16 count, u32 file, u32 aux, u32 next }, each followed by Elf64_Vernaux { u32 hash, u16 flags, u16 other, u32 name, u32 next }.
    private static bool MarkWeak(byte[] image, int need, int needs, int strings)
    {
        const ushort Weak = 2; // VER_FLG_WEAK
        bool changed = false;
        for (int i = 0; i < needs; i++)
        {
            int aux = need + BitConverter.ToInt32(image, need + 8);
            int count = BitConverter.ToUInt16(image, need + 2);
            for (int j = 0; j < count; j++)
            {
                ushort flags = BitConverter.ToUInt16(image, aux + 4);
                if (Text(image, strings + BitConverter.ToInt32(image, aux + 8)) == Version && (flags & Weak) == 0)
                {
                    BitConverter.GetBytes((ushort)(flags | Weak)).CopyTo(image, aux + 4);
                    changed = true;
                }
                aux += BitConverter.ToInt32(image, aux + 12);
            }
            need += BitConverter.ToInt32(image, need + 12);
        }
        return changed;
    }

    private static Dictionary<string, (int Offset, int Size, int Info)> Sections(byte[] image)
    {
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        int table = (int)BitConverter.ToInt64(image, 40);
        int entry = BitConverter.ToUInt16(image, 58), count = BitConverter.ToUInt16(image, 60), names = BitConverter.ToUInt16(image, 62);
        int nameOffset = (int)BitConverter.ToInt64(image, table + names * entry + 24);
        var sections = new Dictionary<string, (int, int, int)>();
        for (int i = 0; i < count; i++)
        {
            int header = table + i * entry;
            sections[Text(image, nameOffset + BitConverter.ToInt32(image, header))] =
                ((int)BitConverter.ToInt64(image, header + 24), (int)BitConverter.ToInt64(image, header + 32), BitConverter.ToInt32(image, header + 44));
        }
        return sections;
    }

    private static string Text(byte[] image, int start)
    {
        int end = Array.IndexOf(image, (byte)0, start);
        return Encoding.ASCII.GetString(image, start, end - start);
    }
}
