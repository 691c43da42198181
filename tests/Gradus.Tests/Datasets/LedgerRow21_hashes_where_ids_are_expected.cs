using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Tests.Datasets;

public sealed class LedgerRow21_hashes_where_ids_are_expected : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_id_is_not_accepted_as_a_hash() => Assert.Throws<GradusException>(() => new ContentHash("IDRiD_001"));

    [Fact]
    public void A_file_of_hashes_in_the_place_of_ids_is_called_by_its_name()
    {
        AuditFinding finding = Assert.Single(DatasetReader.Read(_world.Csv($"id,grade\n{ContentHash.Of([1])},1\n"), ImageWorld.Scale).Findings);
        Assert.Equal(FindingKind.HashAsId, finding.Kind);
        Assert.Contains("give ids where ids are expected", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_with_the_columns_of_hash_and_id_exchanged_is_refused_with_its_line()
    {
        string path = _world.Text("split.csv", $"hash,source,id,grade,group,fold\na,main,{ContentHash.Of([1])},0,g,0\n");
        GradusException error = Assert.Throws<GradusException>(() => FoldPlanFile.Read(path, [], []));
        Assert.StartsWith($"{path}:2: a content hash is 64 hexadecimal digits; found 'a'", error.Message, StringComparison.Ordinal);
    }
}
