using System.Text;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>Writes GGUF files, sound or (with the raw methods) not.</summary>
internal sealed class GgufBuilder(uint version = 3, uint alignment = 32)
{
    private readonly MemoryStream _pairs = new();
    private readonly List<(string Name, ulong[] Dimensions, uint Type, byte[] Data)> _tensors = [];
    private ulong _pairCount;

    public ulong? ClaimedTensors { get; set; }

    public ulong? ClaimedPairs { get; set; }

    public GgufBuilder Text(string key, string value) => Pair(key, GgufValueType.String, w => Text(w, value));

    public GgufBuilder UInt16(string key, ushort value) => Pair(key, GgufValueType.UInt16, w => w.Write(value));

    public GgufBuilder UInt32(string key, uint value) => Pair(key, GgufValueType.UInt32, w => w.Write(value));

    public GgufBuilder Int32(string key, int value) => Pair(key, GgufValueType.Int32, w => w.Write(value));

    public GgufBuilder UInt64(string key, ulong value) => Pair(key, GgufValueType.UInt64, w => w.Write(value));

    public GgufBuilder Float32(string key, float value) => Pair(key, GgufValueType.Float32, w => w.Write(value));

    public GgufBuilder Bool(string key, bool value) => Pair(key, GgufValueType.Bool, w => w.Write(value));

    public GgufBuilder Texts(string key, params IReadOnlyCollection<string> values) =>
        Array(key, GgufValueType.String, values, (w, v) => Text(w, v));

    public GgufBuilder Floats(string key, params IReadOnlyCollection<float> values) =>
        Array(key, GgufValueType.Float32, values, (w, v) => w.Write(v));

    public GgufBuilder Ints(string key, params IReadOnlyCollection<int> values) =>
        Array(key, GgufValueType.Int32, values, (w, v) => w.Write(v));

    public GgufBuilder Bools(string key, params IReadOnlyCollection<bool> values) =>
        Array(key, GgufValueType.Bool, values, (w, v) => w.Write(v));

    /// <summary>Arrays of arrays, the innermost one of no bytes.</summary>
    public GgufBuilder Nested(string key, int depth) => Pair(key, GgufValueType.Array, w =>
    {
        for (var i = 1; i < depth; i++)
        {
            w.Write((uint)GgufValueType.Array);
            w.Write(1UL);
        }

        w.Write((uint)GgufValueType.UInt8);
        w.Write(0UL);
    });

    /// <summary>A pair whose value is any bytes.</summary>
    public GgufBuilder Pair(string key, GgufValueType type, Action<BinaryWriter> value)
    {
        using var writer = new BinaryWriter(_pairs, Encoding.UTF8, leaveOpen: true);
        Text(writer, key);
        writer.Write((uint)type);
        value(writer);
        _pairCount++;
        return this;
    }

    public GgufBuilder Tensor(string name, ulong[] dimensions, byte[] data, uint type = 0)
    {
        _tensors.Add((name, dimensions, type, data));
        return this;
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        var writer = new BinaryWriter(file, Encoding.UTF8);
        writer.Write(GgufReader.Magic);
        writer.Write(version);
        writer.Write(ClaimedTensors ?? (ulong)_tensors.Count);
        writer.Write(ClaimedPairs ?? _pairCount);
        writer.Write(_pairs.ToArray());
        var offset = 0UL;
        foreach (var (name, dimensions, type, data) in _tensors)
        {
            Text(writer, name);
            writer.Write((uint)dimensions.Length);
            foreach (var dimension in dimensions) writer.Write(dimension);
            writer.Write(type);
            writer.Write(offset);
            offset += Aligned((ulong)data.Length);
        }

        if (_tensors.Count > 0) Pad(writer);
        foreach (var (_, _, _, data) in _tensors)
        {
            writer.Write(data);
            Pad(writer);
        }

        return file.ToArray();
    }

    private static void Text(BinaryWriter writer, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private GgufBuilder Array<T>(string key, GgufValueType type, IReadOnlyCollection<T> values, Action<BinaryWriter, T> write) =>
        Pair(key, GgufValueType.Array, w =>
        {
            w.Write((uint)type);
            w.Write((ulong)values.Count);
            foreach (var value in values) write(w, value);
        });

    private ulong Aligned(ulong length) => (length + alignment - 1) / alignment * alignment;

    private void Pad(BinaryWriter writer)
    {
        var at = (ulong)writer.BaseStream.Position;
        writer.Write(new byte[Aligned(at) - at]);
    }
}
