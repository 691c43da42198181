using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Gradus.Torch.Arithmetic;

/// <summary>What the processor says of itself.</summary>
/// <param name="Name">Its brand: <c>AMD EPYC</c>.</param>
/// <param name="Signature">Vendor, family, model, features and cache leaves, as text: two processors that differ in these differ here.</param>
/// <param name="CachesAreHidden">
/// The vendor is AMD and all of CPUID's leaf 0x8000001D is zero, as some hypervisors answer. oneDNN 3.7 (in libtorch 2.10) then believes
/// in three caches of one byte each: 1x1 convolutions give wrong values or divide by zero.
/// </param>
public sealed record Processor(string Name, string Signature, bool CachesAreHidden)
{
    private const int CacheLeaf = unchecked((int)0x8000001D);
    private const int BrandLeaf = unchecked((int)0x80000002);

    /// <summary>The one that this process runs on.</summary>
    public static Processor Here { get; } = Read();

    private static Processor Read()
    {
        if (!X86Base.IsSupported)
            return new Processor(RuntimeInformation.ProcessArchitecture.ToString(), RuntimeInformation.ProcessArchitecture.ToString(), false);
        (int highest, int b, int c, int d) = X86Base.CpuId(0, 0);
        string vendor = Text(b, d, c);
        uint extended = (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax;
        string brand = extended >= 0x80000004 ? string.Concat(Enumerable.Range(0, 3).Select(i => Brand(BrandLeaf + i))).Trim('\0', ' ') : vendor;
        bool amd = vendor is "AuthenticAMD" or "HygonGenuine";
        bool hidden = amd && (extended < 0x8000001D || Enumerable.Range(0, 4).All(i => X86Base.CpuId(CacheLeaf, i) == (0, 0, 0, 0)));
        var signature = new StringBuilder($"{vendor} {brand}");
        // Not leaf 1's ebx, whose upper byte is the number of the core that answers.
        (int family, _, int features, int more) = X86Base.CpuId(1, 0);
        signature.Append(System.Globalization.CultureInfo.InvariantCulture, $" {family:x} {features:x} {more:x}");
        if (highest >= 7)
            signature.Append(System.Globalization.CultureInfo.InvariantCulture, $" {X86Base.CpuId(7, 0)} {X86Base.CpuId(7, 1)}");
        int leaf = amd ? CacheLeaf : 4;
        for (int i = 0; i < 4 && (!amd || extended >= 0x8000001D); i++)
        {
            (int type, int ways, int sets, _) = X86Base.CpuId(leaf, i);
            signature.Append(System.Globalization.CultureInfo.InvariantCulture, $" {type & 0xff:x} {ways:x} {sets:x}");
        }
        return new Processor(brand, signature.ToString(), hidden);
    }

    private static string Brand(int leaf)
    {
        (int a, int b, int c, int d) = X86Base.CpuId(leaf, 0);
        return Text(a, b, c, d);
    }

    private static string Text(params ReadOnlySpan<int> registers) => Encoding.ASCII.GetString(MemoryMarshal.AsBytes(registers));
}
