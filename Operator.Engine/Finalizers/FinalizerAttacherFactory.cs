using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace LlmKube.Operator.Engine.Finalizers;

/// <inheritdoc/>
internal sealed class FinalizerAttacherFactory(FinalizerWriter writer) : IEventFinalizerAttacherFactory
{
    /// <inheritdoc/>
    public EntityFinalizerAttacher<TImplementation, TEntity> Create<TImplementation, TEntity>(string identifier)
        where TImplementation : IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        (entity, cancellationToken) => writer.AddAsync(entity, [identifier], cancellationToken);
}
