using k8s.Models;
using KubeOps.Abstractions.Entities;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Watches;

/// <summary>Narrows each watch of a child type to our own children: what others run in the cluster costs us nothing.</summary>
internal sealed class ManagedSelector :
    IEntityLabelSelector<V1Deployment>,
    IEntityLabelSelector<V1Job>,
    IEntityLabelSelector<V1PersistentVolumeClaim>,
    IEntityLabelSelector<V1Pod>,
    IEntityLabelSelector<V1PodDisruptionBudget>,
    IEntityLabelSelector<V1Service>
{
    /// <inheritdoc cref="IEntityLabelSelector{TEntity}.GetLabelSelectorAsync"/>
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new(Managed.Selector);
}
