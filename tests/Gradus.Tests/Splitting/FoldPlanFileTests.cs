using System.Collections.Immutable;
using CsCheck;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Tests.Splitting;

public sealed class FoldPlanFileTests
{
    [Fact]
    public void Any_ids_survive_the_file()
    {
        string folder = Directory.CreateTempSubdirectory("gradus-test-").FullName;
        Gen<string> awkward = Gen.String[Gen.OneOf(',', '"', '\n', '\r', ' ', '\'', '=', '#', ';', 'ä', '图', 'a'), 1, 6];
        Gen.Select(awkward.HashSet[4, 12], Gen.Int[2, 4]).Sample((ids, folds) =>
        {
            ImmutableArray<ImageRecord> records = [.. ids.Select((id, i) => SplitWorld.Record(id, i % 2))];
            FoldPlan plan = StratifiedGroupKFold.Plan(records, folds, 1, []);
            string path = Path.Combine(folder, $"{Guid.NewGuid()}.csv");
            FoldPlanFile.Write(path, plan);
            Assert.Equal(plan.Fingerprint, FoldPlanFile.Read(path, records, []).Fingerprint);
        }, iter: 50);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_file_has_a_line_an_image_and_the_documented_columns()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("gradus-test-").FullName, "split.csv");
        ImmutableArray<ImageRecord> records = [SplitWorld.Record("a", 0, content: 1), SplitWorld.Record("b,\"c\"", 0, content: 1), SplitWorld.Record("d", 1)];
        FoldPlanFile.Write(path, new FoldPlan(records, SplitWorld.Folds(records, r => r.Id.Value == "d" ? 0 : 1), 2, []));
        Assert.Equal(
            [
                "id,source,hash,grade,group,fold",
                $"a,main,{records[0].Hash},0,main/a,1",
                $"\"b,\"\"c\"\"\",main,{records[1].Hash},0,main/a,1",
                $"d,main,{records[2].Hash},1,main/d,0",
            ],
            File.ReadAllLines(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
