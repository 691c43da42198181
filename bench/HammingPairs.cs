#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// All pairs within a radius among random hashes, a tenth of them copies with a few bits changed.
//   dotnet run -c Release bench/HammingPairs.cs -- [HASHES] [RADIUS]
using System.Diagnostics;
using Gradus;
using Gradus.Duplicates;

int count = args.Length > 0 ? int.Parse(args[0]) : 1_000_000, radius = args.Length > 1 ? int.Parse(args[1]) : 10;
Random random = RandomStream.Create(1, "hashes");
ulong[] hashes = new ulong[count];
for (int i = 0; i < count; i++)
{
    hashes[i] = i % 10 == 9 ? hashes[random.Next(i)] : (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 1);
    for (int flips = i % 10 == 9 ? random.Next(radius + 1) : 0; flips > 0; flips--)
        hashes[i] ^= 1UL << random.Next(64);
}
long started = Stopwatch.GetTimestamp();
var index = new HammingIndex(hashes, radius);
TimeSpan built = Stopwatch.GetElapsedTime(started);
int pairs = index.Pairs().Length;
using var process = Process.GetCurrentProcess();
Console.WriteLine($"{count} hashes, radius {radius}, {Environment.ProcessorCount} threads: index {built.TotalSeconds:F2} s, all {pairs} pairs {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s in all, peak memory {process.PeakWorkingSet64 / 1e6:F0} MB");
