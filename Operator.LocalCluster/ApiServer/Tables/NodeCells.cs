using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>What kubectl shows of a node.</summary>
internal static class NodeCells
{
    private const string RoleLabel = "node-role.kubernetes.io/";

    public static string Status(JsonObject node)
    {
        var ready = node.Objects("status", "conditions").FirstOrDefault(c => c.Text("type") is "Ready");
        var status = ready is null ? "Unknown" : ready.Text("status") is "True" ? "Ready" : "NotReady";
        return node.Flag("spec", "unschedulable") ? $"{status},SchedulingDisabled" : status;
    }

    public static string Roles(JsonObject node) => BuiltInColumns.None(string.Join(',', node.Labels.Keys
        .Where(l => l.StartsWith(RoleLabel, StringComparison.Ordinal) && l.Length > RoleLabel.Length).Select(l => l[RoleLabel.Length..]).Order(StringComparer.Ordinal)));
}
