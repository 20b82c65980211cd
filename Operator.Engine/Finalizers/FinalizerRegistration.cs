using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace LlmKube.Operator.Engine.Finalizers;

/// <summary>A finalizer of a kind.</summary>
/// <param name="Identifier">The string in <c>metadata.finalizers</c>.</param>
/// <param name="Resolve">Makes the finalizer from a scope.</param>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, Func<IServiceProvider, IEntityFinalizer<TEntity>> Resolve)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
