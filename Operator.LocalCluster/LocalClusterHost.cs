using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster;

/// <summary>What a cluster in this process consists of.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>The one clock of all parts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines of the parts go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// The API server's options; its clock is <see cref="Time"/>. With <see cref="Processes"/>, its cluster IPs are addresses of this
    /// machine.
    /// </summary>
    public ApiServerOptions ApiServer { get; init; } = new();

    /// <summary>The controllers' options, but for clock and logs; null leaves them out.</summary>
    public ControllersOptions? Controllers { get; init; } = new();

    /// <summary>Whether a scheduler runs.</summary>
    public bool Scheduler { get; init; } = true;

    /// <summary>How pods are run as processes of this machine, with a proxy for their services; null to only pretend.</summary>
    public ProcessOptions? Processes { get; init; }

    /// <summary>The nodes, which may change while they run.</summary>
    public NodeFleet Fleet { get; init; } = new(NodeSpec.Many(1));

    /// <summary>What becomes of pods that only pretend to run, which may change while they run.</summary>
    public PodRules Rules { get; init; } = new();
}

/// <summary>API server, controllers, scheduler, nodes and, where pods are processes, a service proxy in this process, on one clock.</summary>
public sealed class LocalClusterHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Kubernetes> _clients = [];
    private readonly List<Task> _parts = [];

    private readonly LoopbackNetwork? _network;

    private LocalClusterHost(ApiServerHost server, LoopbackNetwork? network, LocalClusterOptions options)
    {
        _network = network;
        ApiServer = server;
        Fleet = options.Fleet;
        Rules = options.Rules;
    }

    /// <summary>The API server: its address, its users and every request it has seen.</summary>
    public ApiServerHost ApiServer { get; }

    /// <summary>The nodes.</summary>
    public NodeFleet Fleet { get; }

    /// <summary>What becomes of pods.</summary>
    public PodRules Rules { get; }

    /// <summary>Ends when a part fails, with its exception.</summary>
    public Task Failed => Task.WhenAny(_parts.Select(p => p.ContinueWith(t => t, CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion, TaskScheduler.Default).Unwrap())).Unwrap();

    /// <summary>Starts all parts; returns when they have seen the cluster and its nodes are registered.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="cancellation">Gives up starting.</param>
    public static async Task<LocalClusterHost> StartAsync(LocalClusterOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var network = options.Processes is null ? null : LoopbackNetwork.Reserve();
        ApiServerHost server;
        try
        {
            var apiServer = options.ApiServer with { Time = options.Time };
            if (network is not null) apiServer = apiServer with { ServiceRange = network.Services };
            server = await ApiServerHost.StartAsync(apiServer, cancellation);
        }
        catch
        {
            network?.Dispose();
            throw;
        }

        var host = new LocalClusterHost(server, network, options);
        try
        {
            await host.StartPartsAsync(options, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // How a part failed is told by Failed.
        await Task.WhenAll(_parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients) client.Dispose();
        await ApiServer.DisposeAsync();
        _network?.Dispose();
        _stop.Dispose();
    }

    private async Task StartPartsAsync(LocalClusterOptions options, CancellationToken cancellation)
    {
        var ready = new List<Task>();
        if (options.Controllers is { } controllers) Start(started => ControllersHost.RunAsync(Client(), controllers with { Time = options.Time, Loggers = options.Loggers, Started = started }, _stop.Token));
        if (options.Scheduler) Start(started => SchedulerHost.RunAsync(Client(), new() { Time = options.Time, Loggers = options.Loggers, Started = started }, _stop.Token));
        Start(started => NodesHost.RunAsync(Client(), new() { Time = options.Time, Loggers = options.Loggers, Fleet = Fleet, Rules = Rules, Processes = options.Processes is null ? null : options.Processes with { ClusterIsNew = true }, Network = _network, Cluster = ApiServer.ClientConfiguration(), Started = started }, _stop.Token));
        if (_network is not null) Start(started => ServiceProxyHost.RunAsync(Client(), new() { Time = options.Time, Loggers = options.Loggers, Network = _network, Started = started }, _stop.Token));
        await Task.WhenAny(Task.WhenAll(ready), Failed).Unwrap().WaitAsync(cancellation);

        void Start(Func<Action, Task> part)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ready.Add(started.Task);
            _parts.Add(part(() => started.TrySetResult()));
        }
    }

    private Kubernetes Client()
    {
        var client = new Kubernetes(ApiServer.ClientConfiguration(), new WholeAnswers());
        _clients.Add(client);
        return client;
    }
}
