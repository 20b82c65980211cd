using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>What a header tells of the KV cache.</summary>
[TestFixture]
internal sealed class GgufCacheTests
{
    private static readonly Dictionary<string, (Func<GgufBuilder> Header, (long Keys, long Values, long WindowKeys, long WindowValues) Want)> Known = new()
    {
        ["KV heads of a head's width"] = (() => Header("llama").UInt32("llama.attention.head_count_kv", 8), (32_768, 32_768, 0, 0)),
        ["as many KV heads as others, where nothing is said"] = (() => Header("llama"), (131_072, 131_072, 0, 0)),
        ["lengths of their own"] = (
            () => Header("qwen3", layers: 10).UInt32("qwen3.attention.head_count_kv", 2).UInt32("qwen3.attention.key_length", 192).UInt32("qwen3.attention.value_length", 128),
            (3_840, 2_560, 0, 0)),
        ["layers that differ"] = (() => Header("deci", layers: 4).Ints("deci.attention.head_count_kv", 8, 0, 4, 1), (13 * 128, 13 * 128, 0, 0)),
        ["heads that differ, and no KV heads"] = (() => Start("openelm", 2).Ints("openelm.attention.head_count", 8, 16), (24 * 512, 24 * 512, 0, 0)),
        ["a list that is longer than the model"] = (() => Header("llama", layers: 2).Ints("llama.attention.head_count_kv", 1, 1, 1), (256, 256, 0, 0)),
        ["a window in five layers of six"] = (() => Window("gemma3", 34), (34 * 1024, 34 * 1024, 29 * 1024, 29 * 1024)),
        ["a window in every second layer"] = (() => Window("gpt-oss", 24), (24 * 1024, 24 * 1024, 12 * 1024, 12 * 1024)),
        ["a window in all but the first of four"] = (() => Window("cohere2moe", 5), (5 * 1024, 5 * 1024, 3 * 1024, 3 * 1024)),
        ["a period of the file's own"] = (() => Window("gemma3", 6).UInt32("gemma3.attention.sliding_window_pattern", 3), (6 * 1024, 6 * 1024, 4 * 1024, 4 * 1024)),
        ["windows layer by layer"] = (() => Window("mimo2", 4).Bools("mimo2.attention.sliding_window_pattern", false, true, true, false), (4 * 1024, 4 * 1024, 2 * 1024, 2 * 1024)),
        ["windows layer by layer, as numbers"] = (() => Window("mimo2", 3).Ints("mimo2.attention.sliding_window_pattern", 1, 0, 1), (3 * 1024, 3 * 1024, 2 * 1024, 2 * 1024)),
        ["a window in every layer"] = (() => Window("gemma2", 4).UInt32("gemma2.attention.sliding_window_pattern", 0), (4 * 1024, 4 * 1024, 4 * 1024, 4 * 1024)),
        ["a window that llama.cpp does not use"] = (() => Window("phi3", 4), (4 * 1024, 4 * 1024, 0, 0)),
        ["a window of nothing"] = (() => Start("olmo2", 4).UInt32("olmo2.attention.head_count", 4).UInt32("olmo2.attention.sliding_window", 0), (4 * 4096, 4 * 4096, 0, 0)),
        ["no layers for drafts"] = (() => Header("glm4moe", layers: 1).UInt32("glm4moe.nextn_predict_layers", 0), (4096, 4096, 0, 0)),
        ["states of another model in the file"] = (() => Header("llama", layers: 1).UInt32("clip.ssm.state_size", 16).Bool("clip.attention.causal", false), (4096, 4096, 0, 0)),
        ["tokens that look back"] = (() => Header("llama", layers: 1).Bool("llama.attention.causal", true), (4096, 4096, 0, 0)),
    };

    private static readonly Dictionary<string, (Func<GgufBuilder> Header, string? Because)> Unknown = new()
    {
        ["recurrent states"] = (() => Header("mamba").UInt32("mamba.ssm.state_size", 16), "mamba.ssm.state_size"),
        ["states beside a cache"] = (() => Header("jamba").UInt32("jamba.ssm.conv_kernel", 4).UInt32("jamba.attention.head_count_kv", 8), "jamba.ssm.conv_kernel"),
        ["compressed keys"] = (() => Header("deepseek2").UInt32("deepseek2.attention.kv_lora_rank", 512), "deepseek2.attention.kv_lora_rank"),
        ["layers that share"] = (() => Header("gemma4").UInt32("gemma4.attention.shared_kv_layers", 20), "gemma4.attention.shared_kv_layers"),
        ["layers for drafts"] = (() => Header("glm4moe").UInt32("glm4moe.nextn_predict_layers", 1), "glm4moe.nextn_predict_layers"),
        ["a list of what is recurrent"] = (() => Header("new").Bools("new.attention.recurrent_layers", true, false), "new.attention.recurrent_layers"),
        ["all tokens at once"] = (() => Header("new").Bool("new.attention.causal", false), "new.attention.causal"),
        ["an encoder"] = (() => Header("bert"), "bert"),
        ["no architecture"] = (() => new GgufBuilder().UInt32("llama.block_count", 32), null),
        ["no layers"] = (() => Start("llama", 0).UInt32("llama.attention.head_count", 32), null),
        ["more layers than llama.cpp takes"] = (() => Header("llama", layers: 513), null),
        ["no heads"] = (() => Start("llama", 32), null),
        ["heads for fewer layers than there are"] = (() => Header("llama").Ints("llama.attention.head_count_kv", 1, 2, 3), null),
        ["heads of nothing"] = (() => Start("llama", 32).UInt32("llama.attention.head_count", 0), null),
        ["lengths layer by layer"] = (() => Header("new", layers: 2).Ints("new.attention.key_length", 64, 128), null),
        ["more than can be"] = (() => Header("llama").UInt64("llama.attention.head_count_kv", long.MaxValue).UInt64("llama.attention.key_length", long.MaxValue), null),
    };

    private static IEnumerable<string> KnownStories => Known.Keys;

    private static IEnumerable<string> UnknownStories => Unknown.Keys;

    [TestCaseSource(nameof(KnownStories))]
    public void Elements_for_each_token(string story)
    {
        var (build, want) = Known[story];
        var header = Read(build());

        Assert.That((header.KeyCacheElements, header.ValueCacheElements, header.KeyWindowElements, header.ValueWindowElements), Is.EqualTo(((long?)want.Keys, (long?)want.Values, want.WindowKeys, want.WindowValues)));
        Assert.That(header.OtherCache, Is.Null);
    }

    [TestCaseSource(nameof(UnknownStories))]
    public void No_number_rather_than_a_wrong_one(string story)
    {
        var (build, because) = Unknown[story];
        var header = Read(build());

        Assert.That((header.KeyCacheElements, header.ValueCacheElements, header.KeyWindowElements, header.ValueWindowElements), Is.EqualTo(((long?)null, (long?)null, 0L, 0L)));
        Assert.That(header.OtherCache, Is.EqualTo(because));
    }

    private static GgufBuilder Start(string architecture, uint layers) => new GgufBuilder()
        .Text("general.architecture", architecture)
        .UInt32($"{architecture}.block_count", layers)
        .UInt32($"{architecture}.embedding_length", 4096);

    // Heads of 128 elements.
    private static GgufBuilder Header(string architecture, uint layers = 32) => Start(architecture, layers).UInt32($"{architecture}.attention.head_count", 32);

    // 1,024 elements in each layer, and a window.
    private static GgufBuilder Window(string architecture, uint layers) =>
        Header(architecture, layers).UInt32($"{architecture}.attention.head_count_kv", 8).UInt32($"{architecture}.attention.sliding_window", 512);

    private static GgufHeader Read(GgufBuilder header)
    {
        var file = header.Build();
        return GgufReader.Read(new MemoryStream(file), file.Length);
    }
}
