using Gradus.Runs;

namespace Gradus.Dashboard.Live;

/// <summary>Runs by their names, as they stand in an address.</summary>
/// <param name="options">Names the folder of runs.</param>
internal sealed class RunReader(DashboardOptions options)
{
    /// <summary>The folder of runs.</summary>
    public RunsFolder Runs { get; } = new(options.Runs);

    /// <summary>The run of a name; null where there is none, whatever was written in the name's place.</summary>
    public RunFolder? Find(string? name)
    {
        if (string.IsNullOrEmpty(name) || Path.GetFileName(name) != name)
            return null;
        try
        {
            return Runs.Find(name);
        }
        catch (GradusException)
        {
            return null;
        }
    }
}
