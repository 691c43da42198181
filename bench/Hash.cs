#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
// Fingerprints every .jpg of a folder and prints images a second.
//   dotnet run -c Release bench/Hash.cs -- FOLDER THREADS
using System.Diagnostics;
using Gradus.Datasets;
using Gradus.Duplicates;

FileLocation[] files = [.. Directory.GetFiles(args[0], "*.jpg").Order(StringComparer.Ordinal).Select(f => new FileLocation(f))];
var options = new ParallelOptions { MaxDegreeOfParallelism = int.Parse(args[1]) };
ulong[] hashes = new ulong[files.Length];
long started = Stopwatch.GetTimestamp();
Parallel.For(0, files.Length, options, i => hashes[i] = Fingerprint.Of(files[i]).Hash);
Console.WriteLine($"{files.Length / Stopwatch.GetElapsedTime(started).TotalSeconds:F2}");
