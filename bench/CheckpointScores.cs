#:project ../src/Gradus.Torch/Gradus.Torch.csproj
#:property RestorePackagesWithLockFile=false
#:property JsonSerializerIsReflectionEnabledByDefault=true
// The outputs of a checkpoint for the images of a folder: one image alone, in batches of 7 and of 32, forward and backward in order. Writes the prepared
// bytes and the outputs, for checkpoint_vs_torchvision.py, and prints the largest differences of scores (the sum of the sigmoids).
//   dotnet run -c Release bench/CheckpointScores.cs -- CHECKPOINT FOLDER OUT
using Gradus.Datasets;
using Gradus.Imaging;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

using Checkpoint checkpoint = Checkpoint.Load(args[0], CPU);
(ImageId Id, ImageLocation Location)[] images = [.. ImageList.Find([args[1]])];
int size = checkpoint.Info.Recipe.Size;
byte[][] pixels = [.. images.AsParallel().AsOrdered().Select(i => ImageDecoder.Prepare(checkpoint.Info.Recipe, i.Location).Image.Pixels.ToArray())];
Console.WriteLine($"{images.Length} images of {size} px, {checkpoint.Info.Model.Backbone}, {Ways.Describe(Ways.Current)} on {Processor.Here.Name}");
float[][] alone = Outputs(1, false), seven = Outputs(7, false), many = Outputs(32, false), turned = Outputs(32, true);
foreach ((string name, float[][] other) in new[] { ("batches of 7", seven), ("batches of 32", many), ("batches of 32 in the opposite order", turned) })
    Console.WriteLine($"alone against {name}: largest difference of scores {alone.Zip(other, (a, b) => Math.Abs(Score(a) - Score(b))).Max():E1}");
Directory.CreateDirectory(args[2]);
Gradus.AtomicFile.Write(Path.Combine(args[2], "pixels.bin"), s => { foreach (byte[] p in pixels) s.Write(p); });
Gradus.AtomicFile.WriteText(Path.Combine(args[2], "scores.csv"), string.Join('\n', alone.Select((o, i) => FormattableString.Invariant($"{images[i].Id},{Score(o):R}"))));

double Score(float[] outputs) => outputs.Sum(z => 1 / (1 + Math.Exp(-z)));

float[][] Outputs(int batch, bool backward)
{
    int[] order = [.. Enumerable.Range(0, images.Length)];
    if (backward)
        Array.Reverse(order);
    var outputs = new float[images.Length][];
    using IDisposable inference = inference_mode();
    foreach (int[] part in order.Chunk(batch))
    {
        using var scope = NewDisposeScope();
        Tensor bytes = tensor(part.SelectMany(i => pixels[i]).ToArray()).view(part.Length, size, size, 3);
        float[] logits = checkpoint.Model.call(BatchInput.Normalise(BatchInput.ToFloat(bytes), checkpoint.Info.Normalisation)).data<float>().ToArray();
        foreach ((int at, float[] row) in logits.Chunk(logits.Length / part.Length).Index())
            outputs[part[at]] = row;
    }
    return outputs;
}
