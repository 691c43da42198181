using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Tests.Checkpoints;

/// <summary>Checkpoints as training scripts leave them: several networks, settings, callbacks, scores.</summary>
public sealed class PthCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("weights.ckpt")]
    [InlineData("model_best.pth.tar")]
    [InlineData("weights.safetensors")]
    [InlineData("weights")]
    public void The_content_decides_and_not_the_ending(string name)
    {
        byte[] pickle = new PickleWriter().Dict(("a", w => Matrix(w))).Done();
        foreach (
            byte[] bytes in (byte[][])
                [
                    PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(4))]),
                    PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(4), 4)]),
                ]
        )
        {
            using WeightsFile file = WeightsFile.Open(_folder.Write(name, bytes));
            Assert.Equal(["a"], file.Names);
        }
        string renamed = _folder.File(name);
        using (TorchSharp.torch.NewDisposeScope())
            SafetensorsFile.Write(renamed, [("b", TorchSharp.torch.ones(2))], new Dictionary<string, string>());
        using WeightsFile safe = WeightsFile.Open(renamed);
        Assert.Equal("safetensors", safe.Format);
    }

    [Fact]
    public void Objects_outside_the_state_dict_are_passed_over_by_name_and_not_run()
    {
        byte[] pickle = new PickleWriter()
            .Dict(
                ("args", w => w.Global("argparse", "Namespace").Op(')').Raw(0x81).Dict(("lr", v => v.Int(1))).Op('b')),
                ("best", w =>
                    w.Global("numpy.core.multiarray", "scalar")
                        .Op('(')
                        .Global("numpy", "dtype")
                        .Text("f8")
                        .Raw(0x85)
                        .Op('R')
                        .Global("_codecs", "encode")
                        .Text("x")
                        .Raw(0x85)
                        .Op('R')
                        .Op('t')
                        .Op('R')
                ),
                ("hyper_parameters", w =>
                    w.Global("pytorch_lightning.utilities.parsing", "AttributeDict")
                        .Op(')')
                        .Raw(0x81)
                        .Op('(')
                        .Text("a")
                        .Int(1)
                        .Op('u')
                ),
                ("callbacks", w =>
                    w.Dict(("checkpoint", v => v.Global("pathlib", "PosixPath").Text("x").Raw(0x85).Op('R')))
                ),
                ("history", w =>
                    w.Global("collections", "defaultdict")
                        .Global("builtins", "list")
                        .Raw(0x85)
                        .Op('R')
                        .Text("k")
                        .Op(']')
                        .Op('s')
                ),
                ("seen", w => w.Raw(0x8f).Op('(').Int(1).Int(2).Raw(0x90)),
                ("frozen", w => w.Op('(').Int(1).Raw(0x91)),
                ("device", w => w.Global("torch", "device").Text("cuda").Raw(0x85).Op('R')),
                ("list", w => w.Global("my.code", "Items").Op(')').Op('}').Raw(0x92).Int(1).Op('a')),
                ("state_dict", w => w.Dict(("fc.weight", v => Matrix(v))))
            )
            .Done();
        foreach (
            byte[] bytes in (byte[][])
                [
                    PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(4))]),
                    PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(4), 4)]),
                ]
        )
        {
            using WeightsFile file = WeightsFile.Open(_folder.Write("last.ckpt", bytes));
            Assert.Equal(["fc.weight"], file.Names);
            Assert.Equal("state_dict", file.Key);
            Assert.Equal(
                [
                    "argparse.Namespace",
                    "numpy.core.multiarray.scalar",
                    "numpy.dtype",
                    "_codecs.encode",
                    "pytorch_lightning.utilities.parsing.AttributeDict",
                    "pathlib.PosixPath",
                    "collections.defaultdict",
                    "builtins.list",
                    "torch.device",
                    "my.code.Items",
                ],
                file.PassedOver
            );
        }
    }

    [Fact]
    public void A_program_outside_the_state_dict_is_refused_all_the_same()
    {
        string marker = _folder.File("started");
        byte[] pickle = new PickleWriter()
            .Dict(
                ("args", w => w.Global("os", "system").Text($"touch {marker}").Raw(0x85).Op('R')),
                ("state_dict", w => w.Dict(("a", v => Matrix(v))))
            )
            .Done();
        Assert.Contains("asks for os.system", Refusal(pickle), StringComparison.Ordinal);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void An_object_in_the_place_of_a_tensor_is_refused()
    {
        byte[] pickle = new PickleWriter()
            .Dict(
                ("state_dict", w =>
                    w.Dict(("a", v => Matrix(v)), ("b.weight", v => v.Global("my", "Tensor").Op(')').Raw(0x81)))
                )
            )
            .Done();
        Assert.Contains("has an object of my.Tensor among its tensors", Refusal(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_network_is_refused_with_its_class()
    {
        byte[] pickle = new PickleWriter()
            .Dict(
                ("epoch", w => w.Int(3)),
                ("model", w =>
                    w.Global("torchvision.models.resnet", "ResNet")
                        .Op(')')
                        .Raw(0x81)
                        .Dict(("a", v => Matrix(v)))
                        .Op('b')
                )
            )
            .Done();
        Assert.Contains(
            "'model' (an object of torchvision.models.resnet.ResNet)",
            Refusal(pickle),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_several_state_dicts_the_plain_one_is_taken_and_the_others_are_named()
    {
        byte[] pickle = Several("state_dict_ema", "state_dict");
        string path = _folder.Write(
            "ema.pth",
            PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(4)), ("1", PickleWriter.Floats(4, 10))])
        );
        using WeightsFile plain = WeightsFile.Open(path),
            average = WeightsFile.Open(path, "state_dict_ema");
        Assert.Equal(("state_dict", "state_dict_ema"), (plain.Key, Assert.Single(plain.OtherKeys)));
        Assert.Equal(("state_dict_ema", "state_dict"), (average.Key, Assert.Single(average.OtherKeys)));
        using TorchSharp.torch.Tensor a = plain.Load("a"),
            b = average.Load("a");
        Assert.Equal((10f, 0f), (a[0, 0].item<float>(), b[0, 0].item<float>()));
        GradusException wrong = Assert.Throws<GradusException>(() => WeightsFile.Open(path, "state_dict_emma"));
        Assert.Contains(
            "has no state dict under 'state_dict_emma'; found 'state_dict_ema', 'state_dict'",
            wrong.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Several_state_dicts_none_of_which_is_plainly_the_network_must_be_chosen_from()
    {
        byte[] pickle = Several("student", "teacher");
        string message = Refusal(pickle, ("1", PickleWriter.Floats(4, 10)));
        Assert.Contains("holds several state dicts", message, StringComparison.Ordinal);
        Assert.Contains("'student', 'teacher'", message, StringComparison.Ordinal);
        Assert.Contains("weights_key: student", message, StringComparison.Ordinal);
        using WeightsFile file = WeightsFile.Open(_folder.File("refused.pth"), "teacher");
        Assert.Equal("teacher", file.Key);
    }

    [Fact]
    public void A_state_dict_one_level_down_is_found_and_scores_are_no_networks()
    {
        byte[] pickle = new PickleWriter()
            .Dict(
                ("scores", w => w.Dict(("loss", v => v.Tensor("1", "Float", 4, 0, [4], [1])))),
                ("ema", w => w.Dict(("decay", v => v.Int(1)), ("module", v => v.Dict(("a", x => Matrix(x))))))
            )
            .Done();
        using WeightsFile file = WeightsFile.Open(
            _folder.Write(
                "deep.pth",
                PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(4)), ("1", PickleWriter.Floats(4))])
            )
        );
        Assert.Equal(("ema.module", 0), (file.Key, file.OtherKeys.Length));
    }

    [Fact]
    public void A_safetensors_file_has_no_keys_to_choose_from()
    {
        string path = _folder.File("w.safetensors");
        using (TorchSharp.torch.NewDisposeScope())
            SafetensorsFile.Write(path, [("b", TorchSharp.torch.ones(2))], new Dictionary<string, string>());
        Assert.Contains(
            "which holds one alone",
            Assert.Throws<GradusException>(() => WeightsFile.Open(path, "ema")).Message,
            StringComparison.Ordinal
        );
    }

    private static byte[] Several(string first, string second) =>
        new PickleWriter()
            .Dict(
                (first, w => w.Dict(("a", v => Matrix(v)))),
                (second, w => w.Dict(("a", v => v.Tensor("1", "Float", 4, 0, [2, 2], [2, 1]))))
            )
            .Done();

    private static PickleWriter Matrix(PickleWriter writer) => writer.Tensor("0", "Float", 4, 0, [2, 2], [2, 1]);

    private string Refusal(byte[] pickle, params (string, byte[])[] more)
    {
        string path = _folder.Write("refused.pth", PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(4)), .. more]));
        GradusException e = Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        Assert.Equal(Fault.Request, e.Fault);
        return e.Message;
    }
}
