using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>JSON as it came. A <see cref="JsonElement"/> needs two and a half times its room.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal sealed record RawJson(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>
    /// Reads <c>fieldsV1</c> of managed fields so. It is often larger than the rest of an object, and hardly ever looked into: who does serializes it,
    /// whatever it is.
    /// </summary>
    public static void UseForFieldSets(JsonTypeInfo type)
    {
        if (type.Type != typeof(V1ManagedFieldsEntry)) return;
        type.Properties.Single(p => p.Name == "fieldsV1").CustomConverter = new FieldSetConverter();
    }

    private static RawJson Read(ref Utf8JsonReader reader) => new(JsonMarshal.GetRawUtf8Value(JsonElement.ParseValue(ref reader)).ToArray());

    private sealed class RawJsonConverter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => RawJson.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    private sealed class FieldSetConverter : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => RawJson.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
    }
}
