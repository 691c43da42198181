using Gradus.Dashboard.Files;
using Gradus.Runs;

namespace Gradus.Dashboard.Live;

/// <summary>Runs by their names, as they stand in an address.</summary>
/// <param name="options">Name the folders.</param>
internal sealed class RunReader(DashboardOptions options)
{
    private readonly RunsFolder _runs = new(options.Runs);

    /// <summary>The run of a name; null where there is none, or it is a link out of the folders of runs and data, whatever was written in the name's place.</summary>
    public RunFolder? Find(string? name)
    {
        if (string.IsNullOrEmpty(name) || Path.GetFileName(name) != name)
            return null;
        try
        {
            RunFolder run = _runs.Find(name);
            return RealPath.Of(run.Root) is { } real && RealPath.IsWithinAny(real, options.Data.Prepend(options.Runs)) ? run : null;
        }
        catch (GradusException)
        {
            return null;
        }
    }
}
