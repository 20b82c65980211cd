using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>Status objects that are no refusals.</summary>
internal static class Statuses
{
    public static JsonObject Success() => new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };
}
