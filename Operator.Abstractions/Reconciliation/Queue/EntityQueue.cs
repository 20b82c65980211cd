using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Queue;

/// <summary>Asks for an object to be reconciled.</summary>
/// <typeparam name="TEntity">The reconciled kind.</typeparam>
/// <param name="entity">The object; only its identity counts.</param>
/// <param name="type">What happened to it.</param>
/// <param name="reconciliationTriggerSource">Who asks.</param>
/// <param name="queueIn">How long to wait first.</param>
/// <param name="retryCount">How often it failed before; 0 for a fresh request.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>Whether the queue took it.</returns>
/// <remarks>
/// This engine's queue holds keys, and a controller is given what is there then: <paramref name="type"/>,
/// <paramref name="reconciliationTriggerSource"/>, <paramref name="retryCount"/> and <paramref name="cancellationToken"/> have no effect
/// (nothing is awaited). <see cref="ReconciliationType.Deleted"/> in particular does not make it call <c>DeletedAsync</c>.
/// </remarks>
public delegate Task<bool> EntityQueue<in TEntity>(
    TEntity entity,
    ReconciliationType type,
    ReconciliationTriggerSource reconciliationTriggerSource,
    TimeSpan queueIn,
    int retryCount,
    CancellationToken cancellationToken)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
