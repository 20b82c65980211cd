using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>Narrows what a controller watches to the objects whose labels match.</summary>
/// <typeparam name="TEntity">The watched kind.</typeparam>
public interface IEntityLabelSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The selector in the API's own syntax (<c>a=b,c in (d,e)</c>); null watches everything.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken);
}

/// <summary>Narrows what a controller watches to the objects whose fields match.</summary>
/// <typeparam name="TEntity">The watched kind.</typeparam>
public interface IEntityFieldSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The selector in the API's own syntax (<c>metadata.name=a</c>); null watches everything.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken);
}

/// <summary>A selector that can also be asked about one object, where several controllers share a watch.</summary>
/// <remarks>This engine never asks it: controllers share a watch only if they select the same, and the API server does the selecting.</remarks>
/// <typeparam name="TEntity">The watched kind.</typeparam>
public interface IClientSideEntitySelector<in TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the object is one that the selector selects.</summary>
    /// <param name="entity">The object in question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> MatchesAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>Selects every object.</summary>
/// <typeparam name="TEntity">The watched kind.</typeparam>
public sealed class DefaultEntityLabelSelector<TEntity> : IEntityLabelSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new((string?)null);
}

/// <summary>Selects every object.</summary>
/// <typeparam name="TEntity">The watched kind.</typeparam>
public sealed class DefaultEntityFieldSelector<TEntity> : IEntityFieldSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken) => new((string?)null);
}
