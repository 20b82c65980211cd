using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Observes everything that a decision about a service needs.</summary>
internal sealed class ServiceView(IKubernetesClient client, OperatorOptions options, TimeProvider time)
{
    /// <summary>The snapshot of a service.</summary>
    public async Task<ServiceSnapshot> ObserveAsync(InferenceService service, CancellationToken cancellationToken)
    {
        var (name, ns) = (service.Metadata.Name, service.Metadata.NamespaceProperty);
        var child = ServiceNames.Child(name);
        var deployment = await client.GetAsync<V1Deployment>(child, ns, cancellationToken);
        IReadOnlyList<V1Pod> pods = [.. (await client.ListAsync<V1Pod>(ns, SelectorOf(child), cancellationToken: cancellationToken)).Where(p => ServiceNames.OfPod(p) == name)];
        return new ServiceSnapshot
        {
            Service = service,
            Model = service.Spec.ModelRef is { Length: > 0 } model ? await client.GetAsync<Model>(model, ns, cancellationToken) : null,
            Deployment = deployment,
            Endpoint = await client.GetAsync<V1Service>(ServiceNames.Endpoint(name), ns, cancellationToken),
            Budget = await BudgetAsync(service, child, deployment, cancellationToken),
            AllPods = pods,
            Queue = pods.Any(p => p.GpuWaitedFor() is not null) ? await QueueAsync(cancellationToken) : GpuQueue.Empty,
            CachePath = options.ModelCachePath,
            Now = time.GetUtcNow(),
        };
    }

    private async Task<GpuQueue> QueueAsync(CancellationToken cancellationToken) => GpuQueue.Of(
        await client.ListAsync<V1Pod>(options.Namespace, Labels.ManagedSelector, cancellationToken: cancellationToken),
        await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken));

    // Services of one pod have no budget, and asking the API for one that is not there would cost a request each time; our own is in the store.
    private async Task<V1PodDisruptionBudget?> BudgetAsync(InferenceService service, string child, V1Deployment? deployment, CancellationToken cancellationToken)
    {
        var ns = service.Metadata.NamespaceProperty;
        if (ReplicaOwnership.Wanted(service, deployment) > 1) return await client.GetAsync<V1PodDisruptionBudget>(child, ns, cancellationToken);
        return (await client.ListAsync<V1PodDisruptionBudget>(ns, SelectorOf(child), cancellationToken: cancellationToken)).FirstOrDefault(b => b.Metadata.Name == child);
    }

    private static string SelectorOf(string child) => $"{Labels.ManagedSelector},{Labels.Service}={child}";
}
