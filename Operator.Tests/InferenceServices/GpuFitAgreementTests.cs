using System.Globalization;
using System.Text.RegularExpressions;
using LlmKube.Operator.Gguf;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Tests.Demo;
using LlmKube.Operator.Tests.Gguf;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What llama-server says that it allocates is what was estimated of it: the weights and the cache to the last digit that it tells.</summary>
[TestFixture, Platform("Linux")]
internal sealed partial class GpuFitAgreementTests
{
    private const double MiB = 1 << 20;

    // It tells sizes in MiB with two digits.
    private const double LastDigit = 0.0051;

    private static readonly TinyGguf Wide = new() { Embedding = 256, Heads = 8, KeyValueHeads = 2, Layers = 4 };
    private static readonly TinyGguf Differing = new() { Architecture = "deci", Embedding = 256, Heads = 8, Layers = 4, KeyValueHeadsByLayer = [8, 4, 2, 1], Weights = TinyWeights.Q8 };
    private static readonly TinyGguf LongHeads = new() { Embedding = 128, HeadLength = 64, Layers = 3, Weights = TinyWeights.F16 };
    private static readonly TinyGguf Windowed = new() { Architecture = "cohere2", Embedding = 256, Heads = 8, KeyValueHeads = 4, Layers = 8, SlidingWindow = 256, Context = 16_384 };
    private static readonly TinyGguf Wordy = new() { Embedding = 256, Heads = 8, KeyValueHeads = 2, Layers = 2, MoreTokens = 20_000, Weights = TinyWeights.Q8 };

    private static readonly Dictionary<string, (TinyGguf Model, int Parts, int Context, int? Slots, string Keys, string Values)> Cases = new()
    {
        ["shared heads"] = (Wide, 1, 16_384, 1, "f16", "f16"),
        ["shared heads, packed cache"] = (Wide, 1, 16_384, 1, "q8_0", "q8_0"),
        ["keys and values of two types"] = (Wide, 1, 8_192, 1, "q8_0", "f16"),
        ["a cache of 32 bits"] = (Wide, 1, 4_096, 1, "f32", "f32"),
        ["a cache of four bits"] = (Wide, 1, 16_384, 1, "q4_0", "q4_0"),
        ["a context that is no multiple, for the server's own slots"] = (Wide, 1, 5_000, null, "f16", "f16"),
        ["three slots that don't divide the context"] = (Wide, 1, 10_000, 3, "f16", "f16"),
        ["layers that differ"] = (Differing, 1, 8_192, 1, "f16", "f16"),
        ["layers that differ, packed cache"] = (Differing, 1, 8_192, 1, "q8_0", "q8_0"),
        ["heads longer than the embedding's share"] = (LongHeads, 1, 8_192, 1, "q5_1", "iq4_nl"),
        ["a window in three layers of four"] = (Windowed, 1, 16_384, 1, "f16", "f16"),
        ["a window, and the server's own slots"] = (Windowed, 1, 16_384, null, "q8_0", "q8_0"),
        ["a window, and two slots"] = (Windowed, 1, 16_384, 2, "f16", "f16"),
        ["a long vocabulary"] = (Wordy, 1, 2_048, 1, "f16", "f16"),
        ["a model in three parts"] = (Wide, 3, 4_096, 1, "f16", "f16"),
    };

    private DirectoryInfo _folder = null!;

    private static IEnumerable<string> Stories => Cases.Keys;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("gpu-fit-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCaseSource(nameof(Stories))]
    public async Task Llama_server_allocates_what_was_estimated(string story)
    {
        var (model, count, context, slots, keys, values) = Cases[story];
        var parts = count == 1 ? [model.Build()] : model.BuildParts(count);
        var files = parts.Select((_, part) => Path.Combine(_folder.FullName, GgufShapes.FileName("model", part, count))).ToList();
        foreach (var (file, bytes) in files.Zip(parts)) await File.WriteAllBytesAsync(file, bytes);
        var headers = parts.Select(p => GgufReader.Read(new MemoryStream(p), p.Length)).ToList();
        var estimate = GpuFit.Estimate(InputOf(headers) with { ContextTokens = context, Slots = slots, KeyType = GgufTypes.TensorNamed(keys)!, ValueType = GgufTypes.TensorNamed(values)!, Gpus = 0 });

        string[] arguments = ["--ctx-size", Text(context), "--cache-type-k", keys, "--cache-type-v", values, "--no-repack"];
        await using var server = await LlamaServer.StartAsync(files[0], [.. arguments, .. slots is { } n ? ["--parallel", Text(n)] : Array.Empty<string>()]);

        var log = server.Log;
        var (weights, caches, compute) = (Sizes(WeightsLine(), log), Sizes(CacheLine(), log), Sizes(ComputeLine(), log));
        await TestContext.Out.WriteLineAsync($"{story}: weights {Told(weights)}, cache {Told(caches)}, compute {Told(compute)} MiB; estimated {estimate.WeightsBytes / MiB:F2}, {estimate.CacheBytes / MiB:F2}, {estimate.OverheadBytes / MiB:F2}");
        Assert.That(weights.Sum(), Is.EqualTo(estimate.WeightsBytes / MiB).Within(weights.Count * LastDigit), "weights");
        Assert.That(caches.Sum(), Is.EqualTo(estimate.CacheBytes / MiB).Within(caches.Count * LastDigit), "cache");
        Assert.That(compute.Sum(), Is.LessThanOrEqualTo(estimate.OverheadBytes / MiB), "buffers for computing");
    }

    [Test]
    public async Task A_longer_context_needs_as_much_more_for_computing_as_was_estimated()
    {
        var file = Path.Combine(_folder.FullName, "model.gguf");
        await File.WriteAllBytesAsync(file, Wide.Build());
        var header = GgufReader.Read(new MemoryStream(Wide.Build()), length: null);
        int[] contexts = [4_096, 16_384];
        var told = new List<double>();
        foreach (var context in contexts)
        {
            await using var server = await LlamaServer.StartAsync(file, "--ctx-size", Text(context), "--parallel", "1");
            told.Add(Sizes(ComputeLine(), server.Log).Sum());
        }

        var estimated = contexts.Select(c => GpuFit.Estimate(InputOf([header]) with { ContextTokens = c, Slots = 1, Gpus = 0 }).OverheadBytes / MiB).ToList();
        Assert.That(told[1] - told[0], Is.EqualTo(estimated[1] - estimated[0]).Within(2 * LastDigit));
    }

    [TestCase(64)]
    [TestCase(2048)]
    public async Task Batches_of_another_size_need_no_more_than_was_estimated(int batch)
    {
        var file = Path.Combine(_folder.FullName, "model.gguf");
        await File.WriteAllBytesAsync(file, Wide.Build());
        var header = GgufReader.Read(new MemoryStream(Wide.Build()), length: null);
        await using var server = await LlamaServer.StartAsync(file, "--ctx-size", "4096", "--parallel", "1", "--batch-size", Text(batch), "--ubatch-size", Text(batch));

        var estimated = GpuFit.Estimate(InputOf([header]) with { ContextTokens = 4096, Slots = 1, MicroBatch = batch, Gpus = 0 }).OverheadBytes / MiB;

        Assert.That(Sizes(ComputeLine(), server.Log).Sum(), Is.LessThanOrEqualTo(estimated));
    }

    private static GpuFitInput InputOf(IReadOnlyList<GgufHeader> parts)
    {
        var first = parts[0];
        return new()
        {
            WeightsBytes = parts.Sum(p => p.TensorBytes),
            Layers = (int)first.LayerCount!,
            KeyElements = first.KeyCacheElements!.Value,
            ValueElements = first.ValueCacheElements!.Value,
            ContextTokens = first.ContextLength!.Value,
            Window = first.SlidingWindow is { } window ? new(window, first.KeyWindowElements, first.ValueWindowElements) : null,
            VocabularySize = first.VocabularySize!.Value,
            EmbeddingSize = first.EmbeddingSize!.Value,
        };
    }

    private static List<double> Sizes(Regex line, string log)
    {
        List<double> sizes = [.. line.Matches(log).Select(m => double.Parse(m.Groups["size"].Value, CultureInfo.InvariantCulture))];
        Assert.That(sizes, Is.Not.Empty, () => $"no line like {line}:\n{log}");
        return sizes;
    }

    private static string Told(IReadOnlyList<double> sizes) => string.Join('+', sizes.Select(s => s.ToString("F2", CultureInfo.InvariantCulture)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"model buffer size = +(?<size>[\d.]+) MiB")]
    private static partial Regex WeightsLine();

    [GeneratedRegex(@"size = +(?<size>[\d.]+) MiB \( *\d+ cells")]
    private static partial Regex CacheLine();

    [GeneratedRegex(@"compute buffer size = +(?<size>[\d.]+) MiB")]
    private static partial Regex ComputeLine();
}
