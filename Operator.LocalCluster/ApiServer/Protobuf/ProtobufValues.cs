using System.Globalization;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Protobuf;

/// <summary>Messages that are single values in JSON: times, quantities, numbers that may be texts.</summary>
internal static class ProtobufValues
{
    public static JsonNode? Of(ReadOnlySpan<byte> bytes, string type)
    {
        var reader = new ProtobufReader(bytes);
        long first = 0, second = 0;
        var text = "";
        ReadOnlySpan<byte> raw = [];
        while (!reader.AtEnd)
        {
            var (number, wireType) = reader.Tag();
            switch (number, wireType)
            {
                case (1, 0):
                    first = (long)reader.Varint();
                    break;
                case (2, 0):
                    second = (long)reader.Varint();
                    break;
                case (1 or 3, 2):
                    raw = reader.Bytes();
                    text = System.Text.Encoding.UTF8.GetString(raw);
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        return type switch
        {
            "quantity" => text.Length == 0 ? null : text,
            "intOrString" => first == 0 ? second : text,
            "time" => bytes.IsEmpty ? null : Timestamps.Format(DateTimeOffset.FromUnixTimeSeconds(first)),
            "microTime" => bytes.IsEmpty ? null : Micro(first, second),
            "duration" => text,
            _ => raw.IsEmpty ? null : ObjectReader.Parse(raw),
        };
    }

    /// <summary>Whether a field of this value would be left out if nobody had set it.</summary>
    public static bool IsZero(JsonNode value) => value switch
    {
        JsonObject json => json.Count == 0,
        JsonArray list => list.Count == 0,
        JsonValue v when v.TryGetValue(out string? text) => text.Length == 0,
        JsonValue v when v.TryGetValue(out bool flag) => !flag,
        _ => ApiObject.AsNumber(value) == 0,
    };

    private static string Micro(long seconds, long nanos) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
