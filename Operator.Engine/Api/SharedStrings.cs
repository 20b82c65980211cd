using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Decodes strings so that equal ones are mostly one: objects of a cluster say the same few words over and over, as labels, as reasons, as names of
/// resources, and a store would keep each of them once per object. So it is with the few long texts in them, such as a script.
/// </summary>
internal sealed class SharedStrings : JsonConverter<string>
{
    // In bytes. Names and words; a text beyond the second is seldom met twice.
    private const int LongestWord = 64;
    private const int LongestText = 4096;

    private readonly LatelyMet<string> _words = new(2048);
    private readonly LatelyMet<string> _texts = new(32);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : Share(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Share(ref reader);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private string Share(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueSpan.Length > LongestText) return reader.GetString()!;
        var shelf = (reader.ValueSpan.Length > LongestWord ? _texts : _words).ShelfOf(reader.ValueSpan);
        if (shelf[0] is { } last && reader.ValueTextEquals(last)) return last;
        return LatelyMet<string>.Put(shelf, shelf[1] is { } other && reader.ValueTextEquals(other) ? other : reader.GetString()!);
    }
}
