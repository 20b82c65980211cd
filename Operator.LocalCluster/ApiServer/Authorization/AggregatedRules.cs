using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>The rules of a role: its own, or those of the cluster roles that its aggregationRule selects, which may be aggregated themselves.</summary>
internal static class AggregatedRules
{
    public static IEnumerable<JsonObject> Of(JsonObject role, Func<IEnumerable<JsonObject>> clusterRoles)
    {
        // Each once: two may select each other.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Add(role);

        IEnumerable<JsonObject> Add(JsonObject part)
        {
            if (part.At("aggregationRule", "clusterRoleSelectors") is not JsonArray selectors) return part.Objects("rules");
            if (!seen.Add(part.Name)) return [];
            var chosen = selectors.OfType<JsonObject>().Select(s => LabelSelector.From(s)).OfType<LabelSelector>().ToList();
            return clusterRoles().Where(r => chosen.Any(s => s.Matches(r.Labels))).SelectMany(Add);
        }
    }
}
