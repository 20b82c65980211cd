using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>Generated files of many shapes, by name. Each is read by another parser as well, and by llama-server where it is a model.</summary>
internal static class GgufShapes
{
    /// <summary>Models, each in one file or in parts that are told in their order.</summary>
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<byte[]>>> Models { get; } = new Dictionary<string, Func<IReadOnlyList<byte[]>>>
    {
        ["llama-f32"] = () => [new TinyGguf().Build()],
        ["llama-f32-v2"] = () => [new TinyGguf { Version = 2 }.Build()],
        ["llama-f16-no-gqa"] = () => [new TinyGguf { Weights = TinyWeights.F16, KeyValueHeads = 4 }.Build()],
        ["llama-q8_0-one-kv-head"] = () => [new TinyGguf { Weights = TinyWeights.Q8, Embedding = 256, Heads = 8, KeyValueHeads = 1 }.Build()],
        ["llama-q4_0-aligned-to-64"] = () => [new TinyGguf { Weights = TinyWeights.Q4, Alignment = 64, Layers = 3 }.Build()],
        ["llama-long-heads"] = () => [new TinyGguf { HeadLength = 32 }.Build()],
        ["llama-long-vocabulary"] = () => [new TinyGguf { Weights = TinyWeights.F16, Embedding = 32, Heads = 2, KeyValueHeads = 1, Layers = 1, MoreTokens = 20_000 }.Build()],
        ["deci-layers-differ"] = () => [new TinyGguf { Architecture = "deci", Layers = 4, Heads = 4, KeyValueHeadsByLayer = [4, 2, 1, 2] }.Build()],
        ["cohere2-window"] = () => [new TinyGguf { Architecture = "cohere2", Layers = 8, SlidingWindow = 256, Context = 8192 }.Build()],
        ["llama-in-two"] = () => new TinyGguf { Layers = 3 }.BuildParts(2),
    };

    /// <summary>Files that are read, and hold no model.</summary>
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<byte[]>>> Others { get; } = new Dictionary<string, Func<IReadOnlyList<byte[]>>>
    {
        ["values-of-every-type"] = () => [ValuesOfEveryType()],
        ["pairs-without-tensors"] = () => [new GgufBuilder().Text("general.architecture", "llama").UInt32("llama.block_count", 32).Build()],
        ["gemma3-head"] = () => [Gemma3()],
    };

    /// <summary>The name of a part's file, as llama.cpp looks for the others by it.</summary>
    public static string FileName(string shape, int part, int parts) => parts == 1 ? $"{shape}.gguf" : $"{shape}-{part + 1:D5}-of-{parts:D5}.gguf";

    // What the reader passes over comes before what it keeps: a wrong step, and the rest is nonsense.
    private static byte[] ValuesOfEveryType() => new GgufBuilder()
        .Pair("x.uint8", GgufValueType.UInt8, w => w.Write((byte)200))
        .Pair("x.int8", GgufValueType.Int8, w => w.Write((sbyte)-100))
        .UInt16("x.uint16", 60_000)
        .Pair("x.int16", GgufValueType.Int16, w => w.Write((short)-30_000))
        .UInt32("x.uint32", 4_000_000_000)
        .Int32("x.int32", -2_000_000_000)
        .Float32("x.float32", 1.5f)
        .Bool("x.bool", true)
        .Text("x.string", "gemütlich 模型")
        .UInt64("x.uint64", 1UL << 62)
        .Pair("x.int64", GgufValueType.Int64, w => w.Write(-(1L << 62)))
        .Pair("x.float64", GgufValueType.Float64, w => w.Write(-0.25))
        .Bools("x.bools", true, false, true)
        .Texts("x.strings", "", "a", "ab")
        .Floats("x.floats", 0.5f, -0.5f)
        .Pair("x.uint64s", GgufValueType.Array, w => { w.Write((uint)GgufValueType.UInt64); w.Write(2UL); w.Write(1UL); w.Write(ulong.MaxValue); })
        .Text("general.architecture", "llama")
        .Text("general.name", "values")
        .UInt64("llama.context_length", 1_000_000)
        .Pair("llama.block_count", GgufValueType.UInt8, w => w.Write((byte)12))
        .Int32("llama.embedding_length", 4096)
        .Tensor("one", [4], new byte[16])
        .Tensor("two", [32, 2], new byte[68], type: 8)
        .Build();

    // The head of a published model's shape: windows by a pattern that the file does not tell, heads longer than the embedding's share.
    private static byte[] Gemma3() => new GgufBuilder()
        .Text("general.architecture", "gemma3")
        .UInt32("gemma3.context_length", 131_072)
        .UInt32("gemma3.embedding_length", 2560)
        .UInt32("gemma3.block_count", 34)
        .UInt32("gemma3.attention.head_count", 8)
        .UInt32("gemma3.attention.head_count_kv", 4)
        .UInt32("gemma3.attention.key_length", 256)
        .UInt32("gemma3.attention.value_length", 256)
        .UInt32("gemma3.attention.sliding_window", 1024)
        .Texts("tokenizer.ggml.tokens", "a", "b", "c")
        .Build();
}
