using CsCheck;
using LlmKube.Operator.Gguf;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>The estimate of memory, with numbers that were worked out by hand.</summary>
[TestFixture]
internal sealed class GpuFitTests
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;

    // Llama 3.1 of 8 billion parameters: 32 layers, 8 KV heads of 128 elements.
    private static readonly GpuFitInput Llama = new()
    {
        WeightsBytes = 33 * 150 * MiB,
        Layers = 32,
        KeyElements = 32 * 8 * 128,
        ValueElements = 32 * 8 * 128,
        ContextTokens = 8192,
        VocabularySize = 128_256,
        EmbeddingSize = 4096,
    };

    private static readonly Dictionary<string, (GpuFitInput Input, long CacheBytes)> Caches = new()
    {
        ["16 bits: 128 KiB for each token"] = (Llama, GiB),
        ["no slots are asked for: they share the context"] = (Llama with { Slots = null }, GiB),
        ["two slots share the context: nothing doubles"] = (Llama with { Slots = 2 }, GiB),
        ["keys of 8 bits, with a scale for each 32"] = (Llama with { KeyType = Type("q8_0") }, (GiB / 2) + (GiB / 4 * 34 / 32)),
        ["keys and values of 8 bits"] = (Llama with { KeyType = Type("q8_0"), ValueType = Type("q8_0") }, GiB / 2 * 34 / 32),
        ["4 bits"] = (Llama with { KeyType = Type("q4_0"), ValueType = Type("q4_0") }, GiB / 2 * 18 / 32),
        ["32 bits"] = (Llama with { KeyType = Type("f32"), ValueType = Type("f32") }, 2 * GiB),
        ["a context that is padded"] = (Llama with { ContextTokens = 5000 }, 5120 * 128 * 1024),
        ["slots that don't divide the context: each is padded"] = (Llama with { ContextTokens = 10_000, Slots = 3 }, 3 * 3584 * 128 * 1024),
        ["no tokens"] = (Llama with { ContextTokens = 0 }, 256 * 128 * 1024),
        ["layers that differ: their sum counts"] = (Llama with { KeyElements = 13 * 128, ValueElements = 13 * 128 }, 8192L * 13 * 128 * 4),
        ["a window: so many tokens and a batch"] = (Windowed with { Slots = 1 }, (131_072L * 5 * 2048 * 2) + (1536L * 29 * 2048 * 2)),
        ["a window of four slots that share"] = (Windowed, (131_072L * 5 * 2048 * 2) + (4608L * 29 * 2048 * 2)),
        ["a window of two slots with caches of their own"] = (Windowed with { Slots = 2 }, (131_072L * 5 * 2048 * 2) + (2 * 1536L * 29 * 2048 * 2)),
        ["a window beyond the context"] = (Windowed with { ContextTokens = 1024, Slots = 1 }, 1024L * 34 * 2048 * 2),
        ["more than can be"] = (Llama with { ContextTokens = long.MaxValue, KeyElements = 1L << 49, ValueElements = 1L << 49 }, long.MaxValue),
    };

    private static readonly Dictionary<string, (GpuFitInput Input, (long Weights, long Cache)[] Gpus)> Places = new()
    {
        ["one GPU holds all"] = (Llama, [(33 * 150 * MiB, GiB)]),
        ["two GPUs: the output is a layer, so at worst 17 of 33"] = (Llama with { Gpus = 2 }, [(17 * 150 * MiB, GiB * 17 / 33), (17 * 150 * MiB, GiB * 17 / 33)]),
        ["shares of three and one"] = (Llama with { Gpus = 2, Split = new("layer", [3, 1]) }, [(25 * 150 * MiB, GiB * 25 / 33), (9 * 150 * MiB, GiB * 9 / 33)]),
        ["rows: the cache is on the first"] = (Llama with { Gpus = 2, Split = new("row", [1, 1]) }, [(33 * 75 * MiB, GiB), (33 * 75 * MiB, 0)]),
        ["17 layers: one is the output, which has no cache"] = (Llama with { OffloadedLayers = 17 }, [(17 * 150 * MiB, GiB / 2)]),
        ["more layers than there are"] = (Llama with { OffloadedLayers = 99 }, [(33 * 150 * MiB, GiB)]),
        ["the output alone"] = (Llama with { OffloadedLayers = 1 }, [(150 * MiB, 0)]),
        ["no layer"] = (Llama with { OffloadedLayers = 0 }, [(0, 0)]),
    };

    private static GpuFitInput Windowed => new()
    {
        // Gemma 3 of 4 billion parameters: 29 of its 34 layers have a window.
        WeightsBytes = 3 * GiB,
        Layers = 34,
        KeyElements = 34 * 1024,
        ValueElements = 34 * 1024,
        ContextTokens = 131_072,
        Window = new(1024, 29 * 1024, 29 * 1024),
    };

    private static IEnumerable<string> CacheStories => Caches.Keys;

    private static IEnumerable<string> PlaceStories => Places.Keys;

    [TestCaseSource(nameof(CacheStories))]
    public void The_cache_takes(string story)
    {
        var (input, bytes) = Caches[story];
        Assert.That(GpuFit.Estimate(input).CacheBytes, Is.EqualTo(bytes));
    }

    [TestCaseSource(nameof(PlaceStories))]
    public void Each_gpu_holds(string story)
    {
        var (input, gpus) = Places[story];
        var estimate = GpuFit.Estimate(input);

        var overhead = estimate.OverheadBytes / gpus.Length;
        // A layer's part of the cache is rounded up to a byte.
        foreach (var (bytes, (weights, cache)) in estimate.GpuBytes.Zip(gpus)) Assert.That(bytes, Is.EqualTo(weights + cache + overhead).Within(1));
        Assert.That(estimate.GpuBytes, Has.Count.EqualTo(gpus.Length));
        Assert.That(estimate.LargestGpuBytes, Is.EqualTo(estimate.GpuBytes.Max()));
        Assert.That((estimate.WeightsBytes, estimate.CacheBytes), Is.EqualTo((Llama.WeightsBytes, GiB)), "the whole does not depend on where it is");
    }

    [Test]
    public void Without_a_gpu_there_is_no_runtime_of_one()
    {
        var (with, without) = (GpuFit.Estimate(Llama), GpuFit.Estimate(Llama with { Gpus = 0 }));

        Assert.That(with.OverheadBytes - without.OverheadBytes, Is.EqualTo(GpuFit.RuntimeBytes));
        Assert.That((without.GpuBytes.Count, without.LargestGpuBytes), Is.EqualTo((0, 0L)));
        Assert.That(without.TotalBytes, Is.EqualTo(without.WeightsBytes + without.CacheBytes + without.OverheadBytes));
    }

    [Test]
    public void A_packed_cache_is_unpacked_a_layer_at_a_time()
    {
        var (plain, packed) = (GpuFit.Estimate(Llama), GpuFit.Estimate(Llama with { KeyType = Type("q8_0"), ValueType = Type("q8_0") }));

        Assert.That(packed.OverheadBytes - plain.OverheadBytes, Is.EqualTo(GiB / 32));
    }

    [Test]
    public void More_of_anything_never_needs_less() => Gen.Select(Inputs, Gen.Int[0, 6], Gen.Long[0, 100_000]).Sample(
        (input, what, more) =>
        {
            var larger = what switch
            {
                0 => input with { WeightsBytes = input.WeightsBytes + more },
                1 => input with { KeyElements = input.KeyElements + more },
                2 => input with { ValueElements = input.ValueElements + more },
                3 => input with { ContextTokens = input.ContextTokens + more },
                4 => input with { VocabularySize = input.VocabularySize + more },
                5 => input with { OffloadedLayers = input.OffloadedLayers + (int)more },
                _ => input with { Window = input.Window! with { Tokens = input.Window.Tokens + more } },
            };
            var (before, after) = (GpuFit.Estimate(input), GpuFit.Estimate(larger));
            return before.TotalBytes <= after.TotalBytes && before.LargestGpuBytes <= after.LargestGpuBytes + 2 // parts are rounded up
                && before.GpuBytes.All(b => b >= 0) && before.GpuBytes.Count == input.Gpus;
        },
        TestContext.Out.WriteLine);

    private static readonly Gen<GpuFitInput> Inputs = Gen.Select(
        Gen.Select(Gen.Long[0, 1L << 45], Gen.Int[1, 512], Gen.Long[0, 1L << 24], Gen.Long[0, 1L << 24]),
        Gen.Select(Gen.Long[0, 1L << 24], Gen.Int[0, 8].Select(s => s == 0 ? (int?)null : s), Gen.OneOf("f16", "q8_0", "q4_0", "iq4_nl")),
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 600].Select(l => l > 520 ? (int?)null : l), Gen.Long[0, 10_000], Gen.Double[0, 1]),
        (model, service, place) => new GpuFitInput
        {
            WeightsBytes = model.Item1,
            Layers = model.Item2,
            KeyElements = model.Item3,
            ValueElements = model.Item4,
            ContextTokens = service.Item1,
            Slots = service.Item2,
            KeyType = Type(service.Item3),
            Gpus = place.Item1,
            OffloadedLayers = place.Item2,
            Window = new(place.Item3, (long)(model.Item3 * place.Item4), (long)(model.Item4 * place.Item4)),
        });

    private static TensorType Type(string name) => GgufTypes.TensorNamed(name)!;
}
