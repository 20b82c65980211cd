using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the PodDisruptionBudget that lets a drain take one pod at a time; for services of more than one pod (a single one would block every drain).</summary>
internal static class DisruptionBudgetBuilder
{
    /// <summary>The budget as it should be.</summary>
    /// <param name="service">The service.</param>
    /// <param name="isTied">
    /// True if a claim ties the pods to one node. None of them can run elsewhere while another is left, so that a drain of the node that had to take them one by one would
    /// never end.
    /// </param>
    public static V1PodDisruptionBudget Build(InferenceService service, bool isTied = false) => new()
    {
        ApiVersion = "policy/v1",
        Kind = V1PodDisruptionBudget.KubeKind,
        Metadata = ServiceChild.Metadata(service, ServiceNames.Child(service.Metadata.Name)),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = isTied ? "100%" : 1,

            // A pod that serves nobody is no loss, and must not hold up a drain until it does.
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
            Selector = new V1LabelSelector { MatchLabels = ServiceNames.Selector(service.Metadata.Name) },
        },
    };
}
