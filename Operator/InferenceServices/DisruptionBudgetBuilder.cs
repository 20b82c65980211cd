using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the PodDisruptionBudget that lets a drain take one pod at a time; for services of more than one pod (a single one would block every drain).</summary>
internal static class DisruptionBudgetBuilder
{
    /// <summary>The budget as it should be.</summary>
    public static V1PodDisruptionBudget Build(InferenceService service) => new()
    {
        ApiVersion = "policy/v1",
        Kind = V1PodDisruptionBudget.KubeKind,
        Metadata = ServiceChild.Metadata(service, ServiceNames.Child(service.Metadata.Name)),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = 1,
            Selector = new V1LabelSelector { MatchLabels = ServiceNames.Selector(service.Metadata.Name) },
        },
    };
}
