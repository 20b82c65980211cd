using System.Buffers.Binary;
using System.Text;
using CsCheck;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>
/// Generated GGUF files, sound ones and spoilt ones. They are made of fields, so that a change hits a count, a length, a type
/// or an offset, and what follows is still in its place.
/// </summary>
internal static class GgufFiles
{
    private const uint Alignment = 32;

    // Where limits, signs and sizes change.
    private static readonly Gen<ulong> Edges = Gen.OneOf<ulong>(
        0, 1, 2, 3, 4, 5, 8, 9, 12, 13, 31, 32, 33, 255, 512, 4_096, 65_535, 65_536, 65_537, 1_000_000, 1_000_001,
        1 << 20, 1 << 28, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue / 8, long.MaxValue, 1UL << 63, ulong.MaxValue);

    private static readonly Gen<byte[][]> Texts = Gen.OneOf(Gen.String[0, 20], Gen.String[Gen.Char.AlphaNumeric, 1, 5]).Select(Text);

    private static readonly Gen<GgufValueType> Types = Gen.Int[0, (int)GgufValueType.Float64].Select(type => (GgufValueType)type);

    private static readonly Gen<byte[][]> Known = Gen.OneOf(
        Gen.OneOf("llama", "qwen2", "").Select(value => Pair("general.architecture", GgufValueType.String, Text(value))),
        Texts.Select(value => Pair("general.name", GgufValueType.String, value)),
        Texts.Select(value => Pair("general.license", GgufValueType.String, value)),
        Gen.UInt[0, 40].Select(value => Pair("general.file_type", GgufValueType.UInt32, [U32(value)])),
        Gen.OneOf<uint>(1, 8, 16, 32).Select(value => Pair("general.alignment", GgufValueType.UInt32, [U32(value)])),
        Gen.UInt[0, 100].Select(value => Pair("llama.block_count", GgufValueType.UInt32, [U32(value)])),
        Gen.ULong[0, 1_000_000].Select(value => Pair("llama.context_length", GgufValueType.UInt64, [U64(value)])),
        Gen.UInt[0, 10_000].Select(value => Pair("llama.embedding_length", GgufValueType.UInt32, [U32(value)])),
        Gen.UInt[0, 300].Select(value => Pair("llama.attention.key_length", GgufValueType.UInt32, [U32(value)])),
        Gen.UInt[0, 5_000].Select(value => Pair("llama.attention.sliding_window", GgufValueType.UInt32, [U32(value)])),
        Gen.Byte[0, 1].Array[0, 8].Select(values => Pair("llama.attention.sliding_window_pattern", GgufValueType.Array, [U32((uint)GgufValueType.Bool), U64((ulong)values.Length), values])),
        Gen.UInt[0, 3].Select(value => Pair("llama.ssm.state_size", GgufValueType.UInt32, [U32(value)])),
        Gen.UInt[0, 3].Select(value => Pair("split.count", GgufValueType.UInt32, [U32(value)])),
        Gen.UInt[0, 100].Array[0, 8].Select(values => Pair("llama.attention.head_count_kv", GgufValueType.Array, [U32((uint)GgufValueType.Int32), U64((ulong)values.Length), .. values.Select(U32)])),
        Gen.UInt[0, 100].Array[0, 8].Select(values => Pair("llama.attention.head_count", GgufValueType.Array, [U32((uint)GgufValueType.Int32), U64((ulong)values.Length), .. values.Select(U32)])));

    private static readonly Gen<byte[][]> Unknown = Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 12], Types).SelectMany((key, type) => Values(type, 1).Select(value => Pair($"x.{key}", type, value)));

    private static readonly Gen<(ulong[] Dimensions, uint Type, ulong Step)> Tensors = Gen.Select(
        Gen.ULong[1, 3].Array[0, GgufLimits.Dimensions - 1].Select(rest => (ulong[])[256, .. rest]),
        Gen.OneOf<uint>(0, 1, 2, 8, 12, 24, 39, 99),
        Gen.ULong[0, 2]);

    private static readonly Gen<byte[][]> Fields = Gen.Select(
        Gen.UInt[2, 3],
        Known.Array[0, 10].Select(pairs => pairs.DistinctBy(pair => Encoding.UTF8.GetString(pair[1])).ToArray()),
        Unknown.Array[0, 6],
        Tensors.Array[0, 5],
        (version, known, unknown, tensors) => Assemble(version, [.. known, .. unknown], tensors));

    private static readonly Gen<Func<byte[][], byte[][]>> Changes = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 10_000], Gen.Int[0, 10_000], Edges, Gen.Byte.Array[0, 40])
        .Select<(int, int, int, ulong, byte[]), Func<byte[][], byte[][]>>(change => fields => Change(fields, change.Item1, change.Item2, change.Item3, change.Item4, change.Item5));

    /// <summary>Files that llama.cpp's format description allows.</summary>
    public static Gen<byte[]> Sound { get; } = Fields.Select(fields => fields.SelectMany(field => field).ToArray());

    /// <summary>The same with up to four fields changed, doubled, dropped or moved, and perhaps cut.</summary>
    public static Gen<byte[]> Spoilt { get; } = Gen.Select(Fields, Changes.Array[1, 4], Gen.Int[0, 3], Gen.Int[0, 100_000], (fields, changes, cut, at) =>
    {
        byte[] file = [.. changes.Aggregate(fields, (changed, change) => change(changed)).SelectMany(field => field)];
        return cut == 0 ? file[..(at % (file.Length + 1))] : file;
    });

    private static Gen<byte[][]> Values(GgufValueType type, int depth) => type switch
    {
        GgufValueType.String => Texts,
        GgufValueType.Array => Gen.Select(depth < GgufLimits.Nesting ? Types : Gen.Const(GgufValueType.Int16), Gen.Int[0, 4]).SelectMany((item, count) =>
            Values(item, depth + 1).Array[count].Select(items => (byte[][])[U32((uint)item), U64((ulong)count), .. items.SelectMany(one => one)])),
        _ => Gen.Byte.Array[GgufTypes.FixedSize(type)!.Value].Select(value => (byte[][])[value]),
    };

    private static byte[][] Pair(string key, GgufValueType type, byte[][] value) => [.. Text(key), U32((uint)type), .. value];

    private static byte[][] Assemble(uint version, byte[][][] pairs, (ulong[] Dimensions, uint Type, ulong Step)[] tensors)
    {
        var fields = new List<byte[]> { GgufReader.Magic.ToArray(), U32(version), U64((ulong)tensors.Length), U64((ulong)pairs.Length) };
        fields.AddRange(pairs.SelectMany(pair => pair));
        var (offset, end) = (0UL, 0UL);
        foreach (var (dimensions, type, step) in tensors)
        {
            // A step of zero lays tensors over one another.
            offset += step * Alignment;
            fields.AddRange([.. Text($"t{fields.Count}"), U32((uint)dimensions.Length), .. dimensions.Select(U64), U32(type), U64(offset)]);
            if (GgufTypes.Tensor(type) is { } packing)
            {
                end = Math.Max(end, offset + (dimensions.Aggregate(1UL, (size, one) => size * one) / (ulong)packing.BlockElements * (ulong)packing.BlockBytes));
            }
            else
            {
                end = Math.Max(end, offset);
            }
        }

        var header = (ulong)fields.Sum(field => field.Length);
        fields.Add(new byte[(Alignment - (header % Alignment)) % Alignment]);
        fields.Add(new byte[end]);
        return [.. fields];
    }

    private static byte[][] Change(byte[][] fields, int kind, int at, int other, ulong edge, byte[] bytes)
    {
        if (fields.Length == 0) return fields;
        var (first, second) = (at % fields.Length, other % fields.Length);
        var end = Math.Min(first + 1 + (other % 8), fields.Length);
        return kind switch
        {
            0 or 1 or 2 => [.. fields[..first], Edge(fields[first], edge, kind), .. fields[(first + 1)..]],
            3 => [.. fields[..end], .. fields[first..]],
            4 => [.. fields[..first], .. fields[end..]],
            5 => [.. fields.Select((field, i) => i == first ? fields[second] : i == second ? fields[first] : field)],
            _ => [.. fields[..first], bytes, .. fields[first..]],
        };
    }

    private static byte[] Edge(byte[] field, ulong edge, int kind) => field.Length switch
    {
        sizeof(uint) => U32(kind == 2 ? BinaryPrimitives.ReadUInt32LittleEndian(field) + (uint)edge : (uint)edge),
        sizeof(ulong) => U64(kind == 2 ? BinaryPrimitives.ReadUInt64LittleEndian(field) + edge : edge),
        _ => [.. field.Select(one => (byte)(one ^ edge))],
    };

    private static byte[][] Text(string text) => [U64((ulong)Encoding.UTF8.GetByteCount(text)), Encoding.UTF8.GetBytes(text)];

    private static byte[] U32(uint value) => BitConverter.GetBytes(value);

    private static byte[] U64(ulong value) => BitConverter.GetBytes(value);
}
