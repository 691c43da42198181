using System.Diagnostics;
using System.Threading.Channels;
using Gradus.Datasets;
using Gradus.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Loading;

/// <summary>
/// Batches straight from the memory-mapped cache. A background task fills a bounded channel ahead of the training loop; the time
/// the loop spends waiting for it is measured, because it is what a slow loader costs.
/// </summary>
public sealed class BatchLoader
{
    private const int Ahead = 4;
    private readonly ImageCache _cache;
    private readonly int[] _slots;
    private readonly long[] _grades;
    private readonly int _size;
    private readonly Device _device;

    /// <summary>A loader over <paramref name="records"/>, all of which must be in the cache.</summary>
    /// <exception cref="GradusException">An image is not in the cache.</exception>
    public BatchLoader(ImageCache cache, int size, IReadOnlyList<ImageRecord> records, Device device)
    {
        (_cache, _size, _device) = (cache, size, device);
        _slots = new int[records.Count];
        _grades = new long[records.Count];
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Hash is not { } hash || !cache.TryGetSlot(hash, out _slots[i]))
                throw new GradusException("is not in the cache", records[i].Location.ToString(), remedy: "Run gradus prepare with the same experiment");
            _grades[i] = records[i].Grade ?? -1;
        }
    }

    /// <summary>N, the images of the set.</summary>
    public int Count => _slots.Length;

    /// <summary>Time spent waiting for batches since the loader was made.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>
    /// Cuts <paramref name="order"/> into <paramref name="batches"/> batches whose sizes differ by one at most, so that no batch is a
    /// leftover of a few images, on which batch normalisation would misjudge its statistics.
    /// </summary>
    public static IEnumerable<ArraySegment<int>> Cut(int[] order, int batches)
    {
        for (int b = 0; b < batches; b++)
        {
            int from = (int)((long)order.Length * b / batches), to = (int)((long)order.Length * (b + 1) / batches);
            yield return new ArraySegment<int>(order, from, to - from);
        }
    }

    /// <summary>The number of batches of at most <paramref name="batchSize"/> images.</summary>
    public static int BatchCount(int images, int batchSize) => (images + batchSize - 1) / batchSize;

    /// <summary>The batches of <paramref name="order"/> (positions in the records), loaded ahead. The caller disposes each.</summary>
    public IEnumerable<ByteBatch> Load(int[] order, int batchSize)
    {
        var channel = Channel.CreateBounded<ByteBatch>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = new CancellationTokenSource();
        Task filling = Task.Run(() => FillAsync(channel.Writer, order, batchSize, stop.Token));
        try
        {
            while (Next(channel.Reader) is { } batch)
                yield return batch;
        }
        finally
        {
            stop.Cancel();
            while (channel.Reader.TryRead(out ByteBatch? left))
                left.Dispose();
            // Its failure, if any, has come out of the channel already.
            filling.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            while (channel.Reader.TryRead(out ByteBatch? left))
                left.Dispose();
        }
    }

    private ByteBatch? Next(ChannelReader<ByteBatch> reader)
    {
        if (reader.TryRead(out ByteBatch? ready))
            return ready;
        long from = Stopwatch.GetTimestamp();
        try
        {
            return reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult() && reader.TryRead(out ByteBatch? batch) ? batch : null;
        }
        finally
        {
            Waited += Stopwatch.GetElapsedTime(from);
        }
    }

    private async Task FillAsync(ChannelWriter<ByteBatch> writer, int[] order, int batchSize, CancellationToken stop)
    {
        try
        {
            foreach (ArraySegment<int> positions in Cut(order, BatchCount(order.Length, batchSize)))
            {
                ByteBatch batch = Assemble(positions);
                try
                {
                    await writer.WriteAsync(batch, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    batch.Dispose();
                    return;
                }
            }
            writer.Complete();
        }
        catch (Exception e)
        {
            writer.Complete(e);
            throw;
        }
    }

    private ByteBatch Assemble(ArraySegment<int> positions)
    {
        int imageBytes = _size * _size * 3;
        Tensor pixels = empty([positions.Count, _size, _size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        Span<byte> bytes = pixels.bytes;
        var grades = new long[positions.Count];
        for (int i = 0; i < positions.Count; i++)
        {
            _cache.CopyTo(_slots[positions[i]], bytes.Slice(i * imageBytes, imageBytes));
            grades[i] = _grades[positions[i]];
        }
        Tensor gradeTensor = tensor(grades); // (B)
        if (_device.type == DeviceType.CUDA)
        {
            pixels = Move(pixels);
            gradeTensor = Move(gradeTensor);
        }
        return new ByteBatch(pixels, gradeTensor, [.. positions]);
    }

    private Tensor Move(Tensor host)
    {
        using (host)
        {
            using Tensor pinned = host.pin_memory();
            return pinned.to(_device, non_blocking: true);
        }
    }
}
