using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>
/// Our reader sees in a file what the npm package @huggingface/gguf, a parser of other people's, saw in it: Golden/Gguf holds what that said, and the
/// sum of the file that it read. <c>LLMKUBE_GGUF_JS=1</c> asks it anew (node and build/gguf-agreement's packages are needed), and
/// <c>UPDATE_GOLDEN=1</c> records what it says.
/// </summary>
[TestFixture]
internal sealed class GgufAgreementTests
{
    private static readonly Dictionary<string, Func<byte[]>> Files = GgufShapes.Models.Concat(GgufShapes.Others).SelectMany(shape =>
    {
        var parts = shape.Value().Count;
        return Enumerable.Range(0, parts).Select(part => (Name: GgufShapes.FileName(shape.Key, part, parts), File: (Func<byte[]>)(() => shape.Value()[part])));
    }).ToDictionary(f => f.Name, f => f.File);

    private static IEnumerable<string> Names => Files.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task Our_reader_agrees_with_another_parser(string name)
    {
        var file = Files[name]();
        if (OtherParser.IsAsked) Golden.Match(GoldenOf(name), await OtherParser.ReadAsync(name, file));

        var said = JsonNode.Parse(Golden.Read(GoldenOf(name)))!;
        Assert.That(said["sha256"]!.GetValue<string>(), Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(file))), "the file is another than the parser read: UPDATE_GOLDEN=1");

        var header = GgufReader.Read(new MemoryStream(file), file.Length);
        var metadata = said["metadata"]!;
        string? architecture = Text("general.architecture");
        Assert.Multiple(() =>
        {
            Assert.That(header.FileVersion, Is.EqualTo(Number("version")));
            Assert.That(header.TensorCount, Is.EqualTo(Number("tensor_count")));
            Assert.That(header.Architecture, Is.EqualTo(architecture));
            Assert.That(header.Name, Is.EqualTo(Text("general.name")));
            Assert.That(header.License, Is.EqualTo(Text("general.license")));
            Assert.That(header.ContextLength, Is.EqualTo(Number($"{architecture}.context_length")));
            Assert.That(header.EmbeddingSize, Is.EqualTo(Number($"{architecture}.embedding_length")));
            Assert.That(header.LayerCount, Is.EqualTo(Number($"{architecture}.block_count")));
            Assert.That(header.HeadCount, Is.EqualTo(Number($"{architecture}.attention.head_count")));
            Assert.That(header.KeyValueHeadCount, Is.EqualTo(Number($"{architecture}.attention.head_count_kv")));
            Assert.That(header.KeyLength, Is.EqualTo(Number($"{architecture}.attention.key_length")));
            Assert.That(header.ValueLength, Is.EqualTo(Number($"{architecture}.attention.value_length")));
            Assert.That(header.SlidingWindow, Is.EqualTo(Number($"{architecture}.attention.sliding_window")));
            Assert.That(header.VocabularySize, Is.EqualTo(Number($"{architecture}.vocab_size") ?? Length("tokenizer.ggml.tokens")));
            Assert.That(header.Split?.Part, Is.EqualTo(Number("split.no")));
            Assert.That(header.Split?.Parts, Is.EqualTo(Number("split.count")));
            Assert.That(header.Split?.Tensors, Is.EqualTo(Number("split.tensors.count")));
            if (header.TensorCount == 0) return;
            Assert.That(header.DataOffset, Is.EqualTo(said["tensorDataOffset"]!.GetValue<long>()));
            Assert.That(header.DataEnd, Is.EqualTo(header.DataOffset + said["tensors"]!.AsArray().Max(t => EndOf(t!))));
        });

        string? Text(string key) => metadata[key]?.GetValue<string>();

        long? Length(string key) => metadata[key] switch
        {
            JsonArray items => items.Count,
            { } cut => cut["length"]!.GetValue<long>(),
            null => null,
        };

        // Of numbers layer by layer the reader shows the largest.
        long? Number(string key) => metadata[key] switch
        {
            JsonArray each => each.Max(n => n!.GetValue<long>()),
            { } one => one.GetValue<long>(),
            null => null,
        };
    }

    private static long EndOf(JsonNode tensor)
    {
        var elements = tensor["shape"]!.AsArray().Aggregate(1L, (product, n) => product * n!.GetValue<long>());
        var bytes = tensor["dtype"]!.GetValue<string>() switch
        {
            "F32" => elements * 4,
            "F16" => elements * 2,
            "Q4_0" => elements / 32 * 18,
            "Q8_0" => elements / 32 * 34,
            var other => throw new NotSupportedException($"No generated file has tensors of the type {other}."),
        };
        return tensor["offset"]!.GetValue<long>() + bytes;
    }

    private static string GoldenOf(string name) => $"Gguf/{Path.GetFileNameWithoutExtension(name)}.json";
}
