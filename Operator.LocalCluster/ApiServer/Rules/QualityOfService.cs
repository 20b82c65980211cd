using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A pod's QoS class, by the documented rules over cpu and memory of all containers.</summary>
internal static class QualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(JsonObject pod)
    {
        bool guaranteed = true, bestEffort = true;
        foreach (var container in pod.Objects("spec", "initContainers").Concat(pod.Objects("spec", "containers")))
        {
            foreach (var resource in Counted)
            {
                var request = container.At("resources", "requests", resource)?.ToString();
                var limit = container.At("resources", "limits", resource)?.ToString();
                bestEffort &= IsNothing(request) && IsNothing(limit);
                guaranteed &= limit is not null && (request is null || Same(request, limit));
            }
        }

        return bestEffort ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static bool IsNothing(string? quantity) => quantity is null || Same(quantity, "0");

    private static bool Same(string left, string right) => left == right
        || (Quantity.TryParse(left, out var l) && Quantity.TryParse(right, out var r) && l.CompareTo(r) == 0);
}
