using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace LlmKube.Operator.Reconciling;

/// <summary>What comes after the API server has refused an action, once the status says so. It is no error of ours, and is not counted as one.</summary>
internal static class Refusals
{
    // Nothing tells us when a quota is freed or a policy is edited.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);

    // What is invalid stays so until our object changes, unless it was an admission policy that found it so.
    private static readonly TimeSpan RareRecheck = TimeSpan.FromMinutes(5);

    // Until the store knows.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    /// <summary>"Not yet", soon for what is forbidden now and may be allowed later, rarely for what is invalid.</summary>
    /// <param name="entity">The object whose status has the refusal.</param>
    /// <param name="refusal">A rejection.</param>
    /// <param name="lookAgainIn">When there is something else to look at; null: there is nothing.</param>
    public static ReconciliationResult<TEntity> ResultOf<TEntity>(TEntity entity, ActionFailure refusal, TimeSpan? lookAgainIn = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var recheck = refusal.MayPass ? Recheck : RareRecheck;
        return ReconciliationResult<TEntity>.Failure(entity, refusal.Message, requeueAfter: lookAgainIn < recheck ? lookAgainIn : recheck);
    }

    /// <summary>"Not yet", at once: what was to be changed is gone, and the decision was about what is no more.</summary>
    /// <param name="entity">The object that was decided about.</param>
    /// <param name="vanished">The failure.</param>
    public static ReconciliationResult<TEntity> Vanished<TEntity>(TEntity entity, ActionFailure vanished)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ReconciliationResult<TEntity>.Failure(entity, vanished.Message, requeueAfter: Moment);
}
