using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>The columns of a resource.</summary>
internal static class TableColumns
{
    public static IReadOnlyList<TableColumn> Of(ResourceDefinition resource) =>
        resource.PrinterColumns is { } printed ? CustomColumns.Of(printed) : [Name, .. BuiltInColumns.Of(resource.Kind)];

    public static TableColumn Name { get; } = new("Name", "string", (o, _) => o.Name)
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    public static TableColumn Age { get; } = new("Age", "string", (o, now) => Since(o.Metadata.Text("creationTimestamp"), now))
    {
        Description = "CreationTimestamp is a timestamp representing the server time when this object was created.",
    };

    public static string Since(string? timestamp, DateTimeOffset now) => Timestamps.Parse(timestamp) is { } at ? HumanDuration.Of(now - at) : "<unknown>";
}
