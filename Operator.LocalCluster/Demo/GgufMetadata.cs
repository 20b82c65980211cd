using System.Text;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The pairs at the head of a GGUF file, in the order in which they are added.</summary>
internal sealed class GgufMetadata
{
    private readonly List<Action<BinaryWriter>> _pairs = [];

    // Of the format's types those that are written here.
    private enum ValueType : uint
    {
        UInt32 = 4,
        Int32 = 5,
        Float32 = 6,
        Bool = 7,
        String = 8,
        Array = 9,
    }

    public int Count => _pairs.Count;

    public GgufMetadata Add(string key, uint value) => Add(key, ValueType.UInt32, w => w.Write(value));

    public GgufMetadata Add(string key, float value) => Add(key, ValueType.Float32, w => w.Write(value));

    public GgufMetadata Add(string key, bool value) => Add(key, ValueType.Bool, w => w.Write(value));

    public GgufMetadata Add(string key, string value) => Add(key, ValueType.String, w => Text(w.BaseStream, value));

    public GgufMetadata Add(string key, string[] values) => Add(key, ValueType.String, values, (w, v) => Text(w.BaseStream, v));

    public GgufMetadata Add(string key, float[] values) => Add(key, ValueType.Float32, values, (w, v) => w.Write(v));

    public GgufMetadata Add(string key, int[] values) => Add(key, ValueType.Int32, values, (w, v) => w.Write(v));

    public void WriteTo(Stream output)
    {
        using var writer = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true);
        foreach (var pair in _pairs) pair(writer);
    }

    /// <summary>A string as the format has it: its length in bytes, then UTF-8.</summary>
    public static void Text(Stream output, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        output.Write(BitConverter.GetBytes((ulong)bytes.Length));
        output.Write(bytes);
    }

    private GgufMetadata Add<T>(string key, ValueType type, T[] values, Action<BinaryWriter, T> write) => Add(key, ValueType.Array, w =>
    {
        w.Write((uint)type);
        w.Write((ulong)values.Length);
        foreach (var value in values) write(w, value);
    });

    private GgufMetadata Add(string key, ValueType type, Action<BinaryWriter> write)
    {
        _pairs.Add(w =>
        {
            Text(w.BaseStream, key);
            w.Write((uint)type);
            write(w);
        });
        return this;
    }
}
