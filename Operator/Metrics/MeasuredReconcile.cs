using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace LlmKube.Operator.Metrics;

/// <summary>Wraps a controller's work so that each run is counted once, whichever way it ends.</summary>
internal static class MeasuredReconcile
{
    /// <summary>Runs the work and records its result and time.</summary>
    /// <param name="metrics">Where it is recorded.</param>
    /// <param name="controller">One of <see cref="Controllers"/>.</param>
    /// <param name="time">Measures.</param>
    /// <param name="work">One reconcile.</param>
    public static async Task<ReconciliationResult<TEntity>> MeasureAsync<TEntity>(
        this OperatorMetrics metrics, string controller, TimeProvider time, Func<Task<ReconciliationResult<TEntity>>> work)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var start = time.GetTimestamp();
        var succeeded = false;
        try
        {
            var result = await work();

            // A failure without an exception that says when to look again means "not yet", and is no error.
            succeeded = result.IsSuccess || result is { RequeueAfter: not null, Error: null };
            return result;
        }
        finally
        {
            metrics.Reconciled(controller, succeeded, time.GetElapsedTime(start));
        }
    }
}
