using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Who says how many pods there are. The service does when it asks for another number than before; after that whoever has scaled the Deployment, an autoscaler or a user, is left
/// alone.
/// </summary>
internal static class ReplicaOwnership
{
    /// <summary>The replicas that the service asks for.</summary>
    public static int Asked(InferenceService service) => service.Spec.Replicas ?? InferenceServiceDefaults.Replicas;

    /// <summary>What the Deployment remembers of what its service asked for, see <see cref="Annotations.AskedReplicas"/>.</summary>
    public static Dictionary<string, string> Memory(InferenceService service) =>
        new() { [Annotations.AskedReplicas] = Asked(service).ToString(CultureInfo.InvariantCulture) };

    /// <summary>
    /// The replicas to apply; null leaves them to the manager that owns them. A service that is to stop is stopped. An autoscaler has the last word otherwise; what a hand has
    /// set holds until the service asks for another number, and where no manager owns it, it is sent as it is.
    /// </summary>
    public static int? ToSend(InferenceService service, V1Deployment? observed) => (Asked(service), Scaler(observed)) switch
    {
        (0, _) => 0,
        (_, { } scaler) when !IsHand(scaler) => null,
        (var asked, _) when !HasAsked(observed, asked) => asked,
        (_, null) => observed!.Spec.Replicas,
        _ => null,
    };

    /// <summary>The replicas that are wanted, whoever wants them.</summary>
    public static int Wanted(InferenceService service, V1Deployment? observed) =>
        ToSend(service, observed) ?? observed?.Spec.Replicas ?? Asked(service);

    /// <summary>The manager that owns the Deployment's replicas beside the operator; null if there is none.</summary>
    /// <remarks>
    /// Autoscalers and <c>kubectl scale</c> write through the subresource scale, GitOps tools by applies of their own. What is written otherwise is taken as written by hand.
    /// </remarks>
    public static string? Scaler(V1Deployment? observed) =>
        FieldOwners.Others(observed, FieldManagers.Operator)
            .FirstOrDefault(o => (o.Subresource == "scale" || o.Operation == "Apply") && o.Owns("spec", "replicas"))
            ?.Manager;

    /// <summary>Who has set the number of pods, if it is not the service, for the user.</summary>
    public static string? ScaledBy(InferenceService service, V1Deployment? observed) => Scaler(observed) switch
    {
        { } scaler when !IsHand(scaler) => scaler,
        _ when Wanted(service, observed) != Asked(service) => "a hand",
        _ => null,
    };

    private static bool IsHand(string manager) => manager.StartsWith("kubectl", StringComparison.Ordinal);

    private static bool HasAsked(V1Deployment? observed, int asked) =>
        observed?.Metadata.Annotations?.TryGetValue(Annotations.AskedReplicas, out var before) == true && before == asked.ToString(CultureInfo.InvariantCulture);
}
