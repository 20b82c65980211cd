using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Abstractions.Reconciliation.Queue;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Crds;
using LlmKube.Operator.Engine.Finalizers;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmKube.Operator.Engine.Hosting;

/// <summary>Registers what an operator is made of.</summary>
internal sealed class OperatorBuilder : IOperatorBuilder
{
    private readonly HashSet<string> _names = [];

    public OperatorBuilder(IServiceCollection services, OperatorSettings settings)
    {
        if (settings.LeaderElectionType is not (LeaderElectionType.None or LeaderElectionType.Single))
        {
            throw new NotSupportedException(
                $"LeaderElectionType.{settings.LeaderElectionType} is not supported by this engine; use None or Single.");
        }

        if (settings.QueueStrategy != QueueStrategy.InMemory)
        {
            throw new NotSupportedException($"QueueStrategy.{settings.QueueStrategy} is not supported by this engine; use InMemory.");
        }

        Services = services;
        Settings = settings;
        services.AddEngine(settings);
    }

    public IServiceCollection Services { get; }

    public OperatorSettings Settings { get; }

    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        AddController<TImplementation, TEntity, IEntityLabelSelector<TEntity>, IEntityFieldSelector<TEntity>>();

    public IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>
    {
        Services.TryAddSingleton<TLabelSelector>();
        return AddController<TImplementation, TEntity, TLabelSelector, IEntityFieldSelector<TEntity>>();
    }

    public IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>
    {
        Services.TryAddSingleton<TFieldSelector>();
        return AddController<TImplementation, TEntity, IEntityLabelSelector<TEntity>, TFieldSelector>();
    }

    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        Services.TryAddScoped<TImplementation>();
        Services.AddSingleton(new FinalizerRegistration<TEntity>(
            identifier, services => services.GetRequiredService<TImplementation>()));
        Services.AddTransient(services =>
            services.GetRequiredService<IEventFinalizerAttacherFactory>().Create<TImplementation, TEntity>(identifier));
        if (Settings.ValidateRegistrations)
        {
            Services.AddSingleton(new RequiredController(typeof(TEntity), $"the finalizer {identifier}"));
        }

        return this;
    }

    public IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null)
    {
        if (Services.All(service => service.ServiceType != typeof(ICrdResourceFactory)))
        {
            throw new NotSupportedException(
                $"AddCrdInstaller needs an {nameof(ICrdResourceFactory)} that is registered before it, since this engine has none of its own; "
                + "the command line's `install` puts the CustomResourceDefinitions of built assemblies into a cluster without one.");
        }

        var settings = new CrdInstallerSettingsBuilder();
        configure?.Invoke(settings);
        Services.AddSingleton(settings.Build());

        // First of all hosted services, so that the kinds are there when they are watched.
        Services.Insert(0, ServiceDescriptor.Singleton<Microsoft.Extensions.Hosting.IHostedService, CrdInstallService>());
        return this;
    }

    private OperatorBuilder AddController<TImplementation, TEntity, TLabelSelector, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>
    {
        var type = ResourceType.Of<TEntity>();
#pragma warning disable CA1308 // Names in metrics are lower-case.
        var name = _names.Add(type.Label) ? type.Label : $"{type.Label}-{typeof(TImplementation).Name.ToLowerInvariant()}";
#pragma warning restore CA1308

        Services.TryAddScoped<TImplementation>();
        Services.TryAddScoped<IEntityController<TEntity>>(services => services.GetRequiredService<TImplementation>());
        Services.AddSingleton(new ControlledKind(typeof(TEntity)));

        // Finalizers belong to every controller of their kind: each sees to the objects that it selects. A finalizer may therefore run
        // in two of them at once where both select an object; the patches exclude each other.
        Services.AddSingleton(services => new ControllerPipeline<TImplementation, TEntity>(
            name,
            cancellationToken => ScopeAsync(services, cancellationToken),
            [.. services.GetServices<FinalizerRegistration<TEntity>>()],
            services.GetRequiredService<PipelineServices>()));
        Services.AddSingleton<IControllerPipeline>(Pipeline);
        Services.AddSingleton<IEntityQueueTarget<TEntity>>(Pipeline);
        Services.TryAddTransient<EntityQueue<TEntity>>(services =>
        {
            List<IEntityQueueTarget<TEntity>> targets = [.. services.GetServices<IEntityQueueTarget<TEntity>>()];
            return (entity, _, _, queueIn, _, _) => Task.FromResult(targets.ConvertAll(target => target.Enqueue(entity, queueIn)).TrueForAll(taken => taken));
        });
        return this;

        static ControllerPipeline<TImplementation, TEntity> Pipeline(IServiceProvider services) =>
            services.GetRequiredService<ControllerPipeline<TImplementation, TEntity>>();

        async Task<InformerScope> ScopeAsync(IServiceProvider services, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            var labels = await scope.ServiceProvider.GetRequiredService<TLabelSelector>().GetLabelSelectorAsync(cancellationToken);
            var fields = await scope.ServiceProvider.GetRequiredService<TFieldSelector>().GetFieldSelectorAsync(cancellationToken);
            return new(
                type.IsNamespaced ? Settings.Namespace : null,
                string.IsNullOrWhiteSpace(labels) ? null : labels,
                string.IsNullOrWhiteSpace(fields) ? null : fields);
        }
    }
}
