using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Who says how many pods there are: the service, or an autoscaler that has taken the Deployment's replicas over.</summary>
internal static class ReplicaOwnership
{
    /// <summary>The replicas that the service asks for.</summary>
    public static int Asked(InferenceService service) => service.Spec.Replicas ?? InferenceServiceDefaults.Replicas;

    /// <summary>The replicas to apply; null leaves them to their autoscaler. A service that is to stop is stopped.</summary>
    public static int? ToSend(InferenceService service, V1Deployment? observed) =>
        Asked(service) is var asked && asked > 0 && Autoscaler(observed) is not null ? null : asked;

    /// <summary>The replicas that are wanted, whoever wants them.</summary>
    public static int Wanted(InferenceService service, V1Deployment? observed) =>
        ToSend(service, observed) ?? observed?.Spec.Replicas ?? Asked(service);

    /// <summary>The manager that scales the Deployment by itself; null if there is none.</summary>
    /// <remarks>Autoscalers write through the subresource scale, or by applies of their own. <c>kubectl scale</c> does the former once; that is drift, and is mended.</remarks>
    public static string? Autoscaler(V1Deployment? observed) =>
        FieldOwners.Others(observed, FieldManagers.Operator)
            .FirstOrDefault(o => (o.Subresource == "scale" || o.Operation == "Apply") && o.Owns("spec", "replicas") && !o.Manager.StartsWith("kubectl", StringComparison.Ordinal))
            ?.Manager;
}
