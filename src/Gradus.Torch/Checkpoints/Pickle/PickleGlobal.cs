using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>What a global is to the machine, which never runs it.</summary>
internal enum PickleGlobalKind
{
    /// <summary>Made from nothing, or in Python 2 from a list of pairs.</summary>
    OrderedDict,

    /// <summary>From storage, offset, size, strides and more that is ignored.</summary>
    Tensor,

    /// <summary>From a tensor and more that is ignored.</summary>
    Parameter,

    /// <summary>From a tuple.</summary>
    Size,

    /// <summary>The type of a storage; it is named and never called.</summary>
    Storage,
}

/// <summary>A name of Python that weights need.</summary>
/// <param name="Name">Module and name with a dot.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Type">The element type of a storage.</param>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, ScalarType? Type = null)
{
    private static readonly FrozenDictionary<string, PickleGlobal> Known = new PickleGlobal[]
    {
        new("collections.OrderedDict", PickleGlobalKind.OrderedDict),
        new("torch._utils._rebuild_tensor", PickleGlobalKind.Tensor), // before PyTorch 0.4
        new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_parameter", PickleGlobalKind.Parameter),
        new("torch._utils._rebuild_parameter_with_state", PickleGlobalKind.Parameter),
        new("torch.nn.parameter.Parameter", PickleGlobalKind.Parameter), // before PyTorch 0.4
        new("torch.Size", PickleGlobalKind.Size),
        new("torch.FloatStorage", PickleGlobalKind.Storage, ScalarType.Float32),
        new("torch.DoubleStorage", PickleGlobalKind.Storage, ScalarType.Float64),
        new("torch.HalfStorage", PickleGlobalKind.Storage, ScalarType.Float16),
        new("torch.BFloat16Storage", PickleGlobalKind.Storage, ScalarType.BFloat16),
        new("torch.LongStorage", PickleGlobalKind.Storage, ScalarType.Int64),
        new("torch.IntStorage", PickleGlobalKind.Storage, ScalarType.Int32),
        new("torch.ShortStorage", PickleGlobalKind.Storage, ScalarType.Int16),
        new("torch.CharStorage", PickleGlobalKind.Storage, ScalarType.Int8),
        new("torch.ByteStorage", PickleGlobalKind.Storage, ScalarType.Byte),
        new("torch.BoolStorage", PickleGlobalKind.Storage, ScalarType.Bool),
    }.ToFrozenDictionary(g => g.Name, StringComparer.Ordinal);

    // Nothing here is ever run. A file that names one of these was not written by a training script, and a person
    // should know.
    private static readonly FrozenSet<string> Starters = FrozenSet.Create(
        StringComparer.Ordinal,
        "posix", "nt", "os", "subprocess", "sys", "pty", "shutil", "socket", "runpy", "importlib", "webbrowser",
        "ctypes");

    private static readonly FrozenSet<string> StartingBuiltins = FrozenSet.Create(
        StringComparer.Ordinal,
        "eval", "exec", "execfile", "compile", "open", "file", "getattr", "setattr", "delattr", "apply", "map", "filter",
        "globals", "locals", "vars", "input", "breakpoint", "__import__");

    /// <summary>True for a name that can only be there to start something.</summary>
    public static bool StartsSomething(string module, string name) =>
        Starters.Contains(module.Split('.')[0])
        || (module is "builtins" or "__builtin__" && StartingBuiltins.Contains(name.Split('.')[0]));

    /// <summary>The global of that name, or null for one that weights do not need.</summary>
    public static PickleGlobal? Find(string name) => Known.GetValueOrDefault(name);
}
