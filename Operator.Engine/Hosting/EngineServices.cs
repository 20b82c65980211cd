using System.Diagnostics;
using System.Security.Cryptography;
using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Engine.Access;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Crds;
using LlmKube.Operator.Engine.Events;
using LlmKube.Operator.Engine.Finalizers;
using LlmKube.Operator.Engine.Health;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Metrics;
using LlmKube.Operator.Engine.Timing;
using LlmKube.Operator.Engine.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace LlmKube.Operator.Engine.Hosting;

/// <summary>A kind that something was registered for which only a controller can serve.</summary>
/// <param name="Entity">The kind.</param>
/// <param name="For">What was registered.</param>
internal sealed record RequiredController(Type Entity, string For);

/// <summary>The engine's own services. What the host has registered before comes first.</summary>
internal static class EngineServices
{
    /// <summary>The key of a client for who only looks on: what stores can list they list as it is known, and ask nobody.</summary>
    private const string Onlooker = "onlooker";

    public static void AddEngine(this IServiceCollection services, OperatorSettings settings)
    {
        services.AddLogging();
        services.AddSingleton(settings);
        services.AddSingleton(new ActivitySource(settings.Name));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new InformerOptions());
        services.TryAddSingleton(new EngineOptions());
        services.TryAddSingleton(_ => new Dice(new Random(RandomNumberGenerator.GetInt32(int.MaxValue))));

        services.AddSingleton(provider => new EngineMetrics(
            settings.EnableMetrics ? provider.GetService<CollectorRegistry>() ?? Prometheus.Metrics.DefaultRegistry : Prometheus.Metrics.NewCustomRegistry()));
        services.AddSingleton(provider => provider.GetRequiredService<EngineMetrics>().All); // for who documents what is served
        services.AddSingleton(provider => new Leadership(
            settings.LeaderElectionType != LeaderElectionType.None, provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<ClusterAccess>();
        services.AddSingleton<Func<string, KubernetesClientConfiguration>>(provider => provider.GetRequiredService<ClusterAccess>().Read);
        services.TryAddSingleton(provider => provider.GetRequiredService<ClusterAccess>().ReadDefault());
        services.TryAddSingleton<IKubernetes>(Connect);
        services.AddSingleton<ApiConnection>();
        services.AddSingleton(provider => new InformerRegistry(
            provider.GetRequiredService<ApiConnection>(),
            provider.GetRequiredService<InformerOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Dice>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<StoreMutationDetector>(),
            (key, type) => provider.GetKeyedServices(type, key).SingleOrDefault()));
        services.AddSingleton<ReadCache>();
        services.AddSingleton(provider => Client(provider, looksOn: false));
        services.TryAddSingleton<IKubernetesClient>(provider => provider.GetRequiredService<KubernetesClient>());
        services.TryAddKeyedSingleton<IKubernetesClient>(Onlooker, (provider, _) => Client(provider, looksOn: true));

        services.TryAddSingleton<IEventResourceFactory, EventResourceFactory>();
        services.AddSingleton<EventRecorder>();
        services.TryAddSingleton<IEventPublisherFactory>(provider => provider.GetRequiredService<EventRecorder>());
        services.TryAddTransient(provider => provider.GetRequiredService<IEventPublisherFactory>().Create());

        services.AddSingleton<FinalizerWriter>();
        services.TryAddSingleton<IEventFinalizerAttacherFactory, FinalizerAttacherFactory>();
        services.TryAddSingleton(typeof(IEntityLabelSelector<>), typeof(DefaultEntityLabelSelector<>));
        services.TryAddSingleton(typeof(IEntityFieldSelector<>), typeof(DefaultEntityFieldSelector<>));
        services.AddSingleton<PipelineServices>();

        services.AddSingleton<ElectorFactory>();
        services.AddHostedService<OperatorService>();
        services.AddHealthChecks()
            .AddCheck<InformersHealthCheck>(InformersHealthCheck.Name, tags: ["ready"])
            .AddCheck<LoopsHealthCheck>(LoopsHealthCheck.Name, tags: ["live"])
            .AddCheck<LeadershipHealthCheck>(LeadershipHealthCheck.Name, tags: ["leader"]);
    }

    private static Kubernetes Connect(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<KubernetesClientConfiguration>().WithKeepAlive();
        var last = new RequestMetricsHandler(provider.GetRequiredService<EngineMetrics>());
        var kubernetes = new Kubernetes(
            configuration,
            new RetryAfterHandler(provider.GetRequiredService<TimeProvider>()),
            new FreshTokenHandler(configuration.TokenProvider as TokenFile),
            new LeaseCheckHandler(provider.GetRequiredService<Leadership>()),
            last);

        // Only now: the package sets a judgement of its own after FirstMessageHandlerSetup.
        if (configuration.SslCaCerts is AuthorityFile authorities) authorities.Guard((SocketsHttpHandler)last.InnerHandler!);
        return kubernetes;
    }

    private static KubernetesClient Client(IServiceProvider provider, bool looksOn) => new(
        provider.GetRequiredService<KubernetesClientConfiguration>(),
        provider.GetRequiredService<IKubernetes>(),
        provider.GetRequiredService<ReadCache>(),
        provider.GetRequiredService<Leadership>(),
        provider.GetRequiredService<ILogger<KubernetesClient>>())
    {
        LooksOn = looksOn,
    };

    /// <summary>Checks what was registered against what it needs.</summary>
    /// <exception cref="InvalidOperationException">Something can't work.</exception>
    public static void Validate(IEnumerable<RequiredController> required, IEnumerable<ControlledKind> controlled)
    {
        var kinds = controlled.Select(kind => kind.Entity).ToHashSet();
        foreach (var need in required)
        {
            if (!kinds.Contains(need.Entity))
            {
                throw new InvalidOperationException($"{need.For} is registered for {need.Entity}, which has no controller; it would never run.");
            }
        }
    }
}
