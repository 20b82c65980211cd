using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>JSON Patch (RFC 6902), all or nothing, with the real server's leniencies: negative list indexes, and a test of an absent field for null.</summary>
internal static class JsonPatch
{
    /// <summary>More operations than this are refused, as on the real server.</summary>
    public const int MostOperations = 10_000;

    /// <exception cref="PatchException">An operation can't be read, does not fit the document, or its test failed.</exception>
    public static JsonNode Apply(JsonNode document, JsonArray operations)
    {
        if (operations.Count > MostOperations)
        {
            throw new PatchException(PatchFailure.Malformed, $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        var result = document.DeepClone();
        foreach (var operation in operations)
        {
            result = Apply(result, operation as JsonObject ?? throw Malformed("a JSON patch is a list of operations, each an object"));
        }

        return result;
    }

    private static JsonNode Apply(JsonNode root, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        return operation["op"].AsText() switch
        {
            "add" => Add(root, path, Value(operation).Copy(), "add"),
            "remove" => Remove(root, path, "remove"),
            "replace" => Replace(root, path, Value(operation).Copy()),
            "move" => Move(root, Pointer(operation, "from"), path),
            "copy" => Add(root, path, Existing(root, Pointer(operation, "from"), "copy").Copy(), "copy"),
            "test" => Test(root, path, operation["value"]),
            var other => throw Malformed($"Unexpected kind: {other ?? "unknown"}"),
        };
    }

    private static JsonNode Add(JsonNode root, JsonPointer path, JsonNode? value, string name)
    {
        if (path.IsRoot)
        {
            return value ?? throw DoesNotFit(name, path);
        }

        switch (path.Parent(root))
        {
            case JsonObject fields:
                fields[path.Last] = value;
                return root;
            case JsonArray elements when path.Last is "-":
                elements.Add(value);
                return root;
            case JsonArray elements when JsonPointer.Index(path.Last, elements.Count + 1) is { } index && index >= 0 && index <= elements.Count:
                elements.Insert(index, value);
                return root;
            default:
                throw DoesNotFit(name, path);
        }
    }

    private static JsonNode Remove(JsonNode root, JsonPointer path, string name)
    {
        if (path.IsRoot)
        {
            throw DoesNotFit(name, path);
        }

        switch (path.Parent(root))
        {
            case JsonObject fields when fields.Remove(path.Last):
                return root;
            case JsonArray elements when JsonPointer.Index(path.Last, elements.Count) is { } index && index >= 0 && index < elements.Count:
                elements.RemoveAt(index);
                return root;
            default:
                throw DoesNotFit(name, path);
        }
    }

    private static JsonNode Replace(JsonNode root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            return value ?? throw DoesNotFit("replace", path);
        }

        switch (path.Parent(root))
        {
            case JsonObject fields when fields.ContainsKey(path.Last):
                fields[path.Last] = value;
                return root;
            case JsonArray elements when JsonPointer.Index(path.Last, elements.Count) is { } index && index >= 0 && index < elements.Count:
                elements[index] = value;
                return root;
            default:
                throw DoesNotFit("replace", path);
        }
    }

    private static JsonNode Move(JsonNode root, JsonPointer from, JsonPointer path)
    {
        if (from.IsProperPrefixOf(path))
        {
            throw DoesNotFit("move", path);
        }

        var value = Existing(root, from, "move").Copy();
        return Add(Remove(root, from, "move"), path, value, "move");
    }

    private static JsonNode Test(JsonNode root, JsonPointer path, JsonNode? expected) =>
        JsonNodes.Same(path.Find(root, out _), expected)
            ? root
            : throw new PatchException(PatchFailure.Inapplicable, $"testing value {path} failed: test failed");

    private static JsonNode? Existing(JsonNode root, JsonPointer from, string name)
    {
        var value = from.Find(root, out var found);
        return found ? value : throw DoesNotFit(name, from);
    }

    private static JsonPointer Pointer(JsonObject operation, string name) =>
        JsonPointer.Parse(operation[name].AsText() ?? throw Malformed($"operation lacks {name}: a string such as /spec/replicas"));

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value : throw Malformed("operation lacks a value");

    private static PatchException Malformed(string message) => new(PatchFailure.Malformed, message);

    private static PatchException DoesNotFit(string name, JsonPointer path) =>
        new(PatchFailure.Inapplicable, $"{name} operation does not apply: doc is missing path: {GoText.Quote(path.ToString())}: missing value");
}
