using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Access;

/// <summary>A cluster whose operators show a token of their service account, which has the rights that are deployed for it and no others.</summary>
internal sealed class RestrictedCluster : IAsyncDisposable
{
    private const string Pod = "operator";

    // Ahead of the cluster's, as that of a node may be: for whoever waits until something has taken long, everything has.
    private static readonly TimeProvider s_time = new ClockAhead(TimeSpan.FromSeconds(40));

    private readonly bool _isOneNamespace;
    private readonly List<RunningOperator> _operators = [];

    private RestrictedCluster(StoryCluster story, FaultProxy proxy, bool isOneNamespace) => (Story, Proxy, _isOneNamespace) = (story, proxy, isOneNamespace);

    public StoryCluster Story { get; }

    /// <summary>What all operators reach the API server through.</summary>
    public FaultProxy Proxy { get; }

    /// <summary>What the operators have asked of the API server.</summary>
    public IEnumerable<RequestEntry> Requests => Story.Server.Requests.All.Where(r => r.User == $"system:serviceaccount:{Home}:{FieldManagers.Operator}");

    private string Home => HomeOf(Story, _isOneNamespace);

    /// <summary>Starts it.</summary>
    /// <param name="isOneNamespace">True: the operators are in the story's namespace and work there alone, with <c>deploy/rbac/namespaced</c>; false: in all, with <c>deploy/rbac</c>.</param>
    public static async Task<RestrictedCluster> StartAsync(bool isOneNamespace)
    {
        var node = NodeSpec.Sized("node-1", gpus: 4);
        node = node with { Labels = new Dictionary<string, string>(node.Labels) { [GpuNodeLabels.NvidiaMemory] = "24576" } };
        var story = await StoryCluster.StartAsync(new() { Nodes = [node] });
        try
        {
            var home = HomeOf(story, isOneNamespace);
            foreach (var manifest in isOneNamespace ? await RenderedManifests.OneNamespaceAsync(home) : [])
            {
                await Installation.CreateAsync(story.Client, KubernetesYaml.LoadAllFromString(manifest.ToJsonString()).Single());
            }

            await story.Client.CoreV1.CreateNamespacedPodAsync(
                new V1Pod { Metadata = new V1ObjectMeta { Name = Pod }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "manager", Image = "registry.example/llmkube-operator:7" }] } }, home);
            var token = await story.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(new() { Spec = new() { Audiences = [], ExpirationSeconds = 86400 } }, FieldManagers.Operator, home);
            var configuration = story.Server.ClientConfiguration(token.Status.Token);
            configuration.Namespace = home;
            return new(story, await FaultProxy.StartAsync(configuration), isOneNamespace);
        }
        catch
        {
            await story.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the operators' account may do.</summary>
    public Task<IReadOnlyList<GrantedRight>> GrantedAsync() => GrantedRight.OfAccountAsync(Story.Client, Home, FieldManagers.Operator);

    /// <summary>Starts an operator as it is deployed; one of several works. One of a single namespace has nobody to ask who reads its metrics.</summary>
    public async Task<RunningOperator> StartOperatorAsync()
    {
        var options = new OperatorOptions { LeaderElect = true, Namespace = _isOneNamespace ? Home : null, PodName = Pod, PodNamespace = Home };
        var running = await RunningOperator.StartAsync(Proxy.ClientConfiguration(), options, s_time, secure: !_isOneNamespace);
        _operators.Add(running);
        return running;
    }

    public async Task StopOperatorAsync(RunningOperator running)
    {
        _operators.Remove(running);
        await running.DisposeAsync();
    }

    /// <summary>Awaits a request of the operators.</summary>
    public Task SeesAsync(string verb, string resource, string subresource = "") =>
        Eventually.TrueAsync(() => Requests.Any(r => (r.Verb, r.Resource, r.Subresource) == (verb, resource, subresource)), $"{verb} {resource} {subresource}");

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _operators.ToArray()) await StopOperatorAsync(running);
        await Proxy.DisposeAsync();
        await Story.DisposeAsync();
    }

    private static string HomeOf(StoryCluster story, bool isOneNamespace) => isOneNamespace ? story.Namespace : Installation.Namespace;

    private sealed class ClockAhead(TimeSpan time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + time;
    }
}
