using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// A pickle machine that builds plain values, storages and tensors, and nothing else: opcodes and globals come from two closed
/// lists. Objects of other classes, which training scripts leave beside their tensors, become a name and no more; a
/// name that can only be
/// there to start something ends the reading, as does anything that costs more than the budget. Nothing is looked up,
/// imported or called. Protocols 2 to 5, as PyTorch writes them.
/// </summary>
internal sealed partial class PickleMachine(PickleInput input, PickleBudget budget)
{
    private const int MostValues = 1 << 16;
    private const int MostMarks = 1000; // Python's own pickler gives up at this depth

    // Bytes of objects, with what lists and tables throw away as they grow.
    private const int EmptyContainer = 64;
    private const int FirstItems = 88;
    private const int GrownItem = 24;
    private const int GrownPair = 48;
    private const int GrownMemo = 96;
    private const int Number = 24;

    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object[] SmallNumbers = [.. Enumerable.Range(0, 256).Select(n => (object)(long)n)];

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, PickleForeign> _foreign = new(StringComparer.Ordinal);
    private long _at;

    /// <summary>Classes and functions that were passed over, in the order in which they were met.</summary>
    public IReadOnlyList<string> PassedOver => [.. _foreign.Keys];

    /// <summary>All storages named so far, by their keys.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Reads one pickle to its end and returns its value; several may follow each other.</summary>
    /// <exception cref="GradusException">The pickle is malformed, too large for its file, or asks for more than tensors.</exception>
    public object? Run()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        _at = input.Position;
        if (input.Byte() != (byte)PickleOpcode.Proto || input.Byte() is < 2 or > 5)
            throw Refusal("is no pickle of protocol 2 to 5");
        while (true)
        {
            _at = input.Position;
            var opcode = (PickleOpcode)input.Byte();
            if (opcode == PickleOpcode.Stop)
                return _stack.Count == 1 && _marks.Count == 0 ? Pop() : throw Refusal("is damaged: the pickle ends with other than one value");
            Step(opcode);
        }
    }

    private void Step(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: input.Skip(1); break;
            case PickleOpcode.Frame: input.Skip(8); break; // its length: frames are for readers of sockets
            case PickleOpcode.None: Push(null); break;
            case PickleOpcode.NewTrue: Push(True); break;
            case PickleOpcode.NewFalse: Push(False); break;
            case PickleOpcode.BinInt1: Push(SmallNumbers[input.Byte()]); break;
            case PickleOpcode.BinInt2: PushNumber(BinaryPrimitives.ReadUInt16LittleEndian(input.Bytes(2))); break;
            case PickleOpcode.BinInt: PushNumber(BinaryPrimitives.ReadInt32LittleEndian(input.Bytes(4))); break;
            case PickleOpcode.Long1: PushLong(input.Counted(input.Byte())); break;
            case PickleOpcode.BinFloat: PushPaid(BinaryPrimitives.ReadDoubleBigEndian(input.Bytes(8)), Number); break;
            case PickleOpcode.ShortBinString: PushText(input.Counted(input.Byte()), Encoding.Latin1); break;
            case PickleOpcode.BinString: PushText(input.Counted(Count4()), Encoding.Latin1); break;
            case PickleOpcode.ShortBinUnicode: PushText(input.Counted(input.Byte()), Encoding.UTF8); break;
            case PickleOpcode.BinUnicode: PushText(input.Counted(Count4()), Encoding.UTF8); break;
            case PickleOpcode.BinUnicode8: PushText(input.Counted(BinaryPrimitives.ReadUInt64LittleEndian(input.Bytes(8))), Encoding.UTF8); break;
            case PickleOpcode.ShortBinBytes: PushBytes(input.Byte()); break;
            case PickleOpcode.BinBytes: PushBytes(Count4()); break;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8:
                PushBytes(BinaryPrimitives.ReadUInt64LittleEndian(input.Bytes(8)));
                break;
            case PickleOpcode.EmptySet: Push(PickleBytes.Ignored); break;
            case PickleOpcode.AddItems: Append(Mark()); break;
            case PickleOpcode.FrozenSet: DropTo(Mark()); Push(PickleBytes.Ignored); break;
            case PickleOpcode.Pop: Pop(); break;
            case PickleOpcode.PopMark: DropTo(Mark()); break;
            case PickleOpcode.Dup: Push(Above(_stack.Count - 1)[0]); break;
            case PickleOpcode.EmptyTuple: Push(Array.Empty<object?>()); break;
            case PickleOpcode.Tuple1: PushTuple(1); break;
            case PickleOpcode.Tuple2: PushTuple(2); break;
            case PickleOpcode.Tuple3: PushTuple(3); break;
            case PickleOpcode.Tuple: PushTuple(_stack.Count - Mark()); break;
            case PickleOpcode.EmptyList: PushPaid(new PickleList(), EmptyContainer); break;
            case PickleOpcode.EmptyDict: PushPaid(new PickleDict(), EmptyContainer); break;
            case PickleOpcode.Mark: PushMark(); break;
            case PickleOpcode.Append: Append(_stack.Count - 1); break;
            case PickleOpcode.Appends: Append(Mark()); break;
            case PickleOpcode.SetItem: SetItems(_stack.Count - 2); break;
            case PickleOpcode.SetItems: SetItems(Mark()); break;
            case PickleOpcode.BinPut: Remember(input.Byte()); break;
            case PickleOpcode.LongBinPut: Remember(Count4()); break;
            case PickleOpcode.Memoize: Remember((uint)_memo.Count); break;
            case PickleOpcode.BinGet: Recall(input.Byte()); break;
            case PickleOpcode.LongBinGet: Recall(Count4()); break;
            case PickleOpcode.Global: PushGlobal(input.Line(), input.Line()); break;
            case PickleOpcode.StackGlobal: PushStackGlobal(); break;
            case PickleOpcode.BinPersId: PushStorage(); break;
            case PickleOpcode.Reduce: Reduce(); break;
            case PickleOpcode.NewObj: NewObject(1); break;
            case PickleOpcode.NewObjEx: NewObject(2); break;
            case PickleOpcode.Build: Build(); break;
            default: throw Unneeded((byte)opcode);
        }
    }

    private GradusException Unneeded(byte opcode) =>
        Refusal($"has the opcode 0x{opcode:x2}{Name(opcode)}, which weights do not need; nothing was executed");

    // Names from Python's pickletools, of the opcodes that a hostile or foreign pickle is likely to have.
    private static string Name(byte opcode) => opcode switch
    {
        (byte)'i' => " (INST)",
        (byte)'o' => " (OBJ)",
        (byte)'P' => " (PERSID)",
        0x81 => " (NEWOBJ)",
        0x82 or 0x83 or 0x84 => " (EXT)",
        0x8b => " (LONG4)",
        0x92 => " (NEWOBJ_EX)",
        _ => "",
    };

    private uint Count4() => BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes(4));

    private void Push(object? value)
    {
        if (_stack.Count == MostValues)
            throw Refusal($"has more than {MostValues} values open at once");
        if (_stack.Count == _stack.Capacity)
            budget.Spend(24 + 16L * _stack.Capacity); // it doubles
        _stack.Add(value);
    }

    private void PushPaid(object value, int bytes)
    {
        budget.Spend(bytes);
        Push(value);
    }

    private void PushNumber(long value)
    {
        if (value is >= 0 and < 256)
            Push(SmallNumbers[value]);
        else
            PushPaid(value, Number);
    }

    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        if (value >= long.MinValue && value <= long.MaxValue)
            PushNumber((long)value);
        else
            PushPaid(value, 64 + bytes.Length);
    }

    private void PushText(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        budget.Spend(32 + 2 * bytes.Length);
        Push(encoding.GetString(bytes));
    }

    private void PushBytes(ulong count)
    {
        input.Counted(count);
        Push(PickleBytes.Ignored);
    }

    private void PushMark()
    {
        if (_marks.Count == MostMarks)
            throw Refusal($"is nested deeper than {MostMarks} levels");
        _marks.Add(_stack.Count);
    }

    private int Mark()
    {
        if (_marks.Count == 0)
            throw Damaged();
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return mark;
    }

    private object? Pop()
    {
        int last = _stack.Count - 1;
        if (last < Floor)
            throw Damaged();
        object? value = _stack[last];
        _stack.RemoveAt(last);
        return value;
    }

    /// <summary>What lies below the last mark is out of reach.</summary>
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private ReadOnlySpan<object?> Above(int from) => from >= Floor ? CollectionsMarshal.AsSpan(_stack)[from..] : throw Damaged();

    private void PushTuple(int count)
    {
        budget.Spend(24 + 8L * count);
        int from = _stack.Count - count;
        object?[] items = [.. Above(from)];
        _stack.RemoveRange(from, count);
        Push(items);
    }

    private void Append(int from)
    {
        ReadOnlySpan<object?> items = Above(from);
        if (from > Floor && _stack[from - 1] is PickleForeign or PickleBytes)
        {
            DropTo(from);
            return;
        }
        if (from <= Floor || _stack[from - 1] is not PickleList list)
            throw Damaged();
        budget.Spend((list.Items.Count == 0 ? FirstItems : 0) + GrownItem * (long)items.Length);
        list.Items.AddRange(items);
        _stack.RemoveRange(from, items.Length);
    }

    private void SetItems(int from)
    {
        ReadOnlySpan<object?> items = Above(from);
        if (from > Floor && _stack[from - 1] is PickleForeign)
        {
            DropTo(from);
            return;
        }
        if (from <= Floor || items.Length % 2 != 0 || _stack[from - 1] is not PickleDict dict)
            throw Damaged();
        budget.Spend((dict.Items.Count == 0 ? FirstItems : 0) + GrownPair / 2 * (long)items.Length);
        for (int i = 0; i < items.Length; i += 2)
            dict.Items.Add((items[i], items[i + 1]));
        _stack.RemoveRange(from, items.Length);
    }

    private void DropTo(int count) => _stack.RemoveRange(count, _stack.Count - count);

    private void Remember(uint index)
    {
        if (_stack.Count == 0)
            throw Damaged();
        if (!_memo.ContainsKey(index))
            budget.Spend(GrownMemo);
        _memo[index] = _stack[^1];
    }

    private void Recall(uint index) => Push(_memo.TryGetValue(index, out object? value) ? value : throw Damaged());

    private GradusException Damaged() => Refusal("is damaged: the pickle takes what it has not made");

    private GradusException Refusal(string problem) => input.Refusal(problem, _at);
}
