using k8s;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Watches a namespace as a stranger to the operator: what it has made, and when.</summary>
internal sealed class Observer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Kubernetes _client;
    private readonly string _namespace;
    private readonly List<Task> _watches = [];

    private Observer(KubernetesClientConfiguration configuration, string @namespace) => (_client, _namespace) = (new(configuration), @namespace);

    public Sightings<SeenModel> Models { get; } = new();

    public Sightings<SeenInferenceService> Services { get; } = new();

    public Sightings<SeenDeployment> Deployments { get; } = new();

    public Sightings<SeenService> Endpoints { get; } = new();

    public Sightings<SeenJob> Jobs { get; } = new();

    public Sightings<SeenClaim> Claims { get; } = new();

    private long Changes => Models.Changes + Services.Changes + Deployments.Changes + Endpoints.Changes + Jobs.Changes + Claims.Changes;

    /// <summary>Starts watching; returns when everything that is there has been seen.</summary>
    public static async Task<Observer> StartAsync(KubernetesClientConfiguration configuration, string @namespace)
    {
        var observer = new Observer(configuration, @namespace);
        await Task.WhenAll(
            observer.WatchAsync(observer.Models), observer.WatchAsync(observer.Services), observer.WatchAsync(observer.Deployments),
            observer.WatchAsync(observer.Endpoints), observer.WatchAsync(observer.Jobs), observer.WatchAsync(observer.Claims));
        return observer;
    }

    /// <summary>Until nothing has changed for so long.</summary>
    public async Task RestAsync(TimeSpan quiet)
    {
        long before;
        do
        {
            before = Changes;
            await Task.Delay(quiet, TimeProvider.System);
        }
        while (Changes != before);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watches);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync<T>(Sightings<T> sightings)
        where T : SeenObject
    {
        var informer = new Informer<T>(
            new ApiConnection(_client), new(_namespace), new(), TimeProvider.System, new Dice(new Random(1)), NullLogger.Instance);
        informer.AddHandler(sightings);
        _watches.Add(Task.Run(() => informer.RunAsync(_stop.Token)));
        await informer.Synced;
    }
}
