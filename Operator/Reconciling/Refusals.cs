using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace LlmKube.Operator.Reconciling;

/// <summary>What comes after the API server has refused an action, once the status says so. It is no error of ours, and is not counted as one.</summary>
internal static class Refusals
{
    // Nothing tells us when a quota is freed or a policy is edited.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);

    /// <summary>
    /// "Not yet" for what is forbidden now and may be allowed later; for what is invalid, nothing more until something changes.
    /// </summary>
    /// <param name="entity">The object whose status has the refusal.</param>
    /// <param name="refusal">A rejection.</param>
    public static ReconciliationResult<TEntity> ResultOf<TEntity>(TEntity entity, ActionFailure refusal)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        refusal.MayPass
            ? ReconciliationResult<TEntity>.Failure(entity, refusal.Message, requeueAfter: Recheck)
            : ReconciliationResult<TEntity>.Success(entity);
}
