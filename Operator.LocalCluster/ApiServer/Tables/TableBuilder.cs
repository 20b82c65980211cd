using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>Shows objects as a meta.k8s.io/v1 Table, which is what kubectl get prints.</summary>
internal static class TableBuilder
{
    /// <param name="include">What each row carries of its object: None, Metadata or Object.</param>
    /// <param name="columns">Whether the columns are described; a watch does so once.</param>
    public static JsonObject Build(ResourceDefinition resource, IEnumerable<JsonObject> objects, TimeProvider time, JsonObject metadata, string include, bool columns = true)
    {
        var table = TableColumns.Of(resource);
        var now = time.GetUtcNow();
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = columns ? ApiObject.List(table.Select(c => c.Definition())) : null,
            ["rows"] = ApiObject.List(objects.Select(o => new JsonObject
            {
                ["cells"] = ApiObject.List(table.Select(c => c.Cell(o, now))),
                ["object"] = include switch
                {
                    "None" => null,
                    "Object" => o.DeepClone(),
                    _ => ObjectViews.Metadata(o),
                },
            })),
        };
    }
}
