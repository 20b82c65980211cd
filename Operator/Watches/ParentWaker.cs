using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Watches;

/// <summary>Puts the Models and InferenceServices that an event concerns into their queues. They look at the whole state, not at the event.</summary>
internal sealed class ParentWaker(IKubernetesClient client, EntityQueue<InferenceService> services, EntityQueue<Model> models)
{
    /// <summary>Wakes the owners of a child that are of our kinds.</summary>
    public async Task WakeOwnersAsync(IKubernetesObject<V1ObjectMeta> child, CancellationToken cancellationToken)
    {
        foreach (var owner in child.Metadata.OwnerReferences ?? [])
        {
            if (owner.ApiVersion != ApiGroup.NameAndVersion) continue;
            var ns = child.Metadata.NamespaceProperty;
            if (owner.Kind == InferenceService.KubeKind) await WakeServiceAsync(ns, owner.Name, cancellationToken);
            else if (owner.Kind == Model.KubeKind) await WakeModelAsync(ns, owner.Name, cancellationToken);
        }
    }

    /// <summary>Wakes the service of a serving pod, or the models of a fetching one.</summary>
    public async Task WakeOwnersOfPodAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (ServiceNames.OfPod(pod) is { } service)
        {
            await WakeServiceAsync(ns, service, cancellationToken);
            return;
        }

        // A Job that we don't watch any more is gone, and has told its models so itself.
        if (pod.Metadata.Labels?.TryGetValue(Labels.CacheKey, out var key) != true) return;
        foreach (var job in await client.ListAsync<V1Job>(ns, $"{Labels.ManagedSelector},{Labels.CacheKey}={key}", cancellationToken: cancellationToken))
        {
            if (pod.Metadata.OwnerReferences?.Any(o => o.Uid == job.Metadata.Uid) == true) await WakeOwnersAsync(job, cancellationToken);
        }
    }

    /// <summary>Wakes the models of a namespace that are being deleted: a pod that may have held one of them is gone.</summary>
    public async Task WakeLeavingModelsOfAsync(string @namespace, CancellationToken cancellationToken)
    {
        foreach (var model in await client.ListAsync<Model>(@namespace, cancellationToken: cancellationToken))
        {
            if (model.Metadata.DeletionTimestamp is not null) await WakeAsync(model, cancellationToken);
        }
    }

    /// <summary>Wakes the services that serve a model.</summary>
    public async Task WakeServicesOfAsync(Model model, CancellationToken cancellationToken)
    {
        foreach (var service in await client.ListAsync<InferenceService>(model.Metadata.NamespaceProperty, cancellationToken: cancellationToken))
        {
            if (service.Spec.ModelRef == model.Metadata.Name) await WakeAsync(service, cancellationToken);
        }
    }

    /// <summary>Wakes all models of a namespace: their common cache has changed.</summary>
    public async Task WakeModelsOfAsync(string @namespace, CancellationToken cancellationToken)
    {
        foreach (var model in await client.ListAsync<Model>(@namespace, cancellationToken: cancellationToken)) await WakeAsync(model, cancellationToken);
    }

    /// <summary>Wakes the models of one source.</summary>
    public async Task WakeModelsOfKeyAsync(string @namespace, string? key, CancellationToken cancellationToken)
    {
        foreach (var model in await client.ListAsync<Model>(@namespace, cancellationToken: cancellationToken))
        {
            if (CacheKey.Of(SourceIdentity.Of(model.Spec)) == key) await WakeAsync(model, cancellationToken);
        }
    }

    /// <summary>Wakes a service by its name alone: one that is gone, or can't be read, is no matter for the others.</summary>
    public Task WakeServiceAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        WakeAsync(new InferenceService { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace } }, cancellationToken);

    /// <summary>Wakes a model by its name alone: one that is gone, or can't be read, is no matter for the others.</summary>
    public Task WakeModelAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        WakeAsync(new Model { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace } }, cancellationToken);

    /// <summary>Wakes a service.</summary>
    public Task WakeAsync(InferenceService service, CancellationToken cancellationToken) =>
        services(service, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, 0, cancellationToken);

    /// <summary>Wakes a model.</summary>
    public Task WakeAsync(Model model, CancellationToken cancellationToken) =>
        models(model, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, 0, cancellationToken);
}
