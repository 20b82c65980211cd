using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Who says how many pods there are: the service, or who has taken the Deployment's replicas over, an autoscaler or a user with <c>kubectl scale</c>.</summary>
internal static class ReplicaOwnership
{
    /// <summary>The replicas that the service asks for.</summary>
    public static int Asked(InferenceService service) => service.Spec.Replicas ?? InferenceServiceDefaults.Replicas;

    /// <summary>What the Deployment remembers of what its service asked for, see <see cref="Annotations.AskedReplicas"/>.</summary>
    public static Dictionary<string, string> Memory(InferenceService service) =>
        new() { [Annotations.AskedReplicas] = Asked(service).ToString(CultureInfo.InvariantCulture) };

    /// <summary>
    /// The replicas to apply; null leaves them to who owns them. A service that is to stop is stopped, and what a hand has set holds until the service asks for
    /// another number.
    /// </summary>
    public static int? ToSend(InferenceService service, V1Deployment? observed) => (Asked(service), Scaler(observed)) switch
    {
        (0, _) => 0,
        (var asked, null) => asked,
        (var asked, { } scaler) when IsHand(scaler) && HasAskedAnew(observed!, asked) => asked,
        _ => null,
    };

    /// <summary>The replicas that are wanted, whoever wants them.</summary>
    public static int Wanted(InferenceService service, V1Deployment? observed) =>
        ToSend(service, observed) ?? observed?.Spec.Replicas ?? Asked(service);

    /// <summary>The manager that owns the Deployment's replicas beside the operator; null if there is none.</summary>
    /// <remarks>
    /// Autoscalers and <c>kubectl scale</c> write through the subresource scale, GitOps tools by applies of their own. Any other write is drift, and is mended.
    /// </remarks>
    public static string? Scaler(V1Deployment? observed) =>
        FieldOwners.Others(observed, FieldManagers.Operator)
            .FirstOrDefault(o => (o.Subresource == "scale" || o.Operation == "Apply") && o.Owns("spec", "replicas"))
            ?.Manager;

    private static bool IsHand(string manager) => manager.StartsWith("kubectl", StringComparison.Ordinal);

    // One that an older operator made does not say what it was asked for: it is asked for it now.
    private static bool HasAskedAnew(V1Deployment observed, int asked) =>
        observed.Metadata.Annotations?.TryGetValue(Annotations.AskedReplicas, out var before) == true && before != asked.ToString(CultureInfo.InvariantCulture);
}
