using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Where the layers of a model went, by the log of its server.</summary>
public sealed class ServerLogTests
{
    private const string Llvmpipe = "(llvmpipe (LLVM 22.1.8, 256 bits))";

    private static readonly Dictionary<string, LoadReport> Recorded = new()
    {
        ["vulkan"] = new LoadReport.Offload($"Vulkan0 {Llvmpipe}", 3, 3),
        ["vulkan-jsonl"] = new LoadReport.Offload($"Vulkan0 {Llvmpipe}", 3, 3),
        ["vulkan-two"] = new LoadReport.Offload($"Vulkan0 {Llvmpipe}, Vulkan1 {Llvmpipe}", 3, 3),
        ["vulkan-partly"] = new LoadReport.Offload($"Vulkan0 {Llvmpipe}", 1, 3),
        ["vulkan-no-layers"] = new LoadReport.Offload($"Vulkan0 {Llvmpipe}", 0, 3),
        ["vulkan-device-none"] = new LoadReport.Offload(null, 0, 3),
        ["vulkan-no-driver"] = new LoadReport.Offload(null, 0, null),
        ["vulkan-verbosity-3"] = new LoadReport.Unsaid(),
        ["cpu"] = new LoadReport.Offload(null, 0, null),
        ["cpu-verbosity-3"] = new LoadReport.Offload(null, 0, null),
    };

    // Lines of earlier builds, from logs that users have published.
    private static readonly Dictionary<string, (string Log, LoadReport Report)> Written = new()
    {
        ["a build of 2024"] = (
            """
            llm_load_tensors: ggml ctx size =    0.27 MiB
            llm_load_tensors: offloading 32 repeating layers to GPU
            llm_load_tensors: offloading non-repeating layers to GPU
            llm_load_tensors: offloaded 33/33 layers to GPU
            llm_load_tensors:        CPU buffer size =    70.31 MiB
            llm_load_tensors:      CUDA0 buffer size =  3847.55 MiB
            """,
            new LoadReport.Offload(null, 33, 33)),
        ["a build of 2025"] = (
            """
            main: loading model
            llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3090) - 23886 MiB free
            load_tensors: offloaded 29/29 layers to GPU
            load_tensors:   CPU_Mapped model buffer size =   292.36 MiB
            load_tensors:        CUDA0 model buffer size =  4168.09 MiB
            """,
            new LoadReport.Offload("CUDA0 (NVIDIA GeForce RTX 3090)", 29, 29)),
        ["a device with its address"] = (
            """
            llama_model_load_from_file_impl: using device ROCm0 (AMD Radeon RX 7900 XTX) (0000:03:00.0) - 24548 MiB free
            load_tensors: offloaded 20/33 layers to GPU
            """,
            new LoadReport.Offload("ROCm0 (AMD Radeon RX 7900 XTX)", 20, 33)),
        ["a build without GPUs of 2024"] = (
            "warning: not compiled with GPU offload support, --n-gpu-layers option will be ignored\nwarning: see main README.md for information on enabling GPU BLAS support\n",
            new LoadReport.Offload(null, 0, null)),
        ["two models: the first counts"] = (
            """
            load_tensors: offloaded 33/33 layers to GPU
            load_tensors:        CUDA0 model buffer size =  4168.09 MiB
            load_tensors: offloaded 0/3 layers to GPU
            """,
            new LoadReport.Offload(null, 33, 33)),
        ["layers that wait in the page-locked memory of the host"] = (
            """
            load_tensors: offloaded 33/33 layers to GPU
            load_tensors:   CPU_Mapped model buffer size =    70.31 MiB
            load_tensors:    CUDA_Host model buffer size =  3847.55 MiB
            """,
            new LoadReport.Offload(null, 0, 33)),
        ["a model's header that says so itself"] = (
            "0.00.034.142 I llama_model_loader: - kv   2: general.name str = x load_tensors: offloaded 99/99 layers to GPU\n", new LoadReport.Rotated()),
        ["a chat template that says so after the server has"] = ("load_tensors: offloaded 0/9 layers to GPU\nload_tensors: offloaded 9/9 layers to GPU\n", new LoadReport.Offload(null, 0, 9)),
        ["more layers than there are"] = ("load_tensors: offloaded 999999/9 layers to GPU\n", new LoadReport.Offload(null, 9, 9)),
        ["numbers that are none"] = ("load_tensors: offloaded 99999999999999999999/99999999999999999999 layers to GPU\n", new LoadReport.Rotated()),
        ["a line that is cut"] = ("0.00.058.449 I load_tensors: offloaded 3/3 lay", new LoadReport.Rotated()),
        ["JSON that is cut"] = ("{\"type\":\"log\",\"time\":1,\"level\":\"info\",\"msg\":\"load_tensors: offloaded 3/3 layers to GPU", new LoadReport.Rotated()),
        ["JSON of other types"] = ("{\"type\":\"log\",\"msg\":{\"load_tensors\":3}}\n", new LoadReport.Rotated()),
        ["nothing"] = ("", new LoadReport.Rotated()),
        ["requests alone"] = ("srv  update_slots: all slots are idle\n", new LoadReport.Rotated()),
    };

    public static IEnumerable<string> RecordedNames => Recorded.Keys;

    public static IEnumerable<string> WrittenNames => Written.Keys;

    [TestCaseSource(nameof(RecordedNames))]
    public void A_recorded_log_says(string name) => Assert.That(ServerLog.Read(ServerLogs.Recorded(name)), Is.EqualTo(Recorded[name]));

    [Test]
    public void No_recording_is_left_out() => Assert.That(ServerLogs.Names, Is.EquivalentTo(Recorded.Keys));

    [TestCaseSource(nameof(WrittenNames))]
    public void A_log_says(string story) => Assert.That(ServerLog.Read(Written[story].Log), Is.EqualTo(Written[story].Report));

    [TestCaseSource(nameof(RecordedNames))]
    public void A_log_whose_begin_is_gone_claims_nothing(string name)
    {
        var log = ServerLogs.Recorded(name);

        var rest = log[log.IndexOf("model loaded", StringComparison.Ordinal)..];

        Assert.That(ServerLog.Read(rest), Is.EqualTo(new LoadReport.Rotated()));
    }

    [Test]
    public void A_log_that_is_cut_anywhere_says_the_same_or_nothing()
    {
        var log = ServerLogs.Recorded("vulkan-partly");

        var said = Enumerable.Range(0, log.Length).Select(end => ServerLog.Read(log[..end])).OfType<LoadReport.Offload>().Distinct().ToList();

        Assert.That(said, Is.EqualTo([Recorded["vulkan-partly"]]));
    }

    [Test]
    public void What_others_write_costs_no_time_and_gets_no_room()
    {
        var devices = string.Concat(Enumerable.Range(0, 100).Select(i => $"llama_x: using device CUDA{i} ({new string('(', 180)}) - 1 MiB free\n"));
        var hostile = devices + new string('0', 1 << 16) + "\n" + $"llama_{new string('a', 1900)}: using device {new string(' ', 100)}\nload_tensors: offloaded 3/3 layers to GPU\n";

        Assert.That(((LoadReport.Offload)ServerLog.Read(hostile)).Device, Has.Length.EqualTo(512));
    }
}
