using System.Text.RegularExpressions;
using Gradus.Imaging;

namespace Gradus.Tests.Docs;

public sealed partial class LedgerTests
{
    private static readonly string Documents = Path.Combine(Root(AppContext.BaseDirectory), "docs");

    private static string[] Rows => [.. File.ReadLines(Path.Combine(Documents, "ledger.md")).Where(line => Row().IsMatch(line))];

    [Fact]
    public void The_ledger_has_a_row_for_each_mistake() =>
        Assert.Equal(Enumerable.Range(1, 31), Rows.Select(row => int.Parse(Row().Match(row).Groups[1].Value)));

    [Fact]
    public void Every_test_that_the_ledger_names_is_in_the_file_that_it_links()
    {
        foreach (Match link in Rows.SelectMany(row => Link().Matches(row)).Where(link => link.Groups[2].Value.Contains("/tests/", StringComparison.Ordinal)))
            Assert.Contains(link.Groups[1].Value, File.ReadAllText(Target(Documents, link)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_said_to_hold_only_with_a_proof_and_not_to_without_saying_so()
    {
        foreach (string row in Rows)
        {
            string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
            (string status, string does, string proof) = (cells[2], cells[4], cells[6]);
            Assert.True(status is "●" or "◐" or "○", row);
            if (status == "●")
                Assert.True(Link().IsMatch(proof) && !does.Contains("not yet", StringComparison.OrdinalIgnoreCase), row);
            Assert.Equal(status == "○", does.StartsWith("Not yet", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_link_of_the_documents_leads_to_a_file()
    {
        foreach (string document in Directory.GetFiles(Documents, "*.md", SearchOption.AllDirectories))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(document)).Where(link => !link.Groups[2].Value.StartsWith("http", StringComparison.Ordinal)))
                Assert.True(File.Exists(Target(Path.GetDirectoryName(document)!, link)), $"{document}: {link.Groups[2].Value}");
        }
    }

    /// <summary>Row 12: the size was changed in one file and not in the other.</summary>
    [Fact]
    public void A_recipe_states_its_size_once()
    {
        foreach (RecipeStep[] steps in (RecipeStep[][])[[new CropRetina()], [new Resize(96), new Resize(224)]])
        {
            GradusException error = Assert.Throws<GradusException>(() => new Recipe([.. steps]));
            Assert.Contains("states its size once", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(96, new Recipe([new CropRetina(), new Resize(96)]).Size);
    }

    private static string Target(string folder, Match link) => Path.GetFullPath(Path.Combine(folder, link.Groups[2].Value));

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Gradus.slnx")) ? folder : Root(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);

    [GeneratedRegex(@"^\| (\d+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\[([^\]\n]+)\]\(([^)\s#]+)\)")]
    private static partial Regex Link();
}
