using System.Globalization;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

/// <summary>
/// Makes this process compute as it would on a virtual AMD processor whose caches are hidden: oneDNN's description of the caches, found in
/// the engine's memory, is overwritten with what it believes there, three caches of one byte each. 1x1 convolutions of some numbers
/// of channels then end the process with a division by zero, as they do on such a machine. .NET runs this before Main where
/// DOTNET_STARTUP_HOOKS names the library, in child processes too.
/// </summary>
internal static unsafe class StartupHook
{
    private const int Levels = 10; // places for cache sizes in Xbyak's description, then as many for the cores that share them
    private const uint AmdLeaf = 0x8000001D;

    public static void Initialize()
    {
        uint[] sizes = CacheSizes();
        if (sizes.Length < 2)
            throw new InvalidOperationException("this processor does not say which caches it has");
        using (NewDisposeScope())
            nn.functional.conv2d(ones(1, 8, 8, 8), ones(8, 8, 3, 3)); // oneDNN describes the processor when it is first used
        if (Overwrite(sizes) != 1)
            throw new InvalidOperationException($"the engine's description of the caches {string.Join(", ", sizes)} was not found");
    }

    // Data and unified caches in the order of CPUID's subleaves, bytes.
    private static uint[] CacheSizes()
    {
        if (!X86Base.IsSupported)
            return [];
        uint highest = (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax;
        bool amd = X86Base.CpuId(0, 0).Ebx == 0x68747541; // "Auth"
        var sizes = new List<uint>();
        for (int i = 0; i < 8 && (!amd || highest >= AmdLeaf); i++)
        {
            (int type, int ways, int sets, _) = X86Base.CpuId(amd ? unchecked((int)AmdLeaf) : 4, i);
            if ((type & 31) == 0)
                break;
            uint fields = (uint)ways;
            if ((type & 31) != 2) // not an instruction cache
                sizes.Add(((fields & 0xfff) + 1) * (((fields >> 12) & 0x3ff) + 1) * ((fields >> 22) + 1) * ((uint)sets + 1));
        }
        return [.. sizes];
    }

    private static int Overwrite(uint[] sizes)
    {
        int found = 0;
        bool follows = false; // zeroed memory of a library has no name and follows its last named part
        foreach (string line in File.ReadLines($"/proc/{Environment.ProcessId}/maps"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool named = fields.Length > 5 && fields[5].EndsWith("libtorch_cpu.so", StringComparison.Ordinal);
            bool belongs = named || (fields.Length <= 5 && follows);
            if (belongs && fields[1].StartsWith("rw", StringComparison.Ordinal))
            {
                long[] range = [.. fields[0].Split('-').Select(a => long.Parse(a, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
                for (uint* p = (uint*)range[0]; p + 2 * Levels + 1 <= (uint*)range[1]; p++)
                {
                    if (!IsDescription(p, sizes))
                        continue;
                    found++;
                    for (int i = 0; i < sizes.Length; i++)
                        (p[i], p[Levels + i]) = (1, 1);
                }
            }
            follows = belongs;
        }
        return found;
    }

    private static bool IsDescription(uint* p, uint[] sizes)
    {
        for (int i = 0; i < Levels; i++)
        {
            if (p[i] != (i < sizes.Length ? sizes[i] : 0))
                return false;
        }
        return p[2 * Levels] == sizes.Length;
    }
}
