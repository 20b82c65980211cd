using System.Text;

namespace LlmKube.Operator.Benchmarks.Downloading;

/// <summary>A GGUF file of any size: a header and one tensor of bytes.</summary>
internal static class LargeFile
{
    private const int Alignment = 32;
    private const uint ValueIsText = 8;
    private const uint TensorOfBytes = 24;

    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(string path, long size)
    {
        // The header's length does not depend on the number in it.
        var header = Header(size - Header(0).Length);
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        await using var file = File.Create(path);
        await file.WriteAsync(header);
        for (var left = size - header.Length; left > 0; left -= bytes.Length) await file.WriteAsync(bytes.AsMemory(0, (int)Math.Min(left, bytes.Length)));
    }

    private static byte[] Header(long tensorBytes)
    {
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(1UL); // tensors
        writer.Write(1UL); // pairs
        Text("general.architecture");
        writer.Write(ValueIsText);
        Text("llama");
        Text("weights");
        writer.Write(1u); // dimensions
        writer.Write(tensorBytes);
        writer.Write(TensorOfBytes);
        writer.Write(0UL); // where it begins
        while (header.Position % Alignment != 0) writer.Write((byte)0);
        return header.ToArray();

        void Text(string text)
        {
            writer.Write((ulong)text.Length);
            writer.Write(Encoding.UTF8.GetBytes(text));
        }
    }
}
