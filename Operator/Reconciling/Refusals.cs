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

    /// <summary>"Not yet", soon for what is forbidden now and may be allowed later, rarely for what is invalid.</summary>
    /// <param name="entity">The object whose status has the refusal.</param>
    /// <param name="refusal">A rejection.</param>
    public static ReconciliationResult<TEntity> ResultOf<TEntity>(TEntity entity, ActionFailure refusal)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ReconciliationResult<TEntity>.Failure(entity, refusal.Message, requeueAfter: refusal.MayPass ? Recheck : RareRecheck);
}
