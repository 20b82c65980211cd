using System.Text;
using CsCheck;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>Whatever the bytes: an answer or a <see cref="GgufException"/>, each byte read once, and never much memory.</summary>
[TestFixture]
internal sealed class GgufReaderPropertyTests
{
    private const int Whole = 64 * 1024;

    private static readonly byte[] Tiny = new TinyGguf { Layers = 1, Embedding = 32 }.Build();
    private static readonly int HeaderLength = (int)GgufReader.Read(new MemoryStream(Tiny), Tiny.Length).DataOffset;

    private static readonly Gen<byte[]> AnyBytes = Gen.Byte.Array[0, 2_000];

    private static readonly Gen<byte[]> AnyAfterTheMagic =
        Gen.Select(Gen.UInt[2, 3], Gen.ULong[0, 40], Gen.ULong[0, 40], Gen.Byte[0, 13].Array[0, 2_000], (version, tensors, pairs, rest) =>
            (byte[])[.. "GGUF"u8, .. BitConverter.GetBytes(version), .. BitConverter.GetBytes(tensors), .. BitConverter.GetBytes(pairs), .. rest]);

    private static readonly Gen<byte[]> BytesChanged =
        Gen.Select(Gen.Int[0, HeaderLength - 1], Gen.Byte).Array[1, 8].Select(Gen.Int[0, Tiny.Length], Gen.Bool, (changes, cut, doCut) =>
        {
            var file = (byte[])Tiny.Clone();
            foreach (var (at, value) in changes) file[at] = value;
            return doCut ? file[..cut] : file;
        });

    private static readonly Gen<byte[]> Anything = Gen.Frequency((1, AnyBytes), (1, AnyAfterTheMagic), (2, BytesChanged), (6, GgufFiles.Spoilt));

    [Test, Category("Fuzz")]
    public void Any_file_is_read_or_refused_in_words() => Anything.Sample(
        file =>
        {
            if (WatchedReading.Of(file, Whole) is { Header: { } header }) AssertPossible(header, file.Length);
            WatchedReading.Of(file, Whole, isLengthKnown: false);
        },
        TestContext.Out.WriteLine,
        iter: 5_000);

    [Test, Category("Fuzz")]
    public void It_does_not_matter_in_which_parts_a_file_comes() => Gen.Select(Anything, Gen.OneOf(1, 3, 7, 4_096)).Sample(
        (file, part) => WatchedReading.Of(file, part) == WatchedReading.Of(file, Whole),
        TestContext.Out.WriteLine,
        iter: 1_000);

    [Test, Category("Fuzz")]
    public void A_sound_file_is_read_and_none_of_its_parts_is() => Gen.Select(GgufFiles.Sound, Gen.Double.Unit).Sample(
        (file, share) =>
        {
            var header = WatchedReading.Of(file, Whole).Header;
            Assert.That(header, Is.Not.Null);
            AssertPossible(header!, file.Length);
            Assert.That(WatchedReading.Of(file[..(int)(share * header!.DataEnd)], Whole).Header, Is.Null);
        },
        TestContext.Out.WriteLine,
        iter: 2_000);

    /// <summary>The way that a file takes in a fetch Job: copied, read, summarised, and told in the termination message.</summary>
    [Test, Category("Fuzz")]
    public async Task A_fetch_tells_of_any_file_in_a_termination_message()
    {
        var folder = Directory.CreateTempSubdirectory("gguf-").FullName;
        try
        {
            await Gen.Select(Gen.Frequency((3, Anything), (1, GgufFiles.Sound)), Gen.Guid).SampleAsync(
                async (file, name) =>
                {
                    var source = Path.Combine(folder, $"{name}.source");
                    await File.WriteAllBytesAsync(source, file);
                    var options = new FetchOptions { Source = source, Target = Path.Combine(folder, $"{name}", "model.gguf"), Retries = 0 };
                    var (report, _) = await Fetch.RunAsync(options, TextWriter.Null, TextWriter.Null, TimeProvider.System, new Random(1), CancellationToken.None);

                    var message = TerminationMessage.Format(report);
                    Assert.That(Encoding.UTF8.GetByteCount(message), Is.LessThan(4_000));
                    Assert.That(TerminationMessage.TryParse(message), Has.Property(nameof(report.Complete)).EqualTo(report.Complete).And.Property(nameof(report.Reason)).EqualTo(report.Reason));
                    var reading = WatchedReading.Of(file, Whole);
                    Assert.That((report.Complete, report.Reason, report.Gguf?.TensorCount), Is.EqualTo((reading.Header is not null, reading.Header is null ? Reasons.NotGguf : null, reading.Header?.TensorCount)), report.Message);
                    Directory.Delete(Path.Combine(folder, $"{name}"), recursive: true);
                    File.Delete(source);
                },
                TestContext.Out.WriteLine,
                iter: 100);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.String[0, 200], Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.UInt, Gen.Int[0, int.MaxValue].Array[1, 80], Gen.String.Array[0, 200])
            .Sample((name, architecture, context, heads, tokens) =>
            {
                name = new string([.. name.Where(c => !char.IsSurrogate(c))]);
                var file = new GgufBuilder()
                    .Texts("tokenizer.ggml.tokens", tokens)
                    .UInt32($"{architecture}.context_length", context)
                    .Ints($"{architecture}.attention.head_count", heads)
                    .Text("general.architecture", architecture)
                    .Text("general.name", name)
                    .Tensor("t", [8, 4], new byte[128])
                    .Build();

                var header = GgufReader.Read(new MemoryStream(file), file.Length);

                return header.Name == name && header.Architecture == architecture && header.ContextLength == context
                    && header.HeadCount == heads.Max() && header.TensorCount == 1 && header.DataEnd == file.Length;
            });

    private static void AssertPossible(GgufHeader header, long length)
    {
        Assert.That(header.FileVersion, Is.InRange(2, 3));
        Assert.That(header.TensorCount, Is.InRange(0, GgufLimits.Tensors));
        Assert.That(header.DataEnd, Is.InRange(24, length));
        Assert.That(header.TensorCount == 0 || header.DataOffset <= header.DataEnd, "the data end before they begin");
        Assert.That(new[] { header.Name, header.Architecture, header.License }.Max(text => text?.Length) ?? 0, Is.LessThanOrEqualTo(GgufLimits.TextBytes));
        Assert.That(new[] { header.ContextLength, header.EmbeddingSize, header.LayerCount, header.HeadCount, header.KeyValueHeadCount, header.VocabularySize, header.SlidingWindow }.Min() ?? 0, Is.Not.Negative);
        Assert.That(header.KeyWindowElements, Is.InRange(0, header.KeyCacheElements ?? 0));
        Assert.That(header.ValueWindowElements, Is.InRange(0, header.ValueCacheElements ?? 0));
        Assert.That(header.OtherCache is null || header.KeyCacheElements is null, "a number for a cache that is another");
    }
}
