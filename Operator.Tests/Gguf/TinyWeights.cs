using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>How a generated model's matrices are packed.</summary>
/// <param name="Type">The tensors' type, by its number in the file.</param>
/// <param name="FileType">The file's type (llama.cpp's <c>llama_ftype</c>).</param>
/// <param name="Fill">Random weights: so many elements, as bytes.</param>
internal sealed record TinyWeights(uint Type, uint FileType, Func<Random, int, byte[]> Fill)
{
    private const int Block = 32;

    public static TinyWeights F32 { get; } = new(0, 0, (chance, count) => MemoryMarshal.AsBytes<float>(Floats(chance, count)).ToArray());

    public static TinyWeights F16 { get; } = new(1, 1, (chance, count) => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(Floats(chance, count), f => (Half)f)).ToArray());

    /// <summary>Blocks of 32: a scale, and four bits each.</summary>
    public static TinyWeights Q4 { get; } = new(2, 2, (chance, count) => Blocks(chance, count, 16, 0.05f / 8));

    /// <summary>Blocks of 32: a scale, and a byte each.</summary>
    public static TinyWeights Q8 { get; } = new(8, 7, (chance, count) => Blocks(chance, count, 32, 0.05f / 127));

    public static byte[] Ones(int count)
    {
        var values = new float[count];
        Array.Fill(values, 1f);
        return MemoryMarshal.AsBytes<float>(values).ToArray();
    }

    private static float[] Floats(Random chance, int count)
    {
        var values = new float[count];
        for (var i = 0; i < values.Length; i++) values[i] = (chance.NextSingle() - 0.5f) / 10;
        return values;
    }

    private static byte[] Blocks(Random chance, int count, int quants, float scale)
    {
        var size = sizeof(ushort) + quants;
        var bytes = new byte[count / Block * size];
        chance.NextBytes(bytes);
        for (var at = 0; at < bytes.Length; at += size) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(at), (Half)scale);
        return bytes;
    }
}
