using k8s;
using k8s.Models;

using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;

using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Composes the operator.</summary>
public interface IOperatorBuilder
{
    /// <summary>The services that everything is registered with.</summary>
    IServiceCollection Services { get; }

    /// <summary>The settings that hold for the whole operator.</summary>
    OperatorSettings Settings { get; }

    /// <summary>Adds a controller for all objects of a kind.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <returns>The same builder.</returns>
    IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a controller for the objects whose labels match.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TLabelSelector">The selector.</typeparam>
    /// <returns>The same builder.</returns>
    IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>;

    /// <summary>Adds a controller for the objects whose fields match.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TFieldSelector">The selector.</typeparam>
    /// <returns>The same builder.</returns>
    IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>;

    /// <summary>Adds a finalizer, and an <see cref="EntityFinalizerAttacher{TImplementation,TEntity}"/> for it.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="identifier">The string in <c>metadata.finalizers</c>.</param>
    /// <returns>The same builder.</returns>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Installs the CRDs of the kinds that have a controller, before anything is watched. For development.</summary>
    /// <param name="configure">How it treats what it finds.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="NotSupportedException">
    /// No <see cref="ICrdResourceFactory"/> is registered. (KubeOps has one of its own; this engine has not.)
    /// </exception>
    IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null);
}
