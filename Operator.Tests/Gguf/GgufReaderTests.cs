using System.Text;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

[TestFixture]
internal sealed class GgufReaderTests
{
    [Test]
    public void A_header_comes_back_as_it_was_written([Values(2u, 3u)] uint version)
    {
        var file = new TinyGguf { Version = version }.Build();

        var header = Read(file);

        Assert.That(header, Is.EqualTo(new GgufHeader
        {
            FileVersion = (int)version,
            Architecture = "llama",
            Name = "tiny-random-llama",
            License = "apache-2.0",
            Quantization = "F32",
            ContextLength = 2048,
            EmbeddingSize = 64,
            LayerCount = 2,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            VocabularySize = 354,
            KeyCacheElements = 64,
            ValueCacheElements = 64,
            TensorCount = 21,
            DataOffset = header.DataOffset,
            DataEnd = file.Length,
        }));
        Assert.That(header.DataOffset % 32, Is.Zero);
    }

    [Test]
    public void A_header_is_read_though_the_length_is_unknown_and_the_data_have_not_come()
    {
        var file = new TinyGguf().Build();
        var header = Read(file);

        Assert.That(GgufReader.Read(new MemoryStream(file, 0, (int)header.DataOffset), length: null), Is.EqualTo(header));
    }

    [Test]
    public void A_stream_that_gives_byte_by_byte_is_read_as_well()
    {
        var file = new TinyGguf().Build();

        Assert.That(GgufReader.Read(new TricklingStream(file), file.Length), Is.EqualTo(Read(file)));
    }

    [TestCase(0u, "F32")]
    [TestCase(1u, "F16")]
    [TestCase(7u, "Q8_0")]
    [TestCase(15u, "Q4_K_M")]
    [TestCase(17u, "Q5_K_M")]
    [TestCase(18u, "Q6_K")]
    [TestCase(30u, "IQ4_XS")]
    [TestCase(32u, "BF16")]
    [TestCase(1024u + 15u, "Q4_K_M")]
    [TestCase(999u, "type 999")]
    public void A_file_type_has_llama_cpps_name(uint type, string name) =>
        Assert.That(Read(new GgufBuilder().UInt32("general.file_type", type).Build()).Quantization, Is.EqualTo(name));

    [Test]
    public void Without_a_file_type_the_packing_of_most_bytes_is_the_quantization()
    {
        var file = new GgufBuilder().Tensor("norm", [4], new byte[16]).Tensor("q", [1024], new byte[4 * 144], type: 12).Build();

        Assert.That(Read(file).Quantization, Is.EqualTo("Q4_K"));
    }

    [Test]
    public void Keys_of_the_architecture_may_come_before_it_and_others_are_left_alone()
    {
        var file = new GgufBuilder()
            .UInt64("qwen3.context_length", 262_144)
            .UInt32("clip.context_length", 77)
            .Text("general.architecture", "qwen3")
            .Ints("qwen3.attention.head_count", 8, 16, 12)
            .Build();

        var header = Read(file);

        Assert.That((header.ContextLength, header.HeadCount, header.LayerCount), Is.EqualTo((262_144L, 16L, (long?)null)));
    }

    [Test]
    public void A_long_text_is_cut_and_a_broken_one_is_mended()
    {
        var file = new GgufBuilder()
            .Text("general.name", new string('é', 100_000))
            .Pair("general.license", GgufValueType.String, w => { w.Write(2UL); w.Write((byte)0xFF); w.Write((byte)'x'); })
            .Build();

        var header = Read(file);

        Assert.That(Encoding.UTF8.GetByteCount(header.Name!), Is.EqualTo(GgufLimits.TextBytes));
        Assert.That(header.License, Is.EqualTo("\uFFFDx"));
    }

    [Test]
    public void A_part_says_which_one_it_is_and_only_the_first_what_the_model_is()
    {
        var headers = new TinyGguf { Layers = 3 }.BuildParts(2).Select(Read).ToList();

        Assert.That(headers.Select(h => h.Split), Is.EqualTo(new GgufSplit?[] { new(0, 2, 30), new(1, 2, 30) }));
        Assert.That(headers.Select(h => h.Architecture), Is.EqualTo(new[] { "llama", null }));
        Assert.That(headers.Sum(h => h.TensorCount), Is.EqualTo(30));
        Assert.That(headers.Sum(h => h.TensorBytes), Is.EqualTo(Read(new TinyGguf { Layers = 3 }.Build()).TensorBytes));
    }

    [Test]
    public void A_model_that_is_whole_is_no_part() => Assert.That(Read(new GgufBuilder().UInt16("split.no", 0).UInt16("split.count", 1).Build()).Split, Is.Null);

    [Test]
    public void The_vocabulary_is_as_long_as_the_architecture_says_or_else_as_the_tokenizer_has_it()
    {
        var tokens = new GgufBuilder().Text("general.architecture", "llama").Texts("tokenizer.ggml.tokens", "a", "b", "c");
        Assert.That(Read(tokens.Build()).VocabularySize, Is.EqualTo(3));
        Assert.That(Read(tokens.UInt32("llama.vocab_size", 8).Build()).VocabularySize, Is.EqualTo(8));
    }

    private static readonly Dictionary<string, (Func<byte[]> File, string Says)> Refusals = new()
    {
        ["an HTML page"] = (() => "<!DOCTYPE html><html><body>Sign in</body></html>"u8.ToArray(), "HTML page"),
        ["a Git LFS pointer"] = (() => "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray(), "Git LFS"),
        ["an error in JSON"] = (() => "{\"error\": \"Repository not found\"}"u8.ToArray(), "JSON"),
        ["an empty file"] = (() => [], "0 bytes"),
        ["four bytes"] = (() => "GGUF"u8.ToArray(), "4 bytes"),
        ["version 1"] = (() => new GgufBuilder(1).Build(), "version 1"),
        ["a version to come"] = (() => new GgufBuilder(4).Build(), "version 4"),
        ["big-endian"] = (() => new GgufBuilder(0x03000000).Build(), "big-endian"),
        ["more tensors than bytes"] = (() => new GgufBuilder { ClaimedTensors = 999_999 }.Build(), "truncated"),
        ["more tensors than any model"] = (() => new GgufBuilder { ClaimedTensors = ulong.MaxValue }.Build(), "18446744073709551615 tensors"),
        ["more pairs than any model"] = (() => new GgufBuilder { ClaimedPairs = 1UL << 40 }.Build(), "key-value pairs"),
        ["a text of 2^60 bytes"] = (() => new GgufBuilder().Pair("x", GgufValueType.String, w => w.Write(1UL << 60)).Build(), "1152921504606846976 bytes"),
        ["an array of 2^62 items"] = (() => new GgufBuilder().Pair("x", GgufValueType.Array, w => { w.Write((uint)GgufValueType.Float64); w.Write(1UL << 62); }).Build(), "items of x"),
        ["arrays nested five deep"] = (() => new GgufBuilder().Nested("x", 5).Build(), "nested"),
        ["an unknown value type"] = (() => new GgufBuilder().Pair("x", (GgufValueType)13, _ => { }).Build(), "unknown type 13"),
        ["an architecture that is a number"] = (() => new GgufBuilder().UInt32("general.architecture", 1).Build(), "general.architecture"),
        ["a negative context"] = (() => new GgufBuilder().Int32("llama.context_length", -1).Build(), "negative"),
        ["negative heads of a layer"] = (() => new GgufBuilder().Ints("llama.attention.head_count_kv", 2, -1).Build(), "negative"),
        ["a list of heads twice"] = (() => new GgufBuilder().Ints("a.attention.head_count", 1).Ints("a.attention.head_count", 1).Build(), "twice"),
        ["heads that are switches"] = (() => new GgufBuilder().Bools("llama.attention.head_count_kv", true).Build(), "not of integers"),
        ["a window that is a text"] = (() => new GgufBuilder().Text("llama.attention.sliding_window", "all").Build(), "sliding_window"),
        ["a key twice"] = (() => new GgufBuilder().Text("general.name", "a").Text("general.name", "b").Build(), "twice"),
        ["an alignment of 3"] = (() => new GgufBuilder().UInt32("general.alignment", 3).Build(), "power of two"),
        ["an alignment of 0"] = (() => new GgufBuilder().UInt32("general.alignment", 0).Build(), "power of two"),
        ["five dimensions"] = (() => new GgufBuilder().Tensor("t", [1, 1, 1, 1, 1], new byte[4]).Build(), "5 dimensions"),
        ["elements beyond counting"] = (() => new GgufBuilder().Tensor("t", [1UL << 63, 1UL << 63], new byte[4]).Build(), "2^63 elements"),
        ["half a block"] = (() => new GgufBuilder().Tensor("t", [33], new byte[36], type: 2).Build(), "whole blocks"),
        ["tensor data beyond the file"] = (() => new GgufBuilder().Tensor("t", [1000], new byte[4]).Build(), "incomplete"),
        ["a file cut within its data"] = (() => new TinyGguf().Build()[..^32], "incomplete"),
        ["a file cut within its header"] = (() => new TinyGguf().Build()[..2000], "truncated"),
    };

    private static IEnumerable<string> RefusalStories => Refusals.Keys;

    [TestCaseSource(nameof(RefusalStories))]
    public void Refused_with_words(string story)
    {
        var (file, says) = Refusals[story];

        Assert.That(() => Read(file()), Throws.TypeOf<GgufException>().With.Message.Contains(says));
    }

    [Test]
    public void A_header_without_end_is_given_up()
    {
        var stream = new EndlessTextStream();

        Assert.That(() => GgufReader.Read(stream, length: null), Throws.TypeOf<GgufException>().With.Message.Contains("a header may have"));
        Assert.That(stream.Given, Is.LessThan(2L * GgufLimits.HeaderBytes));
    }

    private static GgufHeader Read(byte[] file) => GgufReader.Read(new MemoryStream(file), file.Length);

    private sealed class TricklingStream(byte[] file) : MemoryStream(file)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));
    }

    /// <summary>A header whose only value is an array of more texts than a header may hold.</summary>
    private sealed class EndlessTextStream : Stream
    {
        private readonly byte[] _start = new GgufBuilder { ClaimedPairs = 1 }
            .Pair("x", GgufValueType.Array, w => { w.Write((uint)GgufValueType.String); w.Write(30_000_000UL); }).Build();

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            // Each text has one byte.
            for (var i = 0; i < count; i++, Given++) buffer[offset + i] = Given < _start.Length ? _start[Given] : (byte)((Given - _start.Length) % 9 == 0 ? 1 : 0);
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
