using System.Globalization;

namespace LlmKube.Operator.Gguf;

/// <summary>Reads the key-value section and keeps the few pairs that the operator tells about.</summary>
internal sealed class GgufMetadataReader(GgufInput input)
{
    private const string AlignmentKey = "general.alignment";
    private const uint DefaultAlignment = 32;

    // The architecture, which prefixes the keys of its own, need not come first: keep what ends like one of them.
    private static readonly string[] Suffixes =
        [".context_length", ".embedding_length", ".block_count", ".attention.head_count", ".attention.head_count_kv"];

    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, long> _numbers = [];

    /// <summary>The alignment of tensor data, in bytes.</summary>
    public uint Alignment { get; private set; } = DefaultAlignment;

    public string? Text(string key) => _texts.GetValueOrDefault(key);

    public long? Number(string key) => _numbers.TryGetValue(key, out var number) ? number : null;

    /// <summary>A number whose key begins with the architecture's name.</summary>
    public long? OfArchitecture(string suffix) => Text("general.architecture") is { } architecture ? Number($"{architecture}.{suffix}") : null;

    public void Read(long pairs)
    {
        for (var i = 0L; i < pairs; i++)
        {
            var key = input.Name("a key");
            ReadPair(key, ReadType(key));
        }

        var alignment = Number(AlignmentKey) ?? DefaultAlignment;
        if (alignment is < 1 or > 1 << 20 || !long.IsPow2(alignment)) throw new GgufException($"{AlignmentKey} is {alignment}, not a power of two up to 1 MiB");
        Alignment = (uint)alignment;
    }

    private void ReadPair(string key, GgufValueType type)
    {
        switch (type)
        {
            case GgufValueType.String when key is "general.architecture" or "general.name" or "general.license":
                Keep(_texts, key, input.Text());
                break;
            case GgufValueType.Array when IsNumber(key):
                Keep(_numbers, key, Largest(key));
                break;
            case var _ when IsInteger(type) && IsNumber(key):
                Keep(_numbers, key, Integer(key, type));
                break;
            case GgufValueType.String or GgufValueType.Array when IsNumber(key) || key is "general.architecture" || key is AlignmentKey:
            case var _ when key is "general.architecture" or AlignmentKey:
                throw new GgufException($"{key} has the type {type}, which does not fit it");
            default:
                Skip(key, type, depth: 0);
                break;
        }
    }

    private static bool IsNumber(string key) =>
        key is "general.file_type" or AlignmentKey || Suffixes.Any(s => key.EndsWith(s, StringComparison.Ordinal));

    private static void Keep<T>(Dictionary<string, T> kept, string key, T value)
    {
        if (kept.Count >= GgufLimits.Kept) throw new GgufException($"more than {GgufLimits.Kept} keys like {Shown(key)}");
        if (!kept.TryAdd(key, value)) throw new GgufException($"the key {Shown(key)} is there twice");
    }

    private GgufValueType ReadType(string key)
    {
        var type = input.UInt32();
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw new GgufException(string.Create(CultureInfo.InvariantCulture, $"the value of {Shown(key)} has the unknown type {type}"));
    }

    private static bool IsInteger(GgufValueType type) =>
        type is not (GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool or GgufValueType.String or GgufValueType.Array);

    private long Integer(string key, GgufValueType type)
    {
        var value = type switch
        {
            GgufValueType.UInt8 => input.Byte(),
            GgufValueType.Int8 => (sbyte)input.Byte(),
            GgufValueType.UInt16 => input.UInt16(),
            GgufValueType.Int16 => (short)input.UInt16(),
            GgufValueType.UInt32 => input.UInt32(),
            GgufValueType.Int32 => (int)input.UInt32(),
            _ => unchecked((long)input.UInt64()),
        };
        return value >= 0 ? value : throw new GgufException($"{Shown(key)} is negative or beyond 63 bits");
    }

    // Some architectures give head counts layer by layer.
    private long Largest(string key)
    {
        var type = ReadType(key);
        if (!IsInteger(type)) throw new GgufException($"{Shown(key)} is an array of {type}, not of integers");
        var count = input.Count($"items of {Shown(key)}", GgufLimits.HeaderBytes, GgufTypes.FixedSize(type)!.Value);
        var largest = 0L;
        for (var i = 0L; i < count; i++) largest = Math.Max(largest, Integer(key, type));
        return largest;
    }

    private void Skip(string key, GgufValueType type, int depth)
    {
        if (GgufTypes.FixedSize(type) is { } size) input.Skip(size);
        else if (type is GgufValueType.String) input.SkipText();
        else SkipArray(key, depth + 1);
    }

    private void SkipArray(string key, int depth)
    {
        if (depth > GgufLimits.Nesting) throw new GgufException($"{Shown(key)} holds arrays nested more than {GgufLimits.Nesting} deep");
        var type = ReadType(key);
        var size = GgufTypes.FixedSize(type);
        var leastSize = size ?? (type is GgufValueType.String ? sizeof(ulong) : sizeof(uint) + sizeof(ulong));
        var count = input.Count($"items of {Shown(key)}", GgufLimits.HeaderBytes, leastSize);
        if (size is { } each)
        {
            input.Skip(count * each);
            return;
        }

        for (var i = 0L; i < count; i++) Skip(key, type, depth);
    }

    // Hostile keys don't flood a message.
    private static string Shown(string key) => key.Length <= 64 ? key : key[..64] + "...";
}
