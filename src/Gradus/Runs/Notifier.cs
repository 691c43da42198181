using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>Tells others of a run that ended. It never throws for what they do, and never waits longer than it may.</summary>
public static partial class Notifier
{
    private static readonly TimeSpan Flushing = TimeSpan.FromSeconds(1);

    /// <summary>Tells the webhook, then the command.</summary>
    /// <param name="spec">Whom.</param>
    /// <param name="notice">What.</param>
    /// <param name="variables">The environment, for <c>${NAME}</c> in the address.</param>
    /// <returns>What went wrong, a sentence without a full stop each; empty where nothing did.</returns>
    public static IReadOnlyList<string> Tell(NotifySpec spec, RunNotice notice, Func<string, string?> variables)
    {
        var problems = new List<string>();
        if (spec.Webhook is { } webhook && Post(webhook, notice, TimeSpan.FromSeconds(spec.Seconds), variables) is { } refused)
            problems.Add($"the webhook was not told: {refused}");
        if (!spec.Command.IsEmpty && Start(spec, notice) is { } failed)
            problems.Add($"the command '{spec.Command[0]}' was not told: {failed}");
        return problems;
    }

    private static string? Post(string webhook, RunNotice notice, TimeSpan patience, Func<string, string?> variables)
    {
        string? missing = null;
        string address = Variable().Replace(webhook, m => variables(m.Groups[1].Value) is { Length: > 0 } set ? set : (missing = m.Value));
        if (missing is not null)
            return $"the environment variable {missing} is not set";
        // The address itself may be a secret: no message repeats it.
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            return "its address is no http or https address";
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = patience };
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = JsonContent.Create(notice, options: GradusJson.Compact) };
            using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
        }
        catch (TaskCanceledException)
        {
            return $"it did not answer within {patience.TotalSeconds:0.##} seconds";
        }
        catch (HttpRequestException e)
        {
            return $"it cannot be reached ({e.HttpRequestError})";
        }
    }

    private static string? Start(NotifySpec spec, RunNotice notice)
    {
        var start = new ProcessStartInfo(spec.Command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in spec.Command.Skip(1))
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start) ?? throw new Win32Exception("it did not start");
            // What it prints is nobody's answer; a full pipe would stop it.
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            Task<string> complaints = process.StandardError.ReadToEndAsync();
            Feed(process, JsonSerializer.Serialize(notice, GradusJson.Compact));
            if (!process.WaitForExit(TimeSpan.FromSeconds(spec.Seconds)))
            {
                process.Kill(entireProcessTree: true);
                return FormattableString.Invariant($"it took longer than {spec.Seconds:0.##} seconds and was ended");
            }
            if (process.ExitCode == 0)
                return null;
            // A child that it left behind may hold the pipe open.
            string complaint = complaints.Wait(Flushing) ? complaints.Result.Split('\n', 2)[0].Trim() : "";
            return $"it ended with {process.ExitCode}{(complaint.Length == 0 ? "" : $" ({complaint})")}";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    // A program that reads nothing may have closed its end already.
    private static void Feed(Process process, string json)
    {
        try
        {
            process.StandardInput.WriteLine(json);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]+)\}")]
    private static partial Regex Variable();
}
