using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Why a server ended, in what it has logged last. The files are of llama.cpp 0.7.0 (Debian's llama.cpp-tools), run with what their names say.</summary>
public sealed class LastWordsTests
{
    [TestCase("missing", "gguf_init_from_file: failed to open GGUF file '/models/089f4e2d47e94afb/model.gguf' (No such file or directory)", Reasons.ModelMissing)]
    [TestCase("cut", "llama_model_load: error loading model: tensor 'blk.1.attn_output.weight' data is not within the file bounds, model is corrupted or incomplete", null)]
    [TestCase("page", "gguf_init_from_reader: invalid magic characters: '<htm', expected 'GGUF'", null)]
    [TestCase("badarg", "error: invalid argument: --nonsense", null)]
    [TestCase("badvalue", "error while handling argument \"--ctx-size\": stoi", null)]
    [TestCase("q8", "llama_init_from_model: K cache type q8_0 with block size 32 does not divide n_embd_head_k=16", null)]
    [TestCase("oom", "ggml_aligned_malloc: insufficient memory (attempted to allocate 129.14 MB)", null)]
    public void A_log_has_a_line_that_matters(string log, string line, string? reason)
    {
        var text = Golden.Read($"LastWords/{log}.log");

        Assert.That((LastWords.Line(text), LastWords.Reason(text)), Is.EqualTo((line, reason)));
    }

    [TestCase("ggml_cuda_init: failed to initialize CUDA: CUDA driver version is insufficient for CUDA runtime version", Reasons.DriverIncompatible)]
    [TestCase("llama-server: error while loading shared libraries: libcuda.so.1: cannot open shared object file: No such file or directory", Reasons.DriverIncompatible)]
    [TestCase("CUDA error: no kernel image is available for execution on the device", Reasons.DriverIncompatible)]
    [TestCase("nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4, please update your driver to a newer version", Reasons.DriverIncompatible)]
    [TestCase("ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4403.49 MiB on device 0: cudaMalloc failed: out of memory", Reasons.InsufficientGPUMemory)]
    [TestCase("ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory", Reasons.InsufficientGPUMemory)]
    [TestCase("error: invalid argument: --nonsense", null)]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void Some_words_tell_a_reason(string? words, string? reason) => Assert.That(LastWords.Reason(words), Is.EqualTo(reason));

    [TestCase("starting\nall is well\nfailed to open the port\nexiting", "failed to open the port")]
    [TestCase("starting\nbye\n\n", "bye")]
    [TestCase("0.00.012.345 I srv    load_model: loading\n0.00.018.433 E srv    load_model: no\n", "load_model: no")]
    [TestCase("failed for 0123456789abcdef", "failed for ...")]
    [TestCase("\n \n", null)]
    [TestCase(null, null)]
    public void The_first_error_is_the_cause_of_the_others(string? text, string? line) => Assert.That(LastWords.Line(text), Is.EqualTo(line));

    [Test]
    public void A_line_has_an_end() => Assert.That(LastWords.Line(new string('x', 5000))!, Has.Length.EqualTo(300));
}
