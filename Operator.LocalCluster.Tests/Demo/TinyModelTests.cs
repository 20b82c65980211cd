using System.Security.Cryptography;
using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The generated model, as bytes and in the real llama-server.</summary>
public sealed class TinyModelTests
{
    private const string GoldenSum = "42ba829d9ef632232ca3c8c3abb38612e1751522994c64e3032372ec5477442b";

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("tiny-model-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public void The_same_seed_gives_the_same_bytes_on_every_machine()
    {
        var sum = Convert.ToHexStringLower(SHA256.HashData(Bytes(new())));
        Assert.That(sum, Is.EqualTo(GoldenSum));
    }

    [Test]
    public void Another_seed_gives_other_weights_in_a_file_of_the_same_size()
    {
        var (one, other) = (Bytes(new()), Bytes(new() { Seed = 2 }));
        Assert.That(other, Has.Length.EqualTo(one.Length).And.Not.EqualTo(one));
    }

    [Test]
    public void A_large_one_is_never_whole_in_memory()
    {
        var spec = new TinyModelSpec { Layers = 8, Embedding = 1024, FeedForward = 4096 };
        using var output = new LengthOnly();
        var before = GC.GetAllocatedBytesForCurrentThread();
        TinyModel.Write(output, spec);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(output.Written, Is.GreaterThan(400_000_000));
        Assert.That(allocated, Is.LessThan(4_000_000));
    }

    [Test]
    public void A_file_appears_whole()
    {
        var path = Path.Combine(_folder.FullName, "model.gguf");
        TinyModel.WriteFile(path, new());
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(Bytes(new())));
        Assert.That(_folder.GetFiles().Select(f => f.Name), Is.EqualTo(new[] { "model.gguf" }));
    }

    [TestCase(65, 4, 2)]
    [TestCase(64, 4, 3)]
    [TestCase(4, 4, 2)]
    [TestCase(0, 4, 2)]
    public void A_shape_that_makes_no_model_is_refused(int embedding, int heads, int keyValueHeads) =>
        Assert.That(() => TinyModel.Write(Stream.Null, new() { Embedding = embedding, Heads = heads, KeyValueHeads = keyValueHeads }), Throws.ArgumentException);

    [Test]
    public async Task Llama_server_loads_it_and_answers()
    {
        var path = Path.Combine(_folder.FullName, "model.gguf");
        TinyModel.WriteFile(path, new());
        await using var server = await LlamaServer.StartAsync(path, "--ctx-size", "512", "--parallel", "1");
        var answer = await server.AskAsync("v1/chat/completions", new { messages = new[] { new { role = "user", content = "Which pod runs?" } }, max_tokens = 12 });
        Assert.That(answer["choices"]![0]!["message"]!["content"]!.GetValue<string>(), Is.Not.Empty);
        Assert.That(answer["usage"]!["completion_tokens"]!.GetValue<int>(), Is.InRange(1, 12));
    }

    private static byte[] Bytes(TinyModelSpec spec)
    {
        using var output = new MemoryStream();
        TinyModel.Write(output, spec);
        return output.ToArray();
    }

    private sealed class LengthOnly : Stream
    {
        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position { get => Written; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer) => Written += buffer.Length;

        public override void Write(byte[] buffer, int offset, int count) => Written += count;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
