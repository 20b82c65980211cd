using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Operator;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Logging;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tracing;
using LlmKube.Operator.Watches;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;

namespace LlmKube.Operator.Hosting;

/// <summary>Composes the operator: the same for the program and for tests that run it in-process.</summary>
internal static class OperatorApplication
{
    /// <summary>The name of the operator: of its Lease, its Events' source, its field manager.</summary>
    public const string Name = "llmkube-operator";

    /// <summary>The name of the Lease that says which replica works: KubeOps makes it of the operator's.</summary>
    public const string LeaseName = $"{Name}-leader";

    // A pod's grace period; what is under way ends within it.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Builds the host; nothing runs before it is started.</summary>
    /// <param name="options">What the command line said.</param>
    /// <param name="configure">
    /// Registers other parts before ours: a <see cref="KubernetesClientConfiguration"/>, a <see cref="TimeProvider"/>, a <see cref="CollectorRegistry"/>.
    /// </param>
    /// <param name="environment">Stands for environment variables, and goes before them.</param>
    /// <exception cref="ServingCertificateException">The certificate's files can't be used.</exception>
    /// <exception cref="TracingSettingException">The environment says of tracing what can't be understood.</exception>
    public static WebApplication Build(
        OperatorOptions options, Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(OperatorApplication).Assembly.GetName().Name,

            // Or every folder below the working directory is watched for changes of a file that there is not.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        if (environment is not null) builder.Configuration.AddInMemoryCollection(environment);
        builder.Logging.AddOperatorLogs(options);
        configure?.Invoke(builder.Services);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        AddOperator(builder.Services, options);
        Endpoints.Listen(builder, options);
        builder.AddTracing(options);

        var app = builder.Build();
        foreach (var variable in options.Proxies.Withheld) app.Logger.ProxyWithheld(variable);
        foreach (var flag in options.Unused) app.Logger.FlagUnused(flag);

        // Counters are there, at zero, before anything has happened.
        app.Services.GetRequiredService<OperatorMetrics>();

        // A certificate that can't be used is said before anything runs.
        if (options is { MetricsSecure: true, MetricsBindAddress.IsOn: true }) app.Services.GetRequiredService<ServingCertificate>();
        Endpoints.Map(app, options);
        return app;
    }

    private static void AddOperator(IServiceCollection services, OperatorOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => Prometheus.Metrics.DefaultRegistry);
        if (options.Kubeconfig is { } file)
        {
            // An engine that follows the files which it names reads it itself.
            services.TryAddSingleton(provider =>
                provider.GetService<Func<string, KubernetesClientConfiguration>>()?.Invoke(file) ?? KubernetesClientConfiguration.BuildConfigFromConfigFile(file));
        }

        services.AddHealthChecks();
        services.AddSingleton(options);
        services.AddSingleton<ServingCertificate>();
        services.AddSingleton<MetricsAccess>();
        services.AddSingleton<ApiCalls>();
        services.AddSingleton<ActionExecutor>();
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton<StateMetrics>();
        services.AddSingleton<GpuQueueMonitor>();
        services.AddSingleton<GpuNodes>();
        services.AddSingleton<RestartMonitor>();
        services.AddSingleton<LoadMonitor>();
        services.AddSingleton<UpgradeTurns>();
        services.AddHostedService<LoadReader>();
        services.AddSingleton<ServiceNews>();
        services.AddSingleton<PositionThrottle>();
        services.AddTransient<ParentWaker>();
        services.AddTransient<ServiceView>();
        services.AddTransient<ServiceReporter>();
        services.AddSingleton<OperatorImage>();
        services.AddSingleton<ModelNews>();
        services.AddSingleton<FetchMonitor>();
        services.AddSingleton<FetchSlots>();
        services.AddHostedService<FetchReader>();
        services.AddTransient<ModelView>();
        services.AddTransient<ModelReporter>();
        services
            .AddKubernetesOperator(settings => settings
                .WithName(Name)
                .WithNamespace(options.Namespace)
                .WithLeaderElection(options.LeaderElect ? LeaderElectionType.Single : LeaderElectionType.None)
                .WithReconcileStrategy(ReconcileStrategy.ByResourceVersion)
                .WithParallelReconciliation(parallel => parallel.WithMaxParallelReconciliations(options.Workers)))
            .RegisterComponents();

        StoredObjects.AddTo(services);
        SelectableFields.AddTo(services);

        // An engine that has no client for those who only look on has them ask as everybody.
        services.TryAddKeyedSingleton<IKubernetesClient>(StateMetrics.Onlooker, (provider, _) => provider.GetRequiredService<IKubernetesClient>());
    }
}
