using System.Text.Json;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Observes everything that a decision about a service needs.</summary>
internal sealed class ServiceView(IKubernetesClient client, ApiCalls api, GpuNodes nodes, OperatorImage image, OperatorOptions options, TimeProvider time)
{
    /// <summary>The snapshot of a service.</summary>
    public async Task<ServiceSnapshot> ObserveAsync(InferenceService service, CancellationToken cancellationToken)
    {
        var (name, ns, now) = (service.Metadata.Name, service.Metadata.NamespaceProperty, time.GetUtcNow());
        var child = ServiceNames.Child(name);
        var (model, problem) = await ModelAsync(service, cancellationToken);
        var mayServe = ModelReadiness.Obstacle(service.Spec, model, problem) is null;
        var claim = mayServe ? ModelClaims.Of(service.Spec, model!.Spec) : null;
        var isBarren = IsBarren(service) && !mayServe;
        var (deploying, serving) = (ChildAsync<V1Deployment>(child, isBarren, service, cancellationToken), ChildAsync<V1Service>(ServiceNames.Endpoint(name), isBarren, service, cancellationToken));
        await Task.WhenAll(deploying, serving);
        var deployment = await deploying;
        IReadOnlyList<V1Pod> pods = [.. (await client.ListAsync<V1Pod>(ns, SelectorOf(child), cancellationToken: cancellationToken)).Where(p => ServiceNames.OfPod(p) == name)];
        return new ServiceSnapshot
        {
            Service = service,
            Model = model,
            ModelProblem = problem,
            Deployment = deployment,
            Endpoint = await serving,
            Budget = await BudgetAsync(service, child, deployment, cancellationToken),
            AllPods = pods,
            PodEvents = StuckPods.Worst(pods, now) is { } stuck ? await api.ListEventsAsync(ns, stuck.Metadata.Uid, cancellationToken) : [],
            Queue = pods.Any(p => p.GpuWaitedFor() is not null) ? await QueueAsync(cancellationToken) : GpuQueue.Empty,
            GpuNodes = GpuFitDecider.NeedsNodes(service.Spec, model) ? await nodes.ListAsync(cancellationToken) : [],
            Claim = claim is null ? null : await client.GetAsync<V1PersistentVolumeClaim>(claim, ns, cancellationToken),
            Image = mayServe && claim is null ? await image.FindAsync(cancellationToken) : null,
            Options = options,
            Now = now,
        };
    }

    // One that somebody has stored and that our types can't hold is told of in the status of who refers to it.
    private async Task<(Model? Model, string? Problem)> ModelAsync(InferenceService service, CancellationToken cancellationToken)
    {
        if (service.Spec.ModelRef is not { Length: > 0 } name) return (null, null);
        try
        {
            return (await client.GetAsync<Model>(name, service.Metadata.NamespaceProperty, cancellationToken), null);
        }
        catch (JsonException e)
        {
            return (null, e.Message);
        }
    }

    // Where none of ours is in the store, the API is asked, since somebody else's may be in the way, or one that an older operator made. While a service waits for its
    // Model and can't have children yet, neither matters, and thousands that wait cost no request.
    private async Task<T?> ChildAsync<T>(string name, bool isBarren, InferenceService service, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var ns = service.Metadata.NamespaceProperty;
        if (!isBarren) return await client.GetAsync<T>(name, ns, cancellationToken);
        var ours = await client.ListAsync<T>(ns, SelectorOf(ServiceNames.Child(service.Metadata.Name)), cancellationToken: cancellationToken);
        return ours.FirstOrDefault(c => c.Metadata.Name == name);
    }

    // True if nobody has reported on the service yet, or if our own report says that it has no Deployment. (Only we report since when a generation is.)
    private static bool IsBarren(InferenceService service) => service.Status is null or { Phase: null or "" } or { GenerationSince: not null, Selector: null };

    private async Task<GpuQueue> QueueAsync(CancellationToken cancellationToken) => GpuQueue.Of(
        await client.ListAsync<V1Pod>(options.Namespace, Managed.Selector, cancellationToken: cancellationToken),
        await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken));

    // Services of one pod have no budget, and asking the API for one that is not there would cost a request each time; our own is in the store.
    private async Task<V1PodDisruptionBudget?> BudgetAsync(InferenceService service, string child, V1Deployment? deployment, CancellationToken cancellationToken)
    {
        var ns = service.Metadata.NamespaceProperty;
        if (ReplicaOwnership.Wanted(service, deployment) > 1) return await client.GetAsync<V1PodDisruptionBudget>(child, ns, cancellationToken);
        return (await client.ListAsync<V1PodDisruptionBudget>(ns, SelectorOf(child), cancellationToken: cancellationToken)).FirstOrDefault(b => b.Metadata.Name == child);
    }

    private static string SelectorOf(string child) => $"{Managed.Selector},{Labels.Service}={child}";
}
