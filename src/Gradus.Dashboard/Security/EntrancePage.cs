using System.Text.Encodings.Web;

namespace Gradus.Dashboard.Security;

/// <summary>What a browser without a pass is shown: a page that needs no script and no file, since it would be given none.</summary>
internal static class EntrancePage
{
    private const string Style = """
        :root { color-scheme: light dark; }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: light-dark(#fff, #14171b); color: light-dark(#1b1f24, #e4e7eb); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        main { width: min(380px, 100%); padding: 22px 24px; border: 1px solid light-dark(#dfe3e8, #2d333b); border-radius: 10px; background: light-dark(#f5f6f8, #1b1f25); }
        h1 { display: flex; align-items: center; gap: 9px; margin: 0 0 6px; font-size: 20px; }
        p { margin: 0 0 14px; color: light-dark(#59636e, #9ba5b0); }
        .problem { color: light-dark(#b3261e, #ff8f87); background: light-dark(#fdecea, #3a1d1c); border-radius: 6px; padding: 8px 12px; }
        label { display: block; font-weight: 600; margin-bottom: 4px; }
        form div { display: flex; gap: 8px; }
        input, button { font: inherit; color: inherit; min-height: 34px; border-radius: 6px; border: 1px solid light-dark(#8b949e, #6b7683); }
        input { flex: 1; min-width: 0; padding: 3px 8px; background: light-dark(#fff, #14171b); }
        button { padding: 3px 14px; cursor: pointer; font-weight: 600; background: light-dark(#1f5fbf, #80b3ff); border-color: light-dark(#1f5fbf, #80b3ff); color: light-dark(#fff, #0d1829); }
        :focus-visible { outline: 2px solid light-dark(#1f5fbf, #80b3ff); outline-offset: 1px; }
        """;

    /// <summary>The page.</summary>
    /// <param name="name">The name of the field with the token.</param>
    /// <param name="to">The path and query that were asked for, to which the token goes.</param>
    /// <param name="problem">What was wrong with a token; null before there was one.</param>
    public static string Html(string name, string to, string? problem) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Enter · Gradus</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1><svg viewBox="0 0 20 20" width="22" height="22" aria-hidden="true"><rect width="20" height="20" rx="4" fill="#2563c9"/><path d="M4 15h3v-3h3V9h3V6h3" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>Gradus</h1>
        <p>This dashboard asks for its token once. gradus serve printed it, as a part of its address.</p>
        {(problem is null ? "" : $"""<p class="problem" role="alert">{Encoded(problem)}</p>""")}
        <form method="post" action="{Encoded(to)}">
        <label for="token">Token</label>
        <div><input id="token" type="password" name="{Encoded(name)}" required autofocus autocomplete="current-password"><button>Enter</button></div>
        </form>
        </main>
        </body>
        </html>
        """;

    private static string Encoded(string text) => HtmlEncoder.Default.Encode(text);
}
