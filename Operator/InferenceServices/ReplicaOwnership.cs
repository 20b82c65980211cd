using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Who says how many pods there are: the service, or an autoscaler or <c>kubectl scale</c> that has taken the Deployment's replicas over.</summary>
internal static class ReplicaOwnership
{
    /// <summary>The replicas that the service asks for.</summary>
    public static int Asked(InferenceService service) => service.Spec.Replicas ?? InferenceServiceDefaults.Replicas;

    /// <summary>The replicas to apply; null leaves them to their other owner. A service that is to stop is stopped.</summary>
    public static int? ToSend(InferenceService service, V1Deployment? observed) =>
        Asked(service) is var asked && asked > 0 && ScaledByAnother(observed) ? null : asked;

    /// <summary>The replicas that are wanted, whoever wants them.</summary>
    public static int Wanted(InferenceService service, V1Deployment? observed) =>
        ToSend(service, observed) ?? observed?.Spec.Replicas ?? Asked(service);

    // Whoever wrote the pod template as well wrote the whole object (an older operator): that is no scaler.
    private static bool ScaledByAnother(V1Deployment? observed) =>
        FieldOwners.Others(observed, FieldManagers.Operator).Any(fields =>
            FieldOwners.Has(fields, "spec", "replicas") && !FieldOwners.Has(fields, "spec", "template", "spec", "containers"));
}
