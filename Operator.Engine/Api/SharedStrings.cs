using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Decodes strings so that equal ones are mostly one: objects of a cluster say the same few words over and over, as labels, as reasons, as names of
/// resources, and a store would keep each of them once per object.
/// </summary>
internal sealed class SharedStrings : JsonConverter<string>
{
    // Longer ones are seldom met twice.
    private const int Longest = 64;
    private const int Slots = 1 << 12;

    // By hash, the newest wins. Read and written without a lock: a race costs a second string.
    private readonly string?[] _known = new string?[Slots];

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : Share(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Share(ref reader);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private string Share(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > Longest) return reader.GetString()!;
        ref var slot = ref _known[Hash(reader.ValueSpan) % Slots];
        return slot is { } known && reader.ValueTextEquals(known) ? known : slot = reader.GetString()!;
    }

    // FNV-1a.
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes) hash = (hash ^ b) * 16777619;
        return hash;
    }
}
