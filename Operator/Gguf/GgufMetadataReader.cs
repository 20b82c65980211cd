using System.Globalization;

namespace LlmKube.Operator.Gguf;

/// <summary>Reads the key-value section and keeps the few pairs that the operator tells about.</summary>
internal sealed class GgufMetadataReader(GgufInput input)
{
    private const string AlignmentKey = "general.alignment";
    private const uint DefaultAlignment = 32;

    // The architecture, which prefixes the keys of its own, need not come first: keep what ends like one of them.
    private static readonly string[] Suffixes =
    [
        ".context_length", ".embedding_length", ".block_count", ".vocab_size", ".attention.head_count", ".attention.head_count_kv",
        ".attention.key_length", ".attention.value_length", ".attention.sliding_window", PatternSuffix,
    ];

    private const string PatternSuffix = ".attention.sliding_window_pattern";
    private const string TokensKey = "tokenizer.ggml.tokens";

    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, long> _numbers = [];
    private readonly Dictionary<string, IReadOnlyList<long>> _lists = [];
    private readonly HashSet<string> _otherCaches = [];

    /// <summary>The alignment of tensor data, in bytes.</summary>
    public uint Alignment { get; private set; } = DefaultAlignment;

    /// <summary>The length of the tokenizer's list.</summary>
    public long? TokenCount { get; private set; }

    /// <summary>What tells that the model's cache does not hold keys and values of each token; null: nothing does.</summary>
    public string? OtherCache => Text("general.architecture") is not { } architecture ? null
        : GgufCache.Without.Contains(architecture) ? architecture
        : _otherCaches.Where(k => k.StartsWith(architecture + ".", StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();

    public string? Text(string key) => _texts.GetValueOrDefault(key);

    public long? Number(string key) => _numbers.TryGetValue(key, out var number) ? number : null;

    /// <summary>A number whose key begins with the architecture's name.</summary>
    public long? OfArchitecture(string suffix) => Text("general.architecture") is { } architecture ? Number($"{architecture}.{suffix}") : null;

    /// <summary>The first <see cref="GgufLimits.Layers"/> entries of an array whose key begins with the architecture's name.</summary>
    public IReadOnlyList<long>? LayersOfArchitecture(string suffix) =>
        Text("general.architecture") is { } architecture ? _lists.GetValueOrDefault($"{architecture}.{suffix}") : null;

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
            case GgufValueType.Array when key is TokensKey:
                TokenCount = SkipArray(key, depth: 1);
                break;
            case GgufValueType.Bool when key.EndsWith(GgufCache.CausalSuffix, StringComparison.Ordinal):
                if (input.Byte() == 0) KeepOther(key);
                break;
            case var _ when GgufCache.OtherSuffixes.Any(s => key.EndsWith(s, StringComparison.Ordinal)):
                if (!IsInteger(type)) Skip(key, type, depth: 0);
                if (!IsInteger(type) || Bits(type) != 0) KeepOther(key);
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
        key is "general.file_type" or AlignmentKey or "split.no" or "split.count" or "split.tensors.count" || Suffixes.Any(s => key.EndsWith(s, StringComparison.Ordinal));

    private static void Keep<T>(Dictionary<string, T> kept, string key, T value)
    {
        if (kept.Count >= GgufLimits.Kept) throw new GgufException($"more than {GgufLimits.Kept} keys like {Shown(key)}");
        if (!kept.TryAdd(key, value)) throw new GgufException($"the key {Shown(key)} is there twice");
    }

    // More keys than are kept can't be of one architecture.
    private void KeepOther(string key)
    {
        if (_otherCaches.Count < GgufLimits.Kept) _otherCaches.Add(key);
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
        var value = Bits(type);
        return value >= 0 ? value : throw new GgufException($"{Shown(key)} is negative or beyond 63 bits");
    }

    private long Bits(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Bool => input.Byte(),
        GgufValueType.Int8 => (sbyte)input.Byte(),
        GgufValueType.UInt16 => input.UInt16(),
        GgufValueType.Int16 => (short)input.UInt16(),
        GgufValueType.UInt32 => input.UInt32(),
        GgufValueType.Int32 => (int)input.UInt32(),
        _ => unchecked((long)input.UInt64()),
    };

    // Some architectures give head counts layer by layer, and which layers have a window.
    private long Largest(string key)
    {
        var type = ReadType(key);
        var isFlags = type is GgufValueType.Bool && key.EndsWith(PatternSuffix, StringComparison.Ordinal);
        if (!IsInteger(type) && !isFlags) throw new GgufException($"{Shown(key)} is an array of {type}, not of integers");
        var count = input.Count($"items of {Shown(key)}", GgufLimits.HeaderBytes, GgufTypes.FixedSize(type)!.Value);
        var (largest, first) = (0L, new List<long>((int)Math.Min(count, GgufLimits.Layers)));
        for (var i = 0L; i < count; i++)
        {
            var item = Integer(key, type);
            largest = Math.Max(largest, item);
            if (i < GgufLimits.Layers) first.Add(item);
        }

        Keep(_lists, key, first);
        return largest;
    }

    private void Skip(string key, GgufValueType type, int depth)
    {
        if (GgufTypes.FixedSize(type) is { } size) input.Skip(size);
        else if (type is GgufValueType.String) input.SkipText();
        else SkipArray(key, depth + 1);
    }

    private long SkipArray(string key, int depth)
    {
        if (depth > GgufLimits.Nesting) throw new GgufException($"{Shown(key)} holds arrays nested more than {GgufLimits.Nesting} deep");
        var type = ReadType(key);
        var size = GgufTypes.FixedSize(type);
        var leastSize = size ?? (type is GgufValueType.String ? sizeof(ulong) : sizeof(uint) + sizeof(ulong));
        var count = input.Count($"items of {Shown(key)}", GgufLimits.HeaderBytes, leastSize);
        if (size is { } each)
        {
            input.Skip(count * each);
            return count;
        }

        for (var i = 0L; i < count; i++) Skip(key, type, depth);
        return count;
    }

    // Hostile keys don't flood a message.
    private static string Shown(string key) => key.Length <= 64 ? key : key[..64] + "...";
}
