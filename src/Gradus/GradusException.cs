namespace Gradus;

/// <summary>Whose turn it is to act after a failure; becomes the exit code of the command.</summary>
public enum Fault
{
    /// <summary>The work failed: exit code 1.</summary>
    Work = 1,

    /// <summary>The request was wrong (an option, an experiment, a column): exit code 2.</summary>
    Request = 2,
}

/// <summary>
/// A failure that a person can act on. Its message is one or two lines: where, what is wrong, what was found, what to do.
/// </summary>
public sealed class GradusException : Exception
{
    /// <summary>Composes the message <c>where: problem; found X. Remedy.</c> from its parts.</summary>
    /// <param name="problem">What is wrong, as a clause without a full stop: "the column 'grade' is missing".</param>
    /// <param name="where">The place: a path, or <c>path:line:column</c>.</param>
    /// <param name="found">What was there instead.</param>
    /// <param name="remedy">What to do, as a sentence without its full stop.</param>
    /// <param name="fault">Decides the exit code.</param>
    /// <param name="inner">The cause, kept for <c>--debug</c>.</param>
    public GradusException(
        string problem, string? where = null, string? found = null, string? remedy = null, Fault fault = Fault.Work, Exception? inner = null)
        : base(Compose(problem, where, found, remedy), inner)
    {
        Problem = problem;
        Where = where;
        Found = found;
        Remedy = remedy;
        Fault = fault;
    }

    /// <summary>What is wrong.</summary>
    public string Problem { get; }

    /// <summary>The file, with line and column where there is one.</summary>
    public string? Where { get; }

    /// <summary>What was found instead.</summary>
    public string? Found { get; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; }

    /// <summary>Whose turn it is to act.</summary>
    public Fault Fault { get; }

    private static string Compose(string problem, string? where, string? found, string? remedy)
    {
        string text = where is null ? problem : $"{where}: {problem}";
        if (found is not null)
            text += $"; found {found}";
        return remedy is null ? text : $"{text}. {remedy}";
    }
}
