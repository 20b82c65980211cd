using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Protobuf;

/// <summary>
/// Reads bodies of built-in kinds in protobuf, which clients of Kubernetes' own Go library send (kubectl create, kubectl auth
/// can-i) whatever the server offers. Answers are always JSON, which they accept.
/// </summary>
internal static class ProtobufDecoder
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";
    private const int DeepestNesting = 100;

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static JsonObject Decode(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic)) throw ApiException.BadRequest("the provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        var envelope = new ProtobufReader(body[Magic.Length..]);
        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = [];
        while (!envelope.AtEnd)
        {
            var (number, wireType) = envelope.Tag();
            if (number == 1 && wireType == 2) (apiVersion, kind) = Type(envelope.Bytes());
            else if (number == 2 && wireType == 2) raw = envelope.Bytes();
            else envelope.Skip(wireType);
        }

        var message = ProtobufMessages.Name(apiVersion, kind);
        if (kind is "DeleteOptions") message = "meta/v1.DeleteOptions";
        if (ProtobufMessages.Find(message) is null) throw ApiException.UnsupportedMediaType(["application/json", "application/yaml"]);
        var json = Message(raw, message, 0);
        json.Insert(0, "apiVersion", apiVersion);
        json.Insert(1, "kind", kind);
        return json;
    }

    private static (string ApiVersion, string Kind) Type(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        var (apiVersion, kind) = ("", "");
        while (!reader.AtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (number == 1 && wireType == 2) apiVersion = reader.Text();
            else if (number == 2 && wireType == 2) kind = reader.Text();
            else reader.Skip(wireType);
        }

        return (apiVersion, kind);
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, string name, int depth)
    {
        if (depth > DeepestNesting) throw ApiException.BadRequest("the protobuf body is nested too deeply");
        var fields = ProtobufMessages.Find(name)!;
        var json = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (!reader.AtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (fields.TryGetValue(number, out var field)) Add(json, field, ref reader, wireType, depth);
            else reader.Skip(wireType);
        }

        return json;
    }

    private static void Add(JsonObject json, ProtobufField field, ref ProtobufReader reader, int wireType, int depth)
    {
        if (field.IsMap)
        {
            var (key, value) = Entry(reader.Bytes(), field, depth);
            json.Ensure(field.Name)[key] = value;
            return;
        }

        var item = Value(ref reader, wireType, field.Type, depth);
        if (field.IsList)
        {
            if (json[field.Name] is not JsonArray list) json[field.Name] = list = [];
            list.Add(item);
        }
        else if (field.IsInline && item is JsonObject inline)
        {
            foreach (var (name, value) in inline.ToList())
            {
                inline.Remove(name);
                json[name] = value;
            }
        }
        else if (item is not null && (field.TellsZero || !ProtobufValues.IsZero(item)))
        {
            json[field.Name] = item;
        }
    }

    private static (string Key, JsonNode? Value) Entry(ReadOnlySpan<byte> bytes, ProtobufField field, int depth)
    {
        var reader = new ProtobufReader(bytes);
        var key = "";
        JsonNode? value = null;
        while (!reader.AtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (number == 1) key = reader.Text();
            else if (number == 2) value = field.IsList ? Items(reader.Bytes()) : Value(ref reader, wireType, field.Type, depth);
            else reader.Skip(wireType);
        }

        return (key, value ?? (field.Type is "string" or "bytes" ? "" : null));
    }

    // A list within a map lies in a message whose first field repeats.
    private static JsonArray Items(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        var list = new JsonArray();
        while (!reader.AtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (number == 1) list.Add(reader.Text());
            else reader.Skip(wireType);
        }

        return list;
    }

    private static JsonNode? Value(ref ProtobufReader reader, int wireType, string type, int depth)
    {
        switch (type)
        {
            case "string":
                return reader.Text();
            case "bool":
                return reader.Varint() != 0;
            case "int32" or "int64":
                return (long)reader.Varint();
            case "double":
                return reader.Double();
            case "bytes":
                return Convert.ToBase64String(reader.Bytes());
            case "quantity" or "intOrString" or "time" or "microTime" or "fields" or "raw" or "duration":
                return ProtobufValues.Of(reader.Bytes(), type);
            default:
                if (wireType != 2) throw ApiException.BadRequest("the protobuf body is malformed");
                return Message(reader.Bytes(), type, depth + 1);
        }
    }
}
