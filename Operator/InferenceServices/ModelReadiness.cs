using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Whether a service can use its model, and why not.</summary>
/// <param name="Reason">A condition's reason.</param>
/// <param name="Message">For the user.</param>
internal sealed record ModelReadiness(string Reason, string Message)
{
    /// <summary>What a service waits for; null if its model can be served.</summary>
    /// <param name="service">What it wants to serve, and from where.</param>
    /// <param name="model">The model; null: there is none that can be read.</param>
    /// <param name="problem">Why the one that there is can't be read.</param>
    public static ModelReadiness? Obstacle(InferenceServiceSpec service, Model? model, string? problem = null)
    {
        var name = service.ModelRef;
        if (problem is not null) return new(Reasons.ModelNotReady, $"Waiting for Model to be Ready: Model \"{name}\" can't be read: {problem}");
        if (model is null) return new(Reasons.ModelNotFound, $"Model not found: there is no Model \"{name}\" in this namespace");
        if (model.Metadata.DeletionTimestamp is not null) return new(Reasons.ModelNotReady, $"Waiting for Model to be Ready: Model \"{name}\" is being deleted");

        // Pods that fetch for themselves need no more than that nobody has found the source to be wrong.
        var claim = ModelClaims.Of(service, model.Spec);
        var status = claim is null ? model.Status : CacheStatuses.Of(model, claim);
        return status switch
        {
            { Phase: ModelPhases.Failed } when IsCurrent(model) => new(Reasons.ModelFailed, $"Model \"{name}\" failed: {FailureOf(status)}"),
            { Phase: ModelPhases.Ready } when IsCurrent(model) && (claim is null || !IsFetchedByPods(status)) => null,
            not null when IsCurrent(model) && claim is null => null,

            // The same words from first to last, or each step of a fetch would be a write for every service that waits for it.
            _ => new(Reasons.ModelNotReady, $"Waiting for Model to be Ready: see the status of Model \"{name}\""),
        };
    }

    /// <summary>The path of the weights in a pod. It is what the pod's own mount makes of it: a status can be of an operator with another one.</summary>
    /// <param name="model">A model without an obstacle.</param>
    /// <param name="mountPath">Where the pod mounts the model cache.</param>
    public static string PathOf(Model model, string mountPath) => CacheLayout.ArtifactPath(model.Spec, mountPath);

    // A status without a generation is the Go operator's (LLMKube), which takes any file for a complete one.
    private static bool IsCurrent(Model model) => model.Status?.ObservedGeneration >= (model.Metadata.Generation ?? 0);

    private static bool IsFetchedByPods(ModelStatus status) => status.Conditions.Find(ConditionTypes.Available)?.Reason == Reasons.FetchedByPods;

    private static string FailureOf(ModelStatus status) =>
        status.Conditions.Find(ConditionTypes.Degraded) is { Status: "True", Message: { Length: > 0 } why } ? why : "see its conditions";
}
