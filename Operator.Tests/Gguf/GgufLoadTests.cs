using LlmKube.Operator.LocalCluster.Tests.Demo;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>The generated models are models to llama.cpp: what the reader is tested with is not only of its own making.</summary>
[TestFixture, Platform("Linux")]
internal sealed class GgufLoadTests
{
    private DirectoryInfo _folder = null!;

    private static IEnumerable<string> Shapes => GgufShapes.Models.Keys;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("gguf-load-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCaseSource(nameof(Shapes))]
    public async Task Llama_server_loads_it_and_answers(string shape)
    {
        var parts = GgufShapes.Models[shape]();
        var files = parts.Select((_, part) => Path.Combine(_folder.FullName, GgufShapes.FileName(shape, part, parts.Count))).ToList();
        foreach (var (file, bytes) in files.Zip(parts)) await File.WriteAllBytesAsync(file, bytes);

        // Of a model in parts the first is named, and the others are found beside it.
        await using var server = await LlamaServer.StartAsync(files[0], "--ctx-size", "512", "--parallel", "1");

        var answer = await server.AskAsync("completion", new { prompt = "Which pod runs?", n_predict = 3, ignore_eos = true });
        Assert.That(answer["tokens_predicted"]!.GetValue<int>(), Is.EqualTo(3));
    }
}
