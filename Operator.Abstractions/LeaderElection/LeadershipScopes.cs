using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.LeaderElection;

/// <summary>Says which objects this process looks after, where several share the work.</summary>
/// <remarks>Declared for KubeOps' sake: this engine refuses <see cref="Builder.LeaderElectionType.Scoped"/>.</remarks>
public interface ILeadershipScope
{
    /// <summary>Raised when the answer may have changed.</summary>
    event Action? ScopeChanged;

    /// <summary>Whether this process looks after the object. Asked often: answer from memory.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> IsResponsibleForAsync(IKubernetesObject<V1ObjectMeta> entity, CancellationToken cancellationToken);
}

/// <summary>Shares the work by namespace.</summary>
public abstract class NamespacedLeadershipScope : ILeadershipScope
{
    /// <inheritdoc />
    public event Action? ScopeChanged;

    /// <inheritdoc />
    public ValueTask<bool> IsResponsibleForAsync(
        IKubernetesObject<V1ObjectMeta> entity, CancellationToken cancellationToken)
        => IsResponsibleForNamespaceAsync(entity.Metadata.NamespaceProperty, cancellationToken);

    /// <summary>Whether this process looks after the namespace.</summary>
    /// <param name="namespace">The namespace; null for objects of the cluster as a whole.</param>
    /// <param name="cancellationToken">Gives up.</param>
    protected abstract ValueTask<bool> IsResponsibleForNamespaceAsync(
        string? @namespace, CancellationToken cancellationToken);

    /// <summary>Raises <see cref="ScopeChanged"/>.</summary>
    protected void OnScopeChanged() => ScopeChanged?.Invoke();
}
