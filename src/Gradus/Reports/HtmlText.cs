using System.Net;
using System.Text;

namespace Gradus.Reports;

/// <summary>
/// HTML under construction. Whatever a person wrote goes through <see cref="Text"/>, which escapes it; <see cref="Raw"/> takes only
/// markup from this code.
/// </summary>
internal sealed class HtmlText
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #22272e; --muted: #5f6b7a; --line: #dfe4ea; --page: #fff; --card: #f5f7f9; --mark: #e3f0f9; --good: #0b6e4f; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --muted: #9aa7b5; --line: #333c47; --page: #14181d; --card: #1d232a; --mark: #1b3345; --good: #6fd0a8; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1240px; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
        h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem; }
        p { margin: .4rem 0; color: var(--muted); }
        .badge { border: 1px solid currentColor; border-radius: 1rem; padding: .1rem .6rem; font-size: .85rem; }
        .finished { color: var(--good); } .failed, .failure { color: var(--bad); }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .75rem; margin-top: 1.5rem; }
        .figures div { background: var(--card); border-radius: .6rem; padding: .8rem 1rem; }
        .figures b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        .figures span { color: var(--muted); font-size: .85rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .35rem .75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th { color: var(--muted); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
        @media (max-width: 600px) { th:first-child, td:first-child { white-space: normal; min-width: 8.5rem; } img { min-width: 720px; } }
        tr.chosen td { background: var(--mark); font-weight: 600; }
        .wide + p { margin-top: 1rem; }
        figure { margin: 0 0 1.25rem; }
        img { width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: .6rem; }
        figcaption { color: var(--muted); font-size: .9rem; }
        li { overflow-wrap: anywhere; margin-bottom: .35rem; }
        p.legend { font-size: .85rem; max-width: 62rem; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 0 1.5rem; margin-top: 1.25rem; }
        .chart figcaption { color: var(--ink); margin-bottom: .5rem; } .chart svg { display: block; overflow: visible; } .chart { margin: 1.25rem .75rem 1rem 3rem; } .chart svg + .key { margin-left: -2.25rem; }
        .key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .85rem; color: var(--muted); } .key i { display: inline-block; width: .8em; height: .8em; border-radius: .15em; margin-right: .4em; }
        .figures small { display: block; color: var(--muted); font-size: .8rem; border-top: 1px solid var(--line); margin-top: .4rem; padding-top: .3rem; }
        .groups { display: flex; flex-wrap: wrap; gap: .75rem; margin-bottom: 1rem; }
        .group { display: flex; flex-wrap: wrap; gap: .6rem; background: var(--card); border-radius: .6rem; padding: .6rem; max-width: 100%; }
        .group figure { margin: 0; width: 178px; } .group img { min-width: 0; } .group figcaption { font-size: .8rem; line-height: 1.35; overflow-wrap: anywhere; }
        .group p { flex-basis: 100%; width: 0; margin: 0; font-size: .8rem; }
        @media (max-width: 600px) { .group figure { width: calc(50% - .3rem); } .group figure:only-child { width: calc(50vw - 2.9rem); } }
        .figures + p { margin-top: 1rem; }
        summary { cursor: pointer; font-weight: 600; margin-top: .8rem; }
        pre { background: var(--card); border-radius: .6rem; padding: 1rem; overflow-x: auto; font-size: .85rem; }
        """;

    private readonly StringBuilder _text = new();

    /// <summary>Adds markup as it is.</summary>
    public HtmlText Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Adds text, escaped.</summary>
    public HtmlText Text(string text) => Raw(WebUtility.HtmlEncode(text));

    /// <summary>Adds an element with text, escaped.</summary>
    public HtmlText Element(string tag, string text, string? style = null) =>
        Raw(style is null ? $"<{tag}>" : $"<{tag} class=\"{style}\">").Text(text).Raw($"</{tag}>\n");

    /// <summary>Adds a table that scrolls by itself where the screen is narrow.</summary>
    /// <param name="head">Titles of the columns.</param>
    /// <param name="rows">A text a column.</param>
    /// <param name="chosen">The row to mark; -1 for none.</param>
    public HtmlText Table(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows, int chosen = -1)
    {
        Raw("<div class=\"wide\"><table><thead><tr>");
        foreach (string title in head)
            Raw("<th scope=\"col\">").Text(title).Raw("</th>");
        Raw("</tr></thead><tbody>\n");
        for (int i = 0; i < rows.Count; i++)
        {
            Raw(i == chosen ? "<tr class=\"chosen\">" : "<tr>");
            foreach (string cell in rows[i])
                Raw("<td>").Text(cell).Raw("</td>");
            Raw("</tr>\n");
        }
        return Raw("</tbody></table></div>\n");
    }

    /// <summary>The whole page.</summary>
    public string Document(string title) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        {_text}</body>
        </html>

        """;
}
