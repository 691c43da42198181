using System.Collections.Immutable;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>The opcodes that would call Python: each builds a value of a known kind or ends the reading.</summary>
internal sealed partial class PickleMachine
{
    private void PushGlobal(string module, string name)
    {
        string full = $"{module}.{name}";
        if (PickleGlobal.Find(full) is { } known)
        {
            Push(known);
            return;
        }
        if (!PickleGlobal.StartsSomething(module, name))
        {
            Push(Foreign(full));
            return;
        }
        throw input.Refusal(
            $"asks for {WeightsEntry.Shown(full)}, which weights do not need; nothing was executed", _at,
            "Save the tensors alone, torch.save(model.state_dict(), path), and if you do not know why the file asks for it, " +
            "do not open it in Python");
    }

    private PickleForeign Foreign(string full)
    {
        if (_foreign.TryGetValue(full, out PickleForeign? known))
            return known;
        budget.Spend(GrownMemo + 64 + 4L * full.Length);
        _foreign.Add(full, known = new PickleForeign(full));
        return known;
    }

    /// <summary>An object of a class, made of arguments: of a foreign one its name remains.</summary>
    private void NewObject(int arguments)
    {
        int place = _stack.Count - 1 - arguments;
        if (place < Floor || _stack[place] is not PickleForeign foreign)
            throw Unneeded((byte)(arguments == 1 ? PickleOpcode.NewObj : PickleOpcode.NewObjEx));
        DropTo(place);
        Push(foreign);
    }

    private void PushStackGlobal()
    {
        if (Pop() is not string name || Pop() is not string module)
            throw Damaged();
        PushGlobal(module, name);
    }

    /// <summary>The tuple of torch.serialization: 'storage', type, key, device, elements, and in older files a view, which is none.</summary>
    private void PushStorage()
    {
        if (Pop() is not object?[] { Length: 5 or 6 } parts || parts[0] is not "storage" || parts[1] is not PickleGlobal { Type: { } type }
            || parts[2] is not string key || parts[4] is not long count || count < 0 || (parts.Length == 6 && parts[5] is not null))
        {
            throw Refusal("is damaged: a storage is described in another way than PyTorch's");
        }
        long bytes = WeightsEntry.BytesOf([count], ElementTypes.Of(type).Size) ?? throw Refusal($"has a storage of {count} elements");
        if (!_storages.TryGetValue(key, out PickleStorage? storage))
        {
            budget.Spend(160);
            budget.Declare(bytes, $"the storage '{WeightsEntry.Shown(key)}'");
            _storages.Add(key, storage = new PickleStorage(key, type, count));
        }
        if (storage.Type != type || storage.Count != count)
            throw Refusal($"is damaged: the storage '{WeightsEntry.Shown(key)}' is described twice, differently");
        Push(storage);
    }

    private void Reduce()
    {
        object? given = Pop(), callee = Pop();
        if (callee is PickleForeign foreign)
        {
            Push(foreign);
            return;
        }
        if (given is not object?[] arguments || callee is not PickleGlobal global)
            throw Damaged();
        Push(global.Kind switch
        {
            PickleGlobalKind.OrderedDict when arguments.Length == 0 => Paid(new PickleDict()),
            PickleGlobalKind.OrderedDict when arguments is [PickleList pairs] => Dictionary(pairs),
            PickleGlobalKind.Tensor when arguments is [PickleStorage storage, long offset, object?[] shape, object?[] strides, ..] => View(storage, offset, shape, strides),
            PickleGlobalKind.Parameter when arguments is [PickleTensor tensor, ..] => tensor,
            PickleGlobalKind.Size when arguments is [object?[] size] => size,
            _ => throw Refusal($"is damaged: {global.Name} has other arguments than PyTorch gives it"),
        });
    }

    /// <summary>Attributes of an ordered dictionary, such as a state dict's versions, or of a parameter; nothing here needs them.</summary>
    private void Build()
    {
        Pop();
        if (_stack.Count <= Floor || _stack[^1] is not (PickleDict or PickleTensor or PickleForeign))
            throw Refusal("sets attributes of something that is no state dict and no tensor; nothing was executed");
    }

    private PickleDict Paid(PickleDict dict)
    {
        budget.Spend(EmptyContainer);
        return dict;
    }

    private PickleDict Dictionary(PickleList pairs)
    {
        budget.Spend(EmptyContainer + GrownPair * (long)pairs.Items.Count);
        var dict = new PickleDict();
        foreach (object? pair in pairs.Items)
        {
            dict.Items.Add(pair switch
            {
                PickleList { Items: [var key, var value] } => (key, value),
                object?[] and [var key, var value] => (key, value),
                _ => throw Damaged(),
            });
        }
        return dict;
    }

    private PickleTensor View(PickleStorage storage, long offset, object?[] shape, object?[] strides)
    {
        ImmutableArray<long> sizes = Numbers(shape, "size"), steps = Numbers(strides, "stride");
        if (sizes.Length != steps.Length)
            throw Refusal($"is damaged: a tensor has {sizes.Length} sizes and {steps.Length} strides");
        long bytes = WeightsEntry.BytesOf(sizes.AsSpan(), ElementTypes.Of(storage.Type).Size) ?? throw Refusal("is damaged: a tensor has a shape too large to count");
        Int128 end = offset;
        for (int i = 0; i < sizes.Length; i++)
            end += (Int128)Math.Max(sizes[i] - 1, 0) * steps[i];
        if (offset < 0 || (bytes == 0 ? offset > storage.Count : end >= storage.Count))
            throw Refusal($"is damaged: a tensor reaches outside its storage of {storage.Count} elements");
        budget.DeclareTensor(bytes, sizes.Length);
        return new PickleTensor(storage, offset, sizes, steps);
    }

    private ImmutableArray<long> Numbers(object?[] values, string what)
    {
        if (values.Length > ElementTypes.MostDimensions)
            throw Refusal($"is damaged: a tensor has more than {ElementTypes.MostDimensions} dimensions");
        var numbers = ImmutableArray.CreateBuilder<long>(values.Length);
        foreach (object? value in values)
            numbers.Add(value is long number and >= 0 ? number : throw Refusal($"has a tensor with a {what} that is no whole number from 0"));
        return numbers.MoveToImmutable();
    }
}
