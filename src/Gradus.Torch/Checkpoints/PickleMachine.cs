using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// Reads the pickles in which PyTorch keeps weights, and nothing else. It runs no code: opcodes and globals come from closed lists,
/// and what a global "does" is written below. Every opcode costs at least a byte of input and makes at most one object, so
/// memory and time are bounded by the length of the input.
/// </summary>
internal sealed class PickleMachine(Stream input, string path)
{
    private const int MostOpcodes = 2_000_000;
    private const int LongestText = 1 << 16;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<int, object?> _memo = [];
    private readonly byte[] _buffer = new byte[8];
    private long _at;

    /// <summary>Reads one pickle to its end and returns what it describes.</summary>
    /// <exception cref="GradusException">An opcode or global that is not on the lists, or a pickle that is damaged.</exception>
    public object? Run()
    {
        for (int count = 0; ; count++)
        {
            if (count > MostOpcodes)
                throw Refuse("is longer than any file of weights", $"more than {MostOpcodes} opcodes");
            byte opcode = Byte();
            if (opcode == (byte)'.')
                return Pop();
            Step(opcode);
        }
    }

    private void Step(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                if (Byte() is not (>= 2 and <= 5) and var protocol)
                    throw Refuse("has a pickle protocol that PyTorch does not write", $"protocol {protocol}");
                break;
            case 0x95: // FRAME: a hint about lengths
                Fill(8);
                break;
            case (byte)'(':
                _marks.Push(_stack.Count);
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                Push(true);
                break;
            case 0x89:
                Push(false);
                break;
            case (byte)'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Fill(4)));
                break;
            case (byte)'K':
                Push((long)Byte());
                break;
            case (byte)'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Fill(2)));
                break;
            case 0x8a: // LONG1
                BigInteger number = Long(Byte());
                Push(number >= long.MinValue && number <= long.MaxValue ? (long)number : number); // PyTorch's magic number has ten bytes
                break;
            case (byte)'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Fill(8)));
                break;
            case (byte)'X':
                Push(Text(Length()));
                break;
            case 0x8c: // SHORT_BINUNICODE
            case (byte)'U': // SHORT_BINSTRING, of Python 2
                Push(Text(Byte()));
                break;
            case (byte)'T': // BINSTRING, of Python 2
                Push(Text(Length()));
                break;
            case (byte)'}':
                Push(new PickleDictionary());
                break;
            case (byte)']':
                Push(new PickleList());
                break;
            case (byte)')':
                Push(Array.Empty<object?>());
                break;
            case (byte)'t':
                Push(PopToMark());
                break;
            case 0x85 or 0x86 or 0x87: // TUPLE1, 2, 3
                Push(Pop(opcode - 0x84));
                break;
            case (byte)'q':
                _memo[Byte()] = Top();
                break;
            case (byte)'r':
                _memo[Length()] = Top();
                break;
            case 0x94: // MEMOIZE
                _memo[_memo.Count] = Top();
                break;
            case (byte)'h':
                Push(Recall(Byte()));
                break;
            case (byte)'j':
                Push(Recall(Length()));
                break;
            case (byte)'s':
                object?[] pair = Pop(2);
                Top<PickleDictionary>("a dictionary").Add(pair[0], pair[1]);
                break;
            case (byte)'u':
                object?[] pairs = PopToMark();
                if (pairs.Length % 2 != 0)
                    throw Damaged("a dictionary with a key that has no value");
                PickleDictionary dictionary = Top<PickleDictionary>("a dictionary");
                for (int i = 0; i < pairs.Length; i += 2)
                    dictionary.Add(pairs[i], pairs[i + 1]);
                break;
            case (byte)'a':
                object? item = Pop();
                Top<PickleList>("a list").Items.Add(item);
                break;
            case (byte)'e':
                object?[] items = PopToMark();
                Top<PickleList>("a list").Items.AddRange(items);
                break;
            case (byte)'c':
                Push(Global(Line(), Line()));
                break;
            case 0x93: // STACK_GLOBAL
                object?[] names = Pop(2);
                Push(Global(names[0] as string ?? throw Damaged("a global without a name"), names[1] as string ?? throw Damaged("a global without a name")));
                break;
            case (byte)'R':
                object?[] call = Pop(2);
                Push(Reduce(call[0], call[1]));
                break;
            case (byte)'b': // BUILD: attributes of an object, of which none matters here
                Pop();
                Top();
                break;
            case (byte)'Q':
                Push(Storage(Pop()));
                break;
            default:
                throw Refuse("holds more than weights: a pickle instruction that is not on the list was refused", $"opcode 0x{opcode:x2} at byte {_at - 1}");
        }
    }

    private PickleGlobal Global(string module, string name)
    {
        if (module == "torch" && name.EndsWith("Storage", StringComparison.Ordinal) && PickleTypes.TryGet(name, out ScalarType type))
            return new PickleGlobal(GlobalKind.StorageType, type);
        return (module, name) switch
        {
            ("collections", "OrderedDict") => new PickleGlobal(GlobalKind.Dictionary),
            ("torch._utils", "_rebuild_tensor" or "_rebuild_tensor_v2") => new PickleGlobal(GlobalKind.Tensor),
            ("torch._utils", "_rebuild_parameter") => new PickleGlobal(GlobalKind.Parameter),
            ("torch", "Size") => new PickleGlobal(GlobalKind.Size),
            _ => throw Refuse(
                "holds more than weights, and the rest was refused, not run",
                $"'{SafetensorsHeader.Shown($"{module}.{name}")}' before byte {_at}",
                module.StartsWith("torch.nn", StringComparison.Ordinal) ? "It is a whole pickled model: in Python save model.state_dict() instead" : "If you trust where it comes from, load it in Python and save its tensors alone"),
        };
    }

    private object? Reduce(object? function, object? arguments)
    {
        object?[] given = arguments as object?[] ?? throw Damaged("a call without a tuple of arguments");
        return (function as PickleGlobal)?.Kind switch
        {
            GlobalKind.Dictionary when given.Length == 0 => new PickleDictionary(),
            GlobalKind.Dictionary when given is [PickleList list] => FromPairs(list),
            GlobalKind.Size when given is [object?[] sizes] => sizes,
            GlobalKind.Parameter when given is [PickleTensor tensor, ..] => tensor,
            GlobalKind.Tensor when given is [PickleStorage storage, long offset, object?[] shape, object?[] stride, ..] => Tensor(storage, offset, shape, stride),
            _ => throw Damaged("a call with arguments that do not belong to it"),
        };
    }

    private PickleDictionary FromPairs(PickleList list)
    {
        var dictionary = new PickleDictionary();
        foreach (object? item in list.Items)
        {
            if (item is object?[] and [var key, var value])
                dictionary.Add(key, value);
            else if (item is PickleList { Items: [var k, var v] })
                dictionary.Add(k, v);
            else
                throw Damaged("an ordered dictionary of something else than pairs");
        }
        return dictionary;
    }

    private PickleTensor Tensor(PickleStorage storage, long offset, object?[] shape, object?[] stride)
    {
        if (shape.Length != stride.Length || shape.Length > 64 || offset < 0)
            throw Damaged("a tensor whose strides do not fit its shape");
        ImmutableArray<long> sizes = Numbers(shape), steps = Numbers(stride);
        long count = 1, last = offset;
        try
        {
            for (int i = 0; i < sizes.Length; i++)
            {
                count = checked(count * sizes[i]);
                last = checked(last + Math.Max(0, sizes[i] - 1) * steps[i]);
            }
        }
        catch (OverflowException)
        {
            throw Damaged("a tensor larger than any memory");
        }
        if (count > 0 && last >= storage.Count || count > storage.Count)
            throw Damaged($"a tensor that reaches beyond its {storage.Count} numbers");
        return new PickleTensor(storage, offset, sizes, steps, count);
    }

    private ImmutableArray<long> Numbers(object?[] values) =>
        [.. values.Select(v => v is long n and >= 0 ? n : throw Damaged("a shape of something else than whole numbers from 0"))];

    /// <summary>('storage', type, key, location, count[, view]): where a tensor's numbers are.</summary>
    private PickleStorage Storage(object? id) => id is object?[] and ["storage", PickleGlobal { Kind: GlobalKind.StorageType } type, string key, string, long count, ..] parts && count >= 0 && (parts.Length == 5 || parts is [_, _, _, _, _, null])
        ? new PickleStorage(key, type.Type, count)
        : throw Damaged("a reference to something else than the numbers of a tensor");

    private object? Recall(int slot) => _memo.TryGetValue(slot, out object? value) ? value : throw Damaged($"a reference to slot {slot}, which is empty");

    private void Push(object? value) => _stack.Add(value);

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Damaged("an empty stack");

    private T Top<T>(string what)
        where T : class => Top() as T ?? throw Damaged($"something else where {what} should be");

    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private object? Pop()
    {
        object? value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count)
    {
        if (_stack.Count - count < Floor)
            throw Damaged("an empty stack");
        object?[] values = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (!_marks.TryPop(out int mark))
            throw Damaged("the end of a list that never began");
        object?[] values = [.. _stack[mark..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private byte Byte() => Fill(1)[0];

    private int Length()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Fill(4));
        return length >= 0 ? length : throw Damaged("a negative length");
    }

    private ReadOnlySpan<byte> Fill(int count)
    {
        Read(_buffer.AsSpan(0, count));
        return _buffer.AsSpan(0, count);
    }

    private BigInteger Long(int bytes)
    {
        if (bytes > 16)
            throw Damaged($"a number of {bytes} bytes");
        Span<byte> digits = stackalloc byte[16];
        Read(digits[..bytes]);
        return new BigInteger(digits[..bytes]);
    }

    private string Text(int length)
    {
        if (length > LongestText)
            throw Refuse("has a text longer than any name", $"{length} bytes");
        Span<byte> bytes = length <= 512 ? stackalloc byte[length] : new byte[length];
        Read(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private string Line()
    {
        var text = new StringBuilder();
        for (byte b = Byte(); b != (byte)'\n'; b = Byte())
        {
            if (text.Length > 200)
                throw Damaged("a name that never ends");
            text.Append((char)b);
        }
        return text.ToString();
    }

    private void Read(Span<byte> target)
    {
        int read = input.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        _at += read;
        if (read < target.Length)
            throw Damaged("its end");
    }

    private GradusException Damaged(string found) => Refuse("is damaged: its description of tensors makes no sense", $"{found} at byte {_at}", "Get the file again");

    private GradusException Refuse(string problem, string found, string? remedy = null) => new(problem, path, found, remedy, Fault.Request);
}

/// <summary>What the globals on the list stand for.</summary>
internal enum GlobalKind
{
    Dictionary,
    Tensor,
    Parameter,
    Size,
    StorageType,
}

/// <summary>A global on the list.</summary>
internal sealed record PickleGlobal(GlobalKind Kind, ScalarType Type = ScalarType.Float32);

/// <summary>Numbers that a tensor is cut from.</summary>
internal sealed record PickleStorage(string Key, ScalarType Type, long Count);

/// <summary>A tensor as a pickle describes it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Stride, long Count);

/// <summary>A list, which is empty until it is filled.</summary>
internal sealed class PickleList
{
    private List<object?>? _items;

    public List<object?> Items => _items ??= [];
}

/// <summary>A dictionary's pairs in order; keys that are no text cannot name a tensor and are passed over.</summary>
internal sealed class PickleDictionary
{
    private List<(string Key, object? Value)>? _pairs;

    public IReadOnlyList<(string Key, object? Value)> Pairs => _pairs ?? [];

    public void Add(object? key, object? value)
    {
        if (key is string name)
            (_pairs ??= []).Add((name, value));
    }
}

/// <summary>PyTorch's storage classes that the engine has a type for.</summary>
internal static class PickleTypes
{
    public static bool TryGet(string storage, out ScalarType type)
    {
        ScalarType? found = storage switch
        {
            "FloatStorage" => ScalarType.Float32,
            "DoubleStorage" => ScalarType.Float64,
            "HalfStorage" => ScalarType.Float16,
            "BFloat16Storage" => ScalarType.BFloat16,
            "LongStorage" => ScalarType.Int64,
            "IntStorage" => ScalarType.Int32,
            "ShortStorage" => ScalarType.Int16,
            "CharStorage" => ScalarType.Int8,
            "ByteStorage" => ScalarType.Byte,
            "BoolStorage" => ScalarType.Bool,
            _ => null,
        };
        type = found ?? default;
        return found is not null;
    }

    public static int Size(ScalarType type) => SafetensorsTypes.Of(type).Size;
}
