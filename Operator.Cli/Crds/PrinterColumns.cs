using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>The columns of <c>kubectl get</c>: those that the class names, in its order, then those of single properties.</summary>
internal static class PrinterColumns
{
    public static JsonArray Of(Type entity, JsonObject schema)
    {
        var columns = new JsonArray();
        foreach (var attribute in entity.SchemaAttributes("GenericAdditionalPrinterColumn"))
        {
            columns.Add((JsonNode)Column(
                attribute.Value<string>("name")!,
                attribute.Value<string>("type")!,
                attribute.Value<string>("jsonPath")!,
                attribute.Number("Priority"),
                attribute.Value<string>("Description"),
                attribute.Value<string>("Format")));
        }

        AddFrom(columns, entity, schema, string.Empty);
        return columns;
    }

    private static void AddFrom(JsonArray columns, Type type, JsonObject schema, string path)
    {
        if (schema["properties"] is not JsonObject properties) return;
        foreach (var property in SchemaBuilder.Serialised(type))
        {
            var name = SchemaBuilder.NameOf(property);
            if (properties[name] is not JsonObject field || KubernetesTypes.IsKubernetes(property.PropertyType)) continue;
            if (property.SchemaAttribute("AdditionalPrinterColumn") is { } attribute)
            {
                var description = property.SchemaAttribute("Description")?.Value<string>("description");
                columns.Add((JsonNode)Column(
                    attribute.Value<string>("name") ?? name, ColumnType(field), $"{path}.{name}", attribute.Number("priority"), description, null));
            }

            AddFrom(columns, property.PropertyType, field, $"{path}.{name}");
        }
    }

    private static string ColumnType(JsonObject field) => (string?)field["type"] switch
    {
        "string" when (string?)field["format"] == "date-time" => "date",
        "integer" or "number" or "boolean" => (string)field["type"]!,
        _ => "string",
    };

    private static JsonObject Column(string name, string type, string jsonPath, int priority, string? description, string? format)
    {
        var column = new JsonObject { ["name"] = name, ["type"] = type };
        if (format is not null) column["format"] = format;
        if (description is not null) column["description"] = description;
        if (priority != 0) column["priority"] = priority;
        column["jsonPath"] = jsonPath;
        return column;
    }
}
