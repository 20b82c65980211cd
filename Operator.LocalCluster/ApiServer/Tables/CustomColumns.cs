using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>The additionalPrinterColumns of a CustomResourceDefinition; without any, the age.</summary>
internal static class CustomColumns
{
    public static IReadOnlyList<TableColumn> Of(IReadOnlyList<JsonObject> printed) =>
        printed.Count == 0
            ? [TableColumns.Name, new("Age", "date", (o, now) => Date(o.Metadata.Text("creationTimestamp"), now))]
            : [TableColumns.Name, .. printed.Select(Of)];

    private static TableColumn Of(JsonObject column)
    {
        var type = column.Text("type") ?? "string";
        var path = JsonPath.Parse(column.Text("jsonPath") ?? "");
        return new(column.Text("name") ?? "", type, (o, now) => Cell(path.Find(o), type, now))
        {
            Format = column.Text("format") ?? "",
            Description = column.Text("description") ?? "",
            Priority = column.Number("priority") ?? 0,
        };
    }

    // A value of another type than the column's is not shown; several values are, as text.
    private static JsonNode? Cell(IReadOnlyList<JsonNode?> found, string type, DateTimeOffset now)
    {
        if (found.Count == 0 || found[0] is not { } value) return null;
        switch (type)
        {
            case "integer":
                return ApiObject.AsNumber(value);
            case "number":
                return value is JsonValue n && n.TryGetValue(out double number) ? number : null;
            case "boolean":
                return value is JsonValue b && b.TryGetValue(out bool flag) ? flag : null;
            case "date":
                return value is JsonValue d && d.TryGetValue(out string? date) ? Date(date, now) : null;
            default:
                return string.Join(' ', found.Select(Text));
        }
    }

    private static string Text(JsonNode? value) => value is JsonValue v && v.TryGetValue(out string? text) ? text : value?.ToJsonString() ?? "";

    private static string Date(string? timestamp, DateTimeOffset now) => Timestamps.Parse(timestamp) is { } at ? HumanDuration.Of(now - at) : "<invalid>";
}
