using System.Text.Json;
using CsCheck;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Tests.Experiments;

public sealed class ExperimentFileTests
{
    [Fact]
    public void Every_value_of_the_file_arrives_in_its_record()
    {
        using var scratch = new ScratchFolder();
        Experiment e = ExperimentFile.Read(scratch.Write("e.yaml", ExperimentText.Valid));
        Assert.Equal(["none", "mild", "severe"], e.Scale.Names);
        CsvSource main = Assert.IsType<CsvSource>(Assert.Single(e.Sources));
        Assert.Equal(("main", "id_code", "diagnosis", ".jpg", SourceRole.Main), (main.Name, main.Id, main.Grade, main.Extension, main.Role));
        Assert.Equal(Path.Combine(scratch.Path, "train.csv"), main.Labels);
        Assert.Equal(Path.Combine(scratch.Path, "train"), main.Images);
        CsvSource test = Assert.IsType<CsvSource>(e.Test);
        Assert.Equal(("test", SourceRole.Test, null), (test.Name, test.Role, test.Grade));
        Assert.Equal(new Recipe([new CropRetina(), new Resize(224), new BenGraham()]), e.Recipe);
        Assert.Equal(new Normalisation([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), e.Normalise);
        Assert.Equal(new SplitSpec(), e.Split);
        Assert.Equal(new Augmentation([new FlipStep(), new RotateStep(180, Fill.Black), new BrightnessStep(0.2)]), e.Augment);
        Assert.Equal([1, 1.5, 1], Assert.IsType<WeightedClasses>(e.Sampling).Weights);
        Assert.Equal("mobilenet_v2", e.Model.Backbone);
        Assert.Equal(new DropoutLayer(0.3), Assert.Single(e.Model.Head));
        Assert.Equal(Path.Combine(scratch.Path, "w.safetensors"), e.Model.Weights);
        Assert.Equal(new OrdinalTarget(), e.Target);
        Assert.Equal((15, 32, 7e-5, 0.1, 42L), (e.Train.Epochs, e.Train.Batch, e.Train.TopLr, e.Train.BaseLrRatio, e.Train.Seed));
        Assert.Equal(new SgdSpec(0.95), e.Train.Optimizer);
        Assert.Equal(new Dictionary<int, double> { [1] = 2, [3] = 5 }, e.Train.BaseLrSteps);
        Assert.Equal(new SelectSpec(), e.Select);
    }

    [Fact]
    public void A_minimal_file_takes_the_defaults_of_the_records()
    {
        Experiment e = ExperimentText.Read("""
            scale: [no, yes]
            sources: [ { name: a, folder: patches } ]
            recipe: [ resize: { size: 96 } ]
            model: { backbone: resnet18 }
            target: binary
            train: { epochs: 1, optimizer: adam, top_lr: 1e-3 }
            """);
        Assert.Equal(["no", "yes"], e.Scale.Names);
        Assert.Equal(new SplitSpec(5, 0), e.Split);
        Assert.Null(e.Test);
        Assert.Null(e.Normalise);
        Assert.Null(e.Model.Weights);
        Assert.Equal(GradusJson.Canonical(new TrainSpec { Epochs = 1, Optimizer = new AdamSpec(), TopLr = 1e-3 }), GradusJson.Canonical(e.Train));
        Assert.Equal(new SelectSpec(SelectBy.Loss, 3), e.Select);
        Assert.Equal(Augmentation.None, e.Augment);
    }

    [Theory]
    [InlineData("target: ordinal", "target: coral", "{\"target\":\"coral\"}")]
    [InlineData("target: ordinal", "target: corn", "{\"target\":\"corn\"}")]
    [InlineData("target: ordinal", "target: { soft_labels: { distance: absolute, sharpness: 2 } }", "{\"distance\":\"absolute\",\"sharpness\":2,\"target\":\"soft_labels\"}")]
    [InlineData("target: ordinal", "target: { ordinal: { all_outputs: true } }", """{"allOutputs":true,"target":"ordinal"}""")]
    [InlineData("target: ordinal", "target: { regression: { loss: smooth_l1 } }", """{"loss":"smooth_l1","target":"regression"}""")]
    [InlineData("target: ordinal", "target: cross_entropy", """{"target":"cross_entropy"}""")]
    [InlineData("schedule: constant", "schedule: { cosine: { warmup_epochs: 1 } }", """{"finalRatio":0,"name":"cosine","warmupEpochs":1}""")]
    [InlineData("schedule: constant", "schedule: { one_cycle: { peak_at: 0.4 } }", """{"name":"one_cycle","peakAt":0.4}""")]
    [InlineData("schedule: constant", "schedule: plateau", """{"factor":0.1,"name":"plateau","patience":3}""")]
    [InlineData("{ sgd: { momentum: 0.95 } }", "{ adamw: { beta1: 0.8, weight_decay: 0.01 } }", """{"beta1":0.8,"beta2":0.999,"name":"adamw","weightDecay":0.01}""")]
    [InlineData("[ dropout: 0.3 ]", "[ batch_norm, linear: 64, relu, dropout: 0.3 ]", """[{"layer":"batch_norm"},{"layer":"linear","outputs":64},{"layer":"relu"},{"layer":"dropout","probability":0.3}]""")]
    [InlineData("ben_graham: { colour: true }", "gray, median: {}, clahe: { tiles: 4 }, circle_mask", "\"step\":\"clahe\",\"tiles\":4")]
    [InlineData("brightness: 0.2", "transpose, scale: { range: [0.9, 1.1], fill: black }", """{"fill":"black","high":1.1,"low":0.9,"step":"scale"}""")]
    public void Every_variant_is_read(string piece, string replacement, string expected)
    {
        Experiment e = ExperimentText.Read(ExperimentText.With(piece, replacement));
        Assert.Contains(expected, GradusJson.Canonical(e), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("constant", SelectBy.Loss)]
    [InlineData("plateau", SelectBy.Loss)]
    [InlineData("{ cosine: { final_ratio: 0.5 } }", SelectBy.Loss)]
    [InlineData("{ cosine: { warmup_epochs: 1 } }", SelectBy.Last)]
    [InlineData("{ one_cycle: {} }", SelectBy.Last)]
    public void Without_a_rule_the_schedule_decides_and_a_rule_that_is_named_stays(string schedule, SelectBy expected)
    {
        string text = ExperimentText.With("schedule: constant", $"schedule: {schedule}");
        const string Named = "select: { by: loss, keep: 3 }";
        Assert.Equal(new SelectSpec(expected), With(""));
        Assert.Equal(new SelectSpec(expected, 2), With("select: { keep: 2 }"));
        Assert.Equal(SelectBy.TunedQwk, With("select: { by: tuned_qwk }").By);
        Assert.Equal(SelectBy.Loss, With(Named).By);

        SelectSpec With(string select) => ExperimentText.Read(text.Replace(Named, select, StringComparison.Ordinal)).Select;
    }

    [Fact]
    public void An_experiment_survives_being_stored_with_its_run()
    {
        Experiment e = ExperimentText.Read(ExperimentText.Valid);
        string json = GradusJson.Canonical(e);
        Assert.Equal(json, GradusJson.Canonical(JsonSerializer.Deserialize<Experiment>(json, GradusJson.Compact)));
    }

    [Theory]
    [InlineData("batch: 32", "bacth: 32", "e.yaml:16:3", "Did you mean 'batch'?")]
    [InlineData("batch: 32", "fold: 1", "e.yaml:16:3", "'fold' belongs to split")]
    [InlineData("epochs: 15", "batch: 31", "e.yaml:16:3", "'batch' stands twice")]
    [InlineData("  epochs: 15\n", "", "e.yaml:15:3", "lacks the key 'epochs'")]
    [InlineData("epochs: 15", "epochs: many", "e.yaml:15:11", "whole number from 1 to 100000; found 'many'")]
    [InlineData("epochs: 15", "epochs: \"15\"", "e.yaml:15:11", "Remove the quotes")]
    [InlineData("epochs: 15", "epochs: 1.5", "e.yaml:15:11", "whole number")]
    [InlineData("epochs: 15", "epochs:", "e.yaml:15:10", "found nothing")]
    [InlineData("epochs: 15", "epochs: 0", "e.yaml:15:11", "found '0'")]
    [InlineData("epochs: 15", "epochs: 9223372036854775808", "e.yaml:15:11", "whole number")]
    [InlineData("top_lr: 7e-5", "top_lr: .inf", "e.yaml:18:11", "a number above 0")]
    [InlineData("top_lr: 7e-5", "top_lr: NaN", "e.yaml:18:11", "a number above 0")]
    [InlineData("top_lr: 7e-5", "top_lr: -1", "e.yaml:18:11", "found '-1'")]
    [InlineData("momentum: 0.95", "beta1: 0.9", "e.yaml:17:23", "'beta1' belongs to train.optimizer.adam")]
    [InlineData("{ sgd: { momentum: 0.95 } }", "{ adam: { momentum: 0.95 } }", "e.yaml:17:24", "'momentum' belongs to train.optimizer.sgd")]
    [InlineData("{ sgd: { momentum: 0.95 } }", "{ sgd: {}, adam: {} }", "e.yaml:17:16", "one word, or one word with its parameters")]
    [InlineData("{ sgd: { momentum: 0.95 } }", "sdg", "e.yaml:17:14", "Did you mean 'sgd'?")]
    [InlineData("{ sgd: { momentum: 0.95 } }", "{ sgd: { momentum: 0, nesterov: true } }", "e.yaml:17:46", "needs a momentum")]
    [InlineData("{ 1: 2, 3: 5 }", "{ 1: 2, 16: 5 }", "e.yaml:19:26", "an epoch of the run, 1 to 15")]
    [InlineData("{ 1: 2, 3: 5 }", "{ 0: 2 }", "e.yaml:19:20", "whole number from 1")]
    [InlineData("schedule: constant", "freeze_backbone_epochs: 15", "e.yaml:19:20", "frozen for the whole run")]
    [InlineData("schedule: constant", "schedule: { cosine: { warmup_epochs: 15 } }", "e.yaml:20:40", "below 15")]
    [InlineData("schedule: constant", "schedule: { constant: { factor: 2 } }", "e.yaml:20:27", "takes no parameters")]
    [InlineData("schedule: constant", "precision: float16", "e.yaml:20:14", "is one of float32, bfloat16, auto")]
    [InlineData("schedule: constant", "batch_norm: forzen", "e.yaml:20:15", "Did you mean 'frozen'?")]
    [InlineData("fold: 0", "fold: 5", "e.yaml:8:26", "from 0 to 4; found '5'")]
    [InlineData("fold: 0", "validation: v.csv", "e.yaml:8:10", "split has a list of validation images, so folds has no meaning")]
    [InlineData("[1, 1.5, 1]", "[1, 1.5]", "e.yaml:10:28", "2 weights for 3 grades")]
    [InlineData("[1, 1.5, 1]", "[0, 0, 0]", "e.yaml:10:28", "only zeros")]
    [InlineData("class_weights: [1, 1.5, 1]", "class_weights: [1, 1, 1], balance: sqrt", "e.yaml:10:39", "sampling is one rule, and balance is a second one")]
    [InlineData("class_weights: [1, 1.5, 1]", "balance: natural, cap: 10", "e.yaml:10:31", "cap is a second one")]
    [InlineData("class_weights: [1, 1.5, 1]", "balance: square", "e.yaml:10:22", "is one of natural, sqrt, balanced")]
    [InlineData("class_weights: [1, 1.5, 1]", "anneal: { from: natural, epochs: 3 }", "e.yaml:10:29", "is one of balanced, sqrt")]
    [InlineData("class_weights: [1, 1.5, 1]", "anneal: { from: sqrt }", "e.yaml:10:23", "lacks the key 'epochs'")]
    [InlineData("class_weights: [1, 1.5, 1]", "anneal: { epochs: 15 }", "e.yaml:10:31", "fewer than train.epochs")]
    [InlineData("class_weights: [1, 1.5, 1]", "cap: 0", "e.yaml:10:18", "whole number from 1")]
    [InlineData("class_weights: [1, 1.5, 1]", "caps: [10, 10]", "e.yaml:10:19", "2 caps for 3 grades")]
    [InlineData("class_weights: [1, 1.5, 1]", "caps: [null, null, ~]", "e.yaml:10:19", "limits no grade")]
    [InlineData("target: ordinal", "target: binary", "e.yaml:12:9", "needs a scale of two grades")]
    [InlineData("target: ordinal", "target: ordnial", "e.yaml:12:9", "Did you mean 'ordinal'?")]
    [InlineData("ordinal\nthresholds: shared", "regression\nthresholds: per_output", "e.yaml:13:13", "only for cumulative targets")]
    [InlineData("images: test, ", "", "e.yaml:4:9", "lacks the key 'images'")]
    [InlineData("labels: test.csv, id: id_code, ", "", "e.yaml:4:9", "lacks the key 'labels'")]
    [InlineData("labels: test.csv, ", "labels: test.csv, npz: a.npz, ", "e.yaml:4:27", "contradicts itself")]
    [InlineData("test: {", "test: { role: main,", "e.yaml:4:9", "'role' belongs to sources.csv")]
    [InlineData("test: {", "test: { name: main,", "e.yaml:4:9", "name of another source")]
    [InlineData("labels: test.csv, id: id_code, images: test,", "labels: train.csv, id: id_code, grade: diagnosis, images: train,", "e.yaml:4:9", "reads the same images as 'main'")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg, role: external }\ntest", "e.yaml:3:3", "no source with role main")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg, role: test }\ntest", "e.yaml:3:107", "Move this source to the key test")]
    [InlineData("extension: .jpg }\ntest", "extension: jpg }\ntest", "e.yaml:3:95", "Write extension: .jpg")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg }\n  - { name: b, npz: a.npz, split: val, role: validation }\ntest", "e.yaml:9:10", "contradicts a source with role validation")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg }\n  - { name: main, npz: a.npz, split: train }\ntest", "e.yaml:4:7", "name of another source")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg }\n  - { name: b, npz: a.npz, split: valid }\ntest", "e.yaml:4:35", "Did you mean 'val'?")]
    [InlineData("extension: .jpg }\ntest", "extension: .jpg }\n  - { name: b }\ntest", "e.yaml:4:7", "names no data")]
    [InlineData("rotate: { degrees: 180, fill: black }", "rotate: { degrees: 180 }", "e.yaml:9:28", "leaves open what stands outside the image")]
    [InlineData("rotate: { degrees: 180, fill: black }", "rotate: { degrees: 181, fill: black }", "e.yaml:9:37", "at most 180")]
    [InlineData("rotate: { degrees: 180, fill: black }", "rotate: 180", "e.yaml:9:26", "no fill")]
    [InlineData("rotate: { degrees: 180, fill: black }", "flip", "e.yaml:9:10", "flip twice")]
    [InlineData("brightness: 0.2", "brightness: 1", "e.yaml:9:69", "above 0 and below 1")]
    [InlineData("brightness: 0.2", "scale: { range: [1.1, 0.9], fill: black }", "e.yaml:9:73", "is [low, high]")]
    [InlineData("brightness: 0.2", "scale: { range: [0.9, 1.1], fill: edge }", "e.yaml:9:10", "share one fill")]
    [InlineData("size: 224", "size: 4", "e.yaml:6:44", "from 8 to 4096")]
    [InlineData("crop_retina: {}", "median: { size: 4 }", "e.yaml:6:11", "size is odd")]
    [InlineData("crop_retina: {}", "ben_graham: {}", "e.yaml:6:9", "geometry, then colour")]
    [InlineData("crop_retina: {}", "cropretina", "e.yaml:6:11", "Did you mean 'crop_retina'?")]
    [InlineData("mean: [0.5, 0.5, 0.5]", "mean: [128, 128, 128]", "e.yaml:7:21", "on the scale 0 to 1")]
    [InlineData("mean: [0.5, 0.5, 0.5]", "mean: [0.5]", "e.yaml:7:14", "three means")]
    [InlineData("scale: [none, mild, severe]", "scale: [none]", "e.yaml:1:8", "at least two grades")]
    [InlineData("scale: [none, mild, severe]", "scale: [none, mild, mild]", "e.yaml:1:8", "each grade is named once")]
    [InlineData("scale: [none, mild, severe]", "scale: none", "e.yaml:1:8", "is a list of grades")]
    [InlineData("weights: w.safetensors", "weights: '${GRADUS_NOT_SET}/w.safetensors'", "e.yaml:11:78", "environment variable GRADUS_NOT_SET, which is not set")]
    [InlineData("weights: w.safetensors", "weights: ${GRADUS_NOT_SET}/w.safetensors", "e.yaml:11:", "Put the path with ${…} in quotes")]
    [InlineData("weights: w.safetensors", "weights_key: ema", "e.yaml:11:", "chooses within a file of weights, and none is named")]
    [InlineData("select: { by: loss", "select: { by: tuned_kappa", "e.yaml:21:15", "loss, qwk, tuned_qwk, auc, accuracy")]
    [InlineData("ordinal\nthresholds: shared\n", "regression\n", "", "")]
    [InlineData("conflicts: quarantine", "conflicts: &a quarantine", "e.yaml:5:12", "anchors are not read")]
    [InlineData("conflicts: quarantine", "conflicts: *a", "e.yaml:5:12", "aliases are not read")]
    [InlineData("conflicts: quarantine", "conflicts: !!str quarantine", "e.yaml:5:12", "tags are not read")]
    [InlineData("conflicts: quarantine", "conflicts: [quarantine", "e.yaml:5:12", "not closed")]
    [InlineData("conflicts: quarantine", "conflicts: [[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]", "e.yaml:5:", "nests at most 16 levels")]
    [InlineData("conflicts: quarantine", "conflicts: {a: b", "e.yaml:", "")]
    [InlineData("conflicts: quarantine", "---\nconflicts: quarantine", "e.yaml:5:1", "a second document")]
    [InlineData("conflicts: quarantine", "conflicts:\n\t- a", "e.yaml:6:1", "a tab")]
    [InlineData("conflicts: quarantine", "? [a]\n: b", "e.yaml:5:3", "a key is a word")]
    [InlineData("conflicts: quarantine", "conflicts: \"\\UFFFFFFFF\"", "e.yaml:5:1", "an escape names no character")]
    [InlineData("conflicts: quarantine", "1: 2", "e.yaml:5:1", "has no key '1'")]
    public void A_mistake_is_refused_at_its_place_with_its_remedy(string piece, string replacement, string place, string says)
    {
        string text = ExperimentText.With(piece, replacement);
        if (place.Length == 0)
        {
            ExperimentText.Read(text);
            return;
        }
        string message = ExperimentText.Refusal(text);
        Assert.StartsWith(place, message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "every image once an epoch")]
    [InlineData("{ balance: natural }", "every image once an epoch")]
    [InlineData("{ balance: balanced }", "all grades alike, with replacement")]
    [InlineData("{ anneal: { epochs: 5 } }", "from balanced shares to natural ones over 5 epochs, with replacement; then every image once")]
    [InlineData("{ cap: 20 }", "at most 20 images of a grade an epoch, in turns")]
    [InlineData("{ caps: [20, null, 5] }", "at most [20, all, 5] images of a grade an epoch, in turns")]
    public void A_sampling_rule_is_read_and_survives_being_stored(string yaml, string inWords)
    {
        Experiment read = ExperimentText.Read(ExperimentText.With("{ class_weights: [1, 1.5, 1] }", yaml));
        Experiment stored = System.Text.Json.JsonSerializer.Deserialize<Experiment>(GradusJson.Canonical(read), GradusJson.Compact)!;
        Assert.Equal(inWords, InWords.Of(read.Sampling));
        Assert.Equal(inWords, InWords.Of(stored.Sampling));
    }

    [Fact]
    public void Selecting_a_regression_on_many_grades_by_auc_is_refused()
    {
        string text = ExperimentText.With("target: ordinal", "target: regression").Replace("by: loss", "by: auc", StringComparison.Ordinal);
        Assert.Contains("e.yaml:21:15: select.by cannot be auc", ExperimentText.Refusal(text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_backbone_outside_the_zoo_is_refused_with_the_nearest_one()
    {
        string message = ExperimentText.Refusal(ExperimentText.Valid, ["mobilenet_v3", "resnet18"]);
        Assert.Contains("Did you mean 'mobilenet_v3'?", message, StringComparison.Ordinal);
        Assert.Equal("mobilenet_v2", ExperimentText.Read(ExperimentText.Valid, ["mobilenet_v2"]).Model.Backbone);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("# only a comment\n", "is empty")]
    [InlineData("- a\n- b\n", "is a block of keys; found a list of 2")]
    [InlineData("hello", "is a block of keys; found 'hello'")]
    [InlineData("{}", "lacks the key 'scale'")]
    public void A_file_that_is_no_experiment_is_refused(string text, string says) => Assert.Contains(says, ExperimentText.Refusal(text), StringComparison.Ordinal);

    [Fact]
    public void Files_that_cannot_be_read_are_refused_in_one_line()
    {
        using var scratch = new ScratchFolder();
        string missing = Path.Combine(scratch.Path, "missing.yaml");
        string large = scratch.Write("large.yaml", new string('#', (1 << 20) + 1));
        string latin = Path.Combine(scratch.Path, "latin.yaml");
        AtomicFile.Write(latin, s => s.Write([0x61, 0xE9, 0x62]));
        foreach ((string path, string says) in new[] { (missing, "does not exist"), (scratch.Path, "is a folder"), (large, "at most 1 MiB"), (latin, "not UTF-8") })
        {
            GradusException error = Assert.Throws<GradusException>(() => ExperimentFile.Read(path));
            Assert.Equal(Fault.Request, error.Fault);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Variables_are_expanded_in_paths_only()
    {
        using var scratch = new ScratchFolder();
        string text = ExperimentText.With("train.csv", "\"${D}/x/../train.csv\"").Replace("name: main", "name: \"${D}\"", StringComparison.Ordinal);
        Experiment e = ExperimentFile.Read(scratch.Write("e.yaml", text), variables: name => name == "D" ? scratch.Path : null);
        CsvSource main = Assert.IsType<CsvSource>(e.Sources[0]);
        Assert.Equal("${D}", main.Name);
        Assert.Equal(Path.Combine(scratch.Path, "train.csv"), main.Labels);
    }

    [Fact]
    public void One_channel_needs_a_grey_recipe()
    {
        string text = ExperimentText.Valid.Replace("pool: avg", "pool: avg, channels: 1", StringComparison.Ordinal);
        Assert.Contains("recipe makes grey", ExperimentText.Refusal(text), StringComparison.Ordinal);
        Assert.Equal(1, ExperimentText.Read(text.Replace("colour: true", "colour: false", StringComparison.Ordinal)).Model.Channels);
    }

    [Fact]
    public void A_variable_that_names_no_folder_is_named_itself()
    {
        using var scratch = new ScratchFolder();
        string file = scratch.Write("e.yaml", ExperimentText.With("train.csv", "\"${D}/train.csv\""));
        string message = Assert.Throws<GradusException>(() => ExperimentFile.Read(file, variables: _ => Path.Combine(scratch.Path, "absent"))).Message;
        Assert.Contains("environment variable D", message, StringComparison.Ordinal);
        Assert.Contains("absent", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_with_role_validation_takes_the_place_of_the_split()
    {
        string text = ExperimentText.With("extension: .jpg }\ntest", "extension: .jpg }\n  - { name: v, folder: v, role: validation }\ntest")
            .Replace("split: { folds: 5, fold: 0 }\n", "", StringComparison.Ordinal);
        Assert.Null(ExperimentText.Read(text).Split);
    }

    [Fact]
    public void Whatever_is_written_is_an_experiment_or_a_refusal_of_one_line()
    {
        using var scratch = new ScratchFolder();
        string[] noise = [":", "-", "{", "}", "[", "]", "\"", "'", "#", "&a", "*a", "!", "\t", "\n", "  ", "|", ">", "?", "null", "${", "1e999", "\u0000", "é", "<<: ", "---"];
        Gen<string> texts = Gen.Select(Gen.Int[0, ExperimentText.Valid.Length], Gen.Int[0, 12], Gen.Int[0, noise.Length - 1], (at, cut, word) =>
            ExperimentText.Valid[..at] + noise[word] + ExperimentText.Valid[Math.Min(ExperimentText.Valid.Length, at + cut)..]);
        texts.Sample(
            text =>
            {
                string path = Path.Combine(scratch.Path, $"{Guid.NewGuid():N}.yaml");
                using (StreamWriter writer = File.CreateText(path))
                    writer.Write(text);
                try
                {
                    ExperimentFile.Read(path, variables: _ => null);
                }
                catch (GradusException e)
                {
                    Assert.Equal(Fault.Request, e.Fault);
                    Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain('\n', e.Message);
                }
                finally
                {
                    File.Delete(path);
                }
            },
            iter: 2000);
    }

    [Theory]
    [InlineData("idrid_mobilenet.yaml")]
    [InlineData("retinamnist_resnet18.yaml")]
    [InlineData("retinamnist_mobilenet.yaml")]
    [InlineData("histology_mobilenet.yaml")]
    public void Every_example_is_a_valid_experiment(string name)
    {
        Experiment e = ExperimentFile.Read(Path.Combine(Repository.Root, "experiments", name), variables: v => v is "GRADUS_DATA" or "GRADUS_WEIGHTS" ? Repository.Root : null);
        Assert.All(e.Sources, s => Assert.StartsWith(Repository.Root, s switch { CsvSource c => c.Labels, NpzSource n => n.Npz, FolderSource f => f.Folder, _ => "" }, StringComparison.Ordinal));
    }

    [Fact]
    public void The_examples_are_all_tested()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "experiments"), "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["histology_mobilenet.yaml", "idrid_mobilenet.yaml", "retinamnist_mobilenet.yaml", "retinamnist_resnet18.yaml"], files);
    }
}
