using k8s;
using k8s.Models;

using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;

using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Generator;

/// <summary>Writes down what generated code registers.</summary>
internal sealed class RecordingBuilder : IOperatorBuilder
{
    public IServiceCollection Services { get; } = new ServiceCollection();

    public OperatorSettings Settings { get; } = new OperatorSettingsBuilder().Build();

    public List<string> Calls { get; } = [];

    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        => Record($"{typeof(TImplementation).Name} of {typeof(TEntity).Name}");

    public IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>
        => Record($"{typeof(TImplementation).Name} of {typeof(TEntity).Name} by labels {typeof(TLabelSelector).Name}");

    public IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>
        => Record($"{typeof(TImplementation).Name} of {typeof(TEntity).Name} by fields {typeof(TFieldSelector).Name}");

    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        => Record($"{typeof(TImplementation).Name} of {typeof(TEntity).Name} as {identifier}");

    public IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null) => Record("CRD installer");

    private RecordingBuilder Record(string call)
    {
        Calls.Add(call);
        return this;
    }
}
