#:project ../src/Gradus.Torch/Gradus.Torch.csproj
#:property RestorePackagesWithLockFile=false
// Tells whether a machine's engine computes 1x1 convolutions wrongly, whatever way gradus takes there: the relative error against float64 of one.
//   dotnet run -c Release bench/Conv1x1.cs -- 320 1280 7 1 2 1      inputs, outputs, side, stride, batch, channels last (1) or first (0)
// 7E-7 is right, 5E-1 is wrong; a process that dies (exit code 136) with 512 2048 7 1 2 1 is on such a machine too.
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
int[] a = [.. args.Select(int.Parse)];
var (cin, cout, side, stride, n, cl) = (a[0], a[1], a[2], a[3], a[4], a[5] == 1);
torch.random.manual_seed(1);
using var ng = torch.no_grad();
var w = randn(cout, cin, 1, 1);
var x = cl ? randn(n, side, side, cin).permute(0, 3, 1, 2) : randn(n, cin, side, side);
var want = F.conv2d(x.@double(), w.@double(), strides: new long[] { stride, stride });
Console.Write("begun ");
Console.Out.Flush();
var got = F.conv2d(x, w, strides: new long[] { stride, stride });
Console.WriteLine($"relative error {((got.@double() - want).abs().max() / want.abs().max()).item<double>():E1}");
