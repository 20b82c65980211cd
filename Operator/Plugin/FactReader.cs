using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>Reads what <see cref="Why"/> goes by. What only explains (nodes, the Lease, other namespaces) may be forbidden.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="operatorNamespace">Where the operator's Lease is.</param>
/// <param name="time">The clock for a server that tells no time.</param>
internal sealed class FactReader(Cluster cluster, string operatorNamespace, TimeProvider time)
{
    private readonly IKubernetesClient _client = cluster.Client;

    /// <summary>The facts about an object.</summary>
    /// <param name="asked">Its name; before it may stand its kind, as in <c>isvc/NAME</c> or <c>model/NAME</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PluginFailure">There is none of that name.</exception>
    /// <exception cref="HttpOperationException">The API server refuses something that is needed.</exception>
    public async Task<WhyFacts> ReadAsync(string asked, CancellationToken cancellationToken)
    {
        var (kind, name) = asked.Split('/', 2) is [var said, var behind] ? (KindOf(said), behind) : (null, asked);
        var service = kind == Model.KubeKind ? null : await _client.GetAsync<InferenceService>(name, cluster.Namespace, cancellationToken);
        var modelName = service?.Spec.ModelRef ?? (kind == InferenceService.KubeKind ? null : name);
        var model = modelName is { Length: > 0 } ? await _client.GetAsync<Model>(modelName, cluster.Namespace, cancellationToken) : null;
        if (service is null && model is null) throw await MissingAsync(kind, name, cancellationToken);

        var (pods, now) = await cluster.PodsAsync(cluster.Namespace, time, cancellationToken);
        V1Pod[] own = service is null ? [] : [.. pods.Where(p => ServiceNames.OfPod(p) == service.Metadata.Name)];
        V1Pod[] fetch = model is null ? [] : [.. pods.Where(p => p.Metadata.Labels?.TryGetValue(Labels.CacheKey, out var key) == true && key == CacheKey.Of(model.Spec) && ServiceNames.OfPod(p) is null)];
        var (upgrading, stuck) = service?.Status is { } status && UpgradeTurns.IsWaiting(status) ? await TurnsAsync(cancellationToken) : ([], []);
        return new()
        {
            Now = now,
            Service = service,
            Model = model,
            Deployment = service is null ? null : await _client.GetAsync<V1Deployment>(ServiceNames.Child(service.Metadata.Name), cluster.Namespace, cancellationToken),
            Pods = own,
            FetchPods = fetch,
            Events = await EventsAsync(own, now, cancellationToken),
            FetchEvents = await EventsAsync(fetch, now, cancellationToken),
            Upgrading = upgrading,
            UpgradesStuck = stuck,
            NodeResources = await IfAllowedAsync(async () => (await _client.ListAsync<V1Node>(cancellationToken: cancellationToken))
                .SelectMany(n => n.Status?.Allocatable ?? new Dictionary<string, ResourceQuantity>()).Where(r => r.Value.ToDecimal() > 0).Select(r => r.Key).Distinct().ToArray()),
            Lease = await IfAllowedAsync(() => _client.ApiClient.CoordinationV1.ReadNamespacedLeaseAsync(OperatorApplication.LeaseName, operatorNamespace, cancellationToken: cancellationToken)),
        };
    }

    private async Task<IReadOnlyList<Corev1Event>> EventsAsync(V1Pod[] pods, DateTimeOffset now, CancellationToken cancellationToken) =>
        StuckPods.Worst(pods, now) is { } stuck ? await new ApiCalls(_client).ListEventsAsync(cluster.Namespace, stuck.Metadata.Uid, cancellationToken) : [];

    private async Task<(IReadOnlyList<(string Namespace, string Name)> Upgrading, IReadOnlyList<(string Namespace, string Name)> Stuck)> TurnsAsync(CancellationToken cancellationToken)
    {
        var told = (await WidelyAsync(ns => _client.ListAsync<InferenceService>(ns, cancellationToken: cancellationToken)))
            .ToLookup(s => UpgradeCause.TurnOf(s.Status?.Conditions), s => (s.Metadata.NamespaceProperty, s.Metadata.Name));
        return ([.. told[UpgradeCause.Turn.UnderWay]], [.. told[UpgradeCause.Turn.Stuck]]);
    }

    // Turns go round the cluster, of which the asker may see one namespace alone.
    private async Task<IList<T>> WidelyAsync<T>(Func<string?, Task<IList<T>>> list) => await IfAllowedAsync(() => list(null)) ?? await list(cluster.Namespace);

    private async Task<PluginFailure> MissingAsync(string? kind, string name, CancellationToken cancellationToken)
    {
        List<string> names = [];
        if (kind != Model.KubeKind) names.AddRange((await _client.ListAsync<InferenceService>(cluster.Namespace, cancellationToken: cancellationToken)).Select(s => s.Metadata.Name));
        if (kind != InferenceService.KubeKind) names.AddRange((await _client.ListAsync<Model>(cluster.Namespace, cancellationToken: cancellationToken)).Select(m => m.Metadata.Name));
        return new($"there is no {kind ?? "InferenceService or Model"} {name} in namespace {cluster.Namespace}{Nearest.Hint(name, names)}");
    }

    private static string KindOf(string said) => said.ToLowerInvariant() switch
    {
        "isvc" or "inferenceservice" or "inferenceservices" => InferenceService.KubeKind,
        "mdl" or "model" or "models" => Model.KubeKind,
        _ => throw new PluginFailure($"{said} is no kind of the operator: isvc/NAME or model/NAME"),
    };

    private static async Task<T?> IfAllowedAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
