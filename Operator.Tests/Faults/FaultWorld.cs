using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>
/// A cluster, and operators that each reach it through a proxy of their own. Several of these run at once on servers of ours; on another API server one
/// after the other, since they share its CustomResourceDefinitions.
/// </summary>
internal sealed class FaultWorld : IAsyncDisposable
{
    private static readonly SemaphoreSlim s_external = new(1);
    private readonly List<FaultedOperator> _operators = [];
    private readonly List<FaultProxy> _proxies = [];

    private FaultWorld(StoryCluster cluster) => Cluster = cluster;

    public StoryCluster Cluster { get; }

    public static async Task<FaultWorld> StartAsync(params IReadOnlyList<NodeSpec> nodes)
    {
        if (StoryCluster.IsExternal) await s_external.WaitAsync();
        try
        {
            var cluster = await StoryCluster.StartAsync(new() { Nodes = nodes is [] ? [Fleet.Node] : nodes });
            if (!StoryCluster.IsExternal) await Installation.GrantLeaseAsync(cluster.Client, cluster.Namespace);
            return new(cluster);
        }
        catch
        {
            if (StoryCluster.IsExternal) s_external.Release();
            throw;
        }
    }

    /// <summary>Starts an operator in this process, behind a proxy of its own or behind one that is there.</summary>
    /// <param name="options">What its command line says; the namespace is the story's. A kubeconfig is one of the proxy's.</param>
    /// <param name="proxy">The proxy; null: a new one.</param>
    /// <param name="time">Its clock; null: the machine's.</param>
    public async Task<FaultedOperator> StartOperatorAsync(OperatorOptions? options = null, FaultProxy? proxy = null, TimeProvider? time = null)
    {
        proxy ??= await StartProxyAsync();
        var configuration = options?.Kubeconfig is null ? proxy.ClientConfiguration() : null;
        var running = await RunningOperator.StartAsync(configuration, (options ?? new()) with { Namespace = Cluster.Namespace }, time ?? TimeProvider.System);
        var started = new FaultedOperator(running, proxy);
        _operators.Add(started);
        return started;
    }

    /// <summary>Starts the built program as a process behind a proxy; it logs JSON, and its probes and metrics are off unless flags say otherwise.</summary>
    public ProgramProcess StartProgram(FaultProxy proxy, params IEnumerable<string> flags) => StartProgram(proxy, [], flags);

    /// <summary>The same with an environment.</summary>
    public ProgramProcess StartProgram(FaultProxy proxy, (string Name, string? Value)[] environment, params IEnumerable<string> flags) => ProgramProcess.Start(
        environment,
        [
            $"--kubeconfig={proxy.WriteKubeconfig(Cluster.Folder)}", $"--namespace={Cluster.Namespace}", "--log-format=json", "--metrics-secure=false",
            .. new[] { "--metrics-bind-address=0", "--health-probe-bind-address=0" }.Where(d => !flags.Any(f => f.StartsWith(d[..^1], StringComparison.Ordinal))), .. flags,
        ]);

    /// <summary>Starts a proxy, which is there as long as the world.</summary>
    public async Task<FaultProxy> StartProxyAsync()
    {
        var proxy = await FaultProxy.StartAsync(Cluster.OperatorConfiguration);
        _proxies.Add(proxy);
        return proxy;
    }

    /// <summary>Stops an operator.</summary>
    public async Task StopOperatorAsync(FaultedOperator running)
    {
        if (!_operators.Remove(running)) return;
        running.Proxy.Thaw(); // What it can't reach it would wait for.
        await running.Operator.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var running in _operators.ToArray()) await StopOperatorAsync(running);
        }
        finally
        {
            foreach (var proxy in _proxies) await proxy.DisposeAsync();
            await Cluster.DisposeAsync();
            if (StoryCluster.IsExternal) s_external.Release();
        }
    }
}

/// <summary>An operator in this process and the proxy that it is behind.</summary>
internal sealed record FaultedOperator(RunningOperator Operator, FaultProxy Proxy);
