using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Operator;
using LlmKube.Operator.Engine.Hosting;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>An operator for widgets, on a fake clock, whose stores are watched for mutations.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isStopped;

    private TestOperator(IHost host) => _host = host;

    public Script Script => _host.Services.GetRequiredService<Script>();

    public FakeTimeProvider Clock => (FakeTimeProvider)_host.Services.GetRequiredService<TimeProvider>();

    public IKubernetesClient Client => _host.Services.GetRequiredService<IKubernetesClient>();

    public CollectorRegistry Registry => _host.Services.GetRequiredService<CollectorRegistry>();

    public IServiceProvider Services => _host.Services;

    public InformerRegistry Informers => _host.Services.GetRequiredService<InformerRegistry>();

    public Store<Widget> Widgets => ((Informer<Widget>)Informers.Of<Widget>()[0]).Store;

    /// <summary>The exit code that the engine asked for.</summary>
    public int? ExitCode { get; private set; }

    public bool IsStopping => _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    public static Task<TestOperator> StartAsync(
        FakeApi api,
        Action<Script>? script = null,
        Action<OperatorSettingsBuilder>? settings = null,
        Action<IOperatorBuilder>? compose = null,
        FakeTimeProvider? clock = null) => StartAsync(api.Configuration(), script, settings, compose, clock);

    public static async Task<TestOperator> StartAsync(
        KubernetesClientConfiguration configuration,
        Action<Script>? script = null,
        Action<OperatorSettingsBuilder>? settings = null,
        Action<IOperatorBuilder>? compose = null,
        TimeProvider? clock = null)
    {
        TestOperator? test = null;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("TEST_LOG") is not null) builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(clock ?? new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        builder.Services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
        builder.Services.AddSingleton(new StoreMutationDetector());
        builder.Services.AddSingleton(new EngineOptions { SetExitCode = code => test!.ExitCode = code });
        builder.Services.AddSingleton(new Dice(new Random(1)));
        var told = new Script();
        script?.Invoke(told);
        builder.Services.AddSingleton(told);
        var composition = builder.Services.AddKubernetesOperator(s =>
        {
            s.WithName("test-operator").WithReconcileStrategy(ReconcileStrategy.ByResourceVersion);
            s.WithParallelReconciliation(p => p.WithMaxParallelReconciliations(4));
            settings?.Invoke(s);
        });
        if (compose is null) composition.AddController<WidgetController, Widget>();
        else compose(composition);
        test = new(builder.Build());
        await test._host.StartAsync();
        return test;
    }

    /// <summary>Waits until the widgets' store is filled.</summary>
    public Task SyncedAsync() => Eventually.IsTrueAsync(
        () => Informers.Of<Widget>() is [{ HasSynced: true }, ..], "The first list");

    public async Task StopAsync()
    {
        _isStopped = true;
        await _host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped) await StopAsync();
        var detector = _host.Services.GetRequiredService<StoreMutationDetector>();
        await ((IAsyncDisposable)_host).DisposeAsync();
        detector.VerifyAll();
    }
}
