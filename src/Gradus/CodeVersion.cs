using System.Reflection;

namespace Gradus;

/// <summary>The version of this Gradus, as runs and checkpoints record it.</summary>
public static class CodeVersion
{
    /// <summary>Version and, where it was built from a repository, the commit: <c>0.1.0+1a2b3c…</c>.</summary>
    public static string Current { get; } = typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
