using System.ComponentModel;
using System.Diagnostics;
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
            problems.Add($"notify: the webhook {refused}");
        if (!spec.Command.IsEmpty && Start(spec, notice) is { } failed)
            problems.Add($"notify: the command '{spec.Command[0]}' {failed}");
        return problems;
    }

    /// <summary>What would keep the webhook from being told, known before the run begins; null where nothing would.</summary>
    public static string? Foresee(NotifySpec spec, Func<string, string?> variables)
    {
        string? problem = null;
        if (spec.Webhook is { } webhook)
            Address(webhook, variables, out problem);
        return problem is null ? null : $"notify: the webhook {problem}";
    }

    // The address itself may be a secret: no message repeats it.
    private static Uri? Address(string webhook, Func<string, string?> variables, out string? problem)
    {
        string? missing = null;
        string address = Variable().Replace(webhook, m => variables(m.Groups[1].Value) is { Length: > 0 } set ? set : (missing = m.Value));
        bool usable = Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https");
        problem = missing is not null ? $"cannot be told: the environment variable {missing} is not set" : usable ? null : "cannot be told: its address is no http or https address";
        return uri;
    }

    private static string? Post(string webhook, RunNotice notice, TimeSpan patience, Func<string, string?> variables)
    {
        Uri? uri = Address(webhook, variables, out string? problem);
        if (problem is not null)
            return problem;
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = patience };
            // Of a known length: some receivers refuse a body in chunks.
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(notice, GradusJson.Compact)) { Headers = { ContentType = new("application/json", "utf-8") } };
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            return response.IsSuccessStatusCode ? null : $"answered {(int)response.StatusCode}";
        }
        catch (TaskCanceledException)
        {
            return $"did not answer within {patience.TotalSeconds:0.##} seconds";
        }
        catch (HttpRequestException e)
        {
            return $"cannot be reached ({e.HttpRequestError})";
        }
    }

    private static string? Start(NotifySpec spec, RunNotice notice)
    {
        var start = new ProcessStartInfo(spec.Command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in spec.Command.Skip(1))
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start) ?? throw new Win32Exception("The program did not start");
            // What it prints is nobody's answer; a full pipe would stop it.
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            Task<string> complaints = process.StandardError.ReadToEndAsync();
            Feed(process, JsonSerializer.Serialize(notice, GradusJson.Compact));
            if (!process.WaitForExit(TimeSpan.FromSeconds(spec.Seconds)))
            {
                process.Kill(entireProcessTree: true);
                return FormattableString.Invariant($"took longer than {spec.Seconds:0.##} seconds and was ended");
            }
            if (process.ExitCode == 0)
                return null;
            // A child that it left behind may hold the pipe open.
            string complaint = complaints.Wait(Flushing) ? complaints.Result.Split('\n', 2)[0].Trim() : "";
            return $"ended with {process.ExitCode}{(complaint.Length == 0 ? "" : $" ({complaint})")}";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return $"could not be started: {e.Message.TrimEnd('.')}";
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
