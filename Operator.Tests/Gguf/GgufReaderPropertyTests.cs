using CsCheck;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>Whatever the bytes: an answer or a <see cref="GgufException"/>, and never much memory.</summary>
[TestFixture]
internal sealed class GgufReaderPropertyTests
{
    // The buffer, the kept texts, and one object per tensor's name: measured at some 300 KB for the tiny model.
    private const long MostAllocated = 4 * 1024 * 1024;

    private static readonly byte[] Sound = new TinyGguf { Layers = 1, Embedding = 32 }.Build();
    private static readonly int HeaderLength = (int)GgufReader.Read(new MemoryStream(Sound), Sound.Length).DataOffset;

    private static readonly Gen<byte[]> AnyBytes = Gen.Byte.Array[0, 2_000];

    private static readonly Gen<byte[]> AnyAfterTheMagic =
        Gen.Select(Gen.UInt[2, 3], Gen.ULong[0, 40], Gen.ULong[0, 40], Gen.Byte[0, 13].Array[0, 2_000], (version, tensors, pairs, rest) =>
            (byte[])[.. "GGUF"u8, .. BitConverter.GetBytes(version), .. BitConverter.GetBytes(tensors), .. BitConverter.GetBytes(pairs), .. rest]);

    private static readonly Gen<byte[]> Mutated =
        Gen.Select(Gen.Int[0, HeaderLength - 1], Gen.Byte).Array[1, 8].Select(Gen.Int[0, Sound.Length], Gen.Bool, (changes, cut, doCut) =>
        {
            var file = (byte[])Sound.Clone();
            foreach (var (at, value) in changes) file[at] = value;
            return doCut ? file[..cut] : file;
        });

    [Test]
    public void Arbitrary_bytes_are_refused_in_words() => AnyBytes.Sample(Survives);

    [Test]
    public void Arbitrary_bytes_after_a_good_start_are_refused_in_words() => AnyAfterTheMagic.Sample(Survives);

    [Test]
    public void Mutations_of_a_sound_file_are_read_or_refused_in_words() => Mutated.Sample(Survives);

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

    private static bool Survives(byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            GgufReader.Read(new MemoryStream(file), file.Length);
        }
        catch (GgufException e)
        {
            Assert.That(e.Message, Is.Not.Empty.And.Length.LessThan(500));
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < MostAllocated;
    }
}
