using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Sets hold no value twice, list maps no key twice.</summary>
internal static class UniqueListEntries
{
    public static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    if (schema.Properties.TryGetValue(name, out var property))
                    {
                        Check(value, property, path is "" ? name : $"{path}.{name}", errors);
                    }
                    else if (schema.AdditionalProperties is { } additional)
                    {
                        Check(value, additional, $"{path}[{name}]", errors);
                    }
                }

                break;
            case JsonArray elements:
                CheckOwn(elements, schema, path, errors);
                for (var index = 0; schema.Items is { } items && index < elements.Count; index++)
                {
                    Check(elements[index], items, $"{path}[{index}]", errors);
                }

                break;
        }
    }

    private static void CheckOwn(JsonArray elements, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.ListKind is ListKind.Atomic)
        {
            return;
        }

        var seen = new Dictionary<string, int>();
        for (var index = 0; index < elements.Count; index++)
        {
            var element = elements[index];
            if (schema.ListKind is ListKind.Map && element is not (null or JsonObject))
            {
                errors.Add(FieldError.Invalid($"{path}[{index}]", element, "must be an object for an array of list-type map"));
                return;
            }
        }

        for (var index = 0; index < elements.Count; index++)
        {
            var value = schema.ListKind is ListKind.Set ? elements[index] : Keys(elements[index], schema);
            var key = JsonNodes.Canonical(value);
            var times = seen[key] = seen.GetValueOrDefault(key) + 1;

            // The third of a kind adds nothing to what the second said.
            if (times is 2)
            {
                errors.Add(FieldError.Duplicate($"{path}[{index}]", value));
            }
        }
    }

    private static JsonObject Keys(JsonNode? element, Schema schema)
    {
        var keys = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if (element is JsonObject fields && fields.TryGetPropertyValue(name, out var value))
            {
                keys[name] = value.Copy();
            }
        }

        return keys;
    }
}
