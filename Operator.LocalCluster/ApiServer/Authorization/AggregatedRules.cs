using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>The rules of a role: its own, or those of the cluster roles that its aggregationRule selects.</summary>
internal static class AggregatedRules
{
    public static IEnumerable<JsonObject> Of(JsonObject role, Func<IEnumerable<JsonObject>> clusterRoles)
    {
        if (role.At("aggregationRule", "clusterRoleSelectors") is not JsonArray selectors) return role.Objects("rules");
        var chosen = selectors.OfType<JsonObject>().Select(s => LabelSelector.From(s)).OfType<LabelSelector>().ToList();
        return clusterRoles().Where(r => r.Name != role.Name && chosen.Any(s => s.Matches(r.Labels))).SelectMany(r => r.Objects("rules"));
    }
}
