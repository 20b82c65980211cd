using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>
/// Parses JSON into nodes that are built completely, so that many requests may read them at once.
/// Of a field that is given twice the last value counts, as in Kubernetes; the path is noted.
/// </summary>
internal static class ObjectReader
{
    private const int DeepestNesting = 256;

    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, ICollection<string>? duplicates = null)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DeepestNesting });
            reader.Read();
            var node = Read(ref reader, "", duplicates);
            if (reader.Read()) throw new JsonException("more than one value");
            return node;
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest($"couldn't parse the body as JSON: {e.Message}");
        }
    }

    public static JsonNode? Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    private static JsonNode? Read(ref Utf8JsonReader reader, string path, ICollection<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var json = new JsonObject();
                while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    var below = path.Length == 0 ? name : $"{path}.{name}";
                    reader.Read();
                    if (json.ContainsKey(name)) duplicates?.Add(below);
                    json[name] = Read(ref reader, duplicates is null ? "" : below, duplicates);
                }

                return json;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
                {
                    list.Add(Read(ref reader, duplicates is null ? "" : $"{path}[{list.Count}]", duplicates));
                }

                return list;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            case JsonTokenType.Number:
                // Backed by an element: such a number reads as int, long or double alike.
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
            default:
                return null;
        }
    }
}
