using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// The <c>fieldsV1</c> of managed fields, as it came: a <see cref="JsonElement"/> needs two and a half times its room. It is often larger than the rest of an object,
/// and hardly ever looked into; who does serializes it, whatever it is. Each member is kept by itself, since what a program owns of the specs that it writes is
/// mostly the same in all of them, and then kept once.
/// </summary>
/// <param name="Members">Name and JSON of each.</param>
[JsonConverter(typeof(FieldSetConverter))]
internal sealed record FieldSet(IReadOnlyList<KeyValuePair<string, byte[]>> Members)
{
    // In bytes: that of a large pod's spec.
    private const int LongestShared = 8192;

    private static readonly LatelyMet<byte[]> s_known = new(64);

    /// <summary>Has <c>fieldsV1</c> read so.</summary>
    public static void Use(JsonTypeInfo type)
    {
        if (type.Type != typeof(V1ManagedFieldsEntry)) return;
        type.Properties.Single(p => p.Name == "fieldsV1").CustomConverter = new AnyFieldsConverter();
    }

    private static FieldSet Read(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("fieldsV1 is no object.");
        var names = (JsonConverter<string>)options.GetConverter(typeof(string));
        var members = new List<KeyValuePair<string, byte[]>>(2);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = names.ReadAsPropertyName(ref reader, typeof(string), options);
            reader.Read();
            members.Add(new(name, Share(JsonMarshal.GetRawUtf8Value(JsonElement.ParseValue(ref reader)))));
        }

        return new(members);
    }

    private static byte[] Share(ReadOnlySpan<byte> json)
    {
        if (json.Length > LongestShared) return json.ToArray();
        var shelf = s_known.ShelfOf(json);
        if (shelf[0] is { } last && json.SequenceEqual(last)) return last;
        return LatelyMet<byte[]>.Put(shelf, shelf[1] is { } other && json.SequenceEqual(other) ? other : json.ToArray());
    }

    private sealed class FieldSetConverter : JsonConverter<FieldSet>
    {
        public override FieldSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FieldSet.Read(ref reader, options);

        public override void Write(Utf8JsonWriter writer, FieldSet value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, json) in value.Members)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(json, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }
    }

    private sealed class AnyFieldsConverter : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FieldSet.Read(ref reader, options);

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
    }
}
