using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>What x-kubernetes-list-type, -list-map-keys and -map-type ask of the schema that carries them.</summary>
internal static class ListAndMapRules
{
    public static void Check(JsonObject schema, string type, string path, List<FieldError> errors)
    {
        CheckMapType(schema, type, path, errors);
        var list = schema["x-kubernetes-list-type"].AsText();
        if (list is not null)
        {
            CheckListType(schema, list, type, path, errors);
        }

        var keys = schema["x-kubernetes-list-map-keys"] as JsonArray ?? [];
        if (keys.Count > 0 && list is not "map")
        {
            errors.Add(list is null
                ? FieldError.Required($"{path}.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty")
                : FieldError.Invalid($"{path}.x-kubernetes-list-type", list, "must be map if x-kubernetes-list-map-keys is non-empty"));
        }

        if (list is "map")
        {
            CheckMapKeys(schema, keys, path, errors);
        }

        if (list is "map" or "set" && schema.At("items", "nullable").AsFlag() is true)
        {
            errors.Add(FieldError.Forbidden($"{path}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {list}"));
        }
    }

    private static void CheckMapType(JsonObject schema, string type, string path, List<FieldError> errors)
    {
        if (schema["x-kubernetes-map-type"].AsText() is not { } map)
        {
            return;
        }

        if (type is not "object")
        {
            errors.Add(WrongType(type, path, "must be object if x-kubernetes-map-type is specified"));
        }

        if (map is not ("atomic" or "granular"))
        {
            errors.Add(FieldError.NotSupported($"{path}.x-kubernetes-map-type", map, ["atomic", "granular"]));
        }
    }

    private static void CheckListType(JsonObject schema, string list, string type, string path, List<FieldError> errors)
    {
        if (type is not "array")
        {
            errors.Add(WrongType(type, path, "must be array if x-kubernetes-list-type is specified"));
        }

        if (list is not ("atomic" or "set" or "map"))
        {
            errors.Add(FieldError.NotSupported($"{path}.x-kubernetes-list-type", list, ["atomic", "set", "map"]));
        }

        var items = schema["items"];
        if (list is "set" && items.At("type").AsText() is "object" && items.At("x-kubernetes-map-type").AsText() is not "atomic")
        {
            errors.Add(FieldError.Invalid($"{path}.items.x-kubernetes-map-type", null, "must be atomic as item of a list with x-kubernetes-list-type=set"));
        }

        if (list is "set" && items.At("type").AsText() is "array" && items.At("x-kubernetes-list-type").AsText() is not (null or "atomic"))
        {
            errors.Add(FieldError.Invalid($"{path}.items.x-kubernetes-list-type", items.At("x-kubernetes-list-type"), "must be atomic as item of a list with x-kubernetes-list-type=set"));
        }
    }

    private static void CheckMapKeys(JsonObject schema, JsonArray keys, string path, List<FieldError> errors)
    {
        if (keys.Count is 0)
        {
            errors.Add(FieldError.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }

        if (schema["items"] is not JsonObject items)
        {
            errors.Add(FieldError.Required($"{path}.items", "must have a schema if x-kubernetes-list-type is map"));
            return;
        }

        if (items["type"].AsText() is not "object")
        {
            errors.Add(FieldError.Invalid($"{path}.items.type", items["type"], "must be object if parent array's x-kubernetes-list-type is map"));
        }

        var required = (items["required"] as JsonArray ?? []).Select(name => name.AsText()).ToHashSet();
        foreach (var key in keys.Select(key => key.AsText() ?? ""))
        {
            var at = $"{path}.items.properties[{key}]";
            if (items.At("properties", key) is not JsonObject property)
            {
                errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", keys, "entries must all be names of item properties"));
                continue;
            }

            if (property["type"].AsText() is "object" or "array")
            {
                errors.Add(FieldError.Invalid($"{at}.type", items["type"], "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            }

            if (!required.Contains(key) && property["default"] is null)
            {
                errors.Add(FieldError.Required($"{at}.default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
            }

            if (property["nullable"].AsFlag() is true)
            {
                errors.Add(FieldError.Forbidden($"{at}.nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
            }
        }

        if (keys.Select(key => key.AsText()).Distinct().Count() < keys.Count)
        {
            errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", keys, "must not contain duplicate entries"));
        }
    }

    private static FieldError WrongType(string type, string path, string problem) => type is ""
        ? FieldError.Required($"{path}.type", problem)
        : FieldError.Invalid($"{path}.type", type, problem);
}
