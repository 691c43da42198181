using System.Reflection;

namespace Gradus;

/// <summary>The version of this Gradus, as runs and checkpoints record it.</summary>
public static class CodeVersion
{
    /// <summary>Version and, where it was built from a repository, the commit: <c>0.1.0+1a2b3c…</c>.</summary>
    public static string Current { get; } = typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>A version with its commit cut to the length that people use.</summary>
    public static string Brief(string version) => version.IndexOf('+', StringComparison.Ordinal) is > 0 and var at && version.Length > at + 9 ? version[..(at + 9)] : version;
}
