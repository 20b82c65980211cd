using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;

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
        foreach (var job in await client.ListAsync<V1Job>(ns, $"{Managed.Selector},{Labels.CacheKey}={key}", cancellationToken: cancellationToken))
        {
            if (pod.Metadata.OwnerReferences?.Any(o => o.Uid == job.Metadata.Uid) == true) await WakeOwnersAsync(job, cancellationToken);
        }
    }

    /// <summary>Wakes the models that are being deleted and may have been held by a pod that is gone: the one that it served, and others of the file's source.</summary>
    public async Task WakeLeavingModelsOfAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        if (pod.Metadata.Labels?.TryGetValue(Labels.Model, out var label) != true || label is null) return;
        var ns = pod.Metadata.NamespaceProperty;

        // A name that doesn't fit into a label is a hash there, and a model whose source has changed tells nothing of the file: then all of the namespace have to be looked at.
        var served = await client.GetAsync<Model>(label, ns, cancellationToken);
        var isOfSource = served is not null && ServedFile.Of(pod)?.IsOf(CacheKey.Of(served.Spec)) != false;
        var selector = isOfSource ? SelectableFields.SourceIs(served!.Spec.Source) : null;
        foreach (var model in await client.ListAsync<Model>(ns, fieldSelector: selector, cancellationToken: cancellationToken))
        {
            if (model.Metadata.DeletionTimestamp is not null) await WakeAsync(model, cancellationToken);
        }
    }

    /// <summary>Wakes the services that serve a model; none if their definition is gone, so that the model can go, too.</summary>
    public async Task WakeServicesOfAsync(Model model, CancellationToken cancellationToken)
    {
        IList<InferenceService> serving;
        try
        {
            serving = await client.ListAsync<InferenceService>(
                model.Metadata.NamespaceProperty, fieldSelector: SelectableFields.ModelRefIs(model.Metadata.Name), cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            return;
        }

        foreach (var service in serving) await WakeAsync(service, cancellationToken);
    }

    /// <summary>Wakes all models of a namespace: their common cache has changed.</summary>
    public async Task WakeModelsOfAsync(string @namespace, CancellationToken cancellationToken)
    {
        foreach (var model in await client.ListAsync<Model>(@namespace, cancellationToken: cancellationToken)) await WakeAsync(model, cancellationToken);
    }

    /// <summary>Wakes the models of the source whose file a Job removes: those that wait for its end don't own it.</summary>
    public async Task WakeModelsOfRemovalAsync(V1Job removal, CancellationToken cancellationToken)
    {
        var (ns, key) = (removal.Metadata.NamespaceProperty, FetchJobBuilder.KeyOf(removal));

        // The source is known by who owns the Job. If all of them are gone, every Model has to be looked at.
        string? selector = null;
        foreach (var owner in removal.Metadata.OwnerReferences ?? [])
        {
            if (await client.GetAsync<Model>(owner.Name, ns, cancellationToken) is { } model && CacheKey.Of(model.Spec) == key) selector = SelectableFields.SourceIs(model.Spec.Source);
        }

        foreach (var model in await client.ListAsync<Model>(ns, fieldSelector: selector, cancellationToken: cancellationToken))
        {
            if (CacheKey.Of(model.Spec) == key) await WakeAsync(model, cancellationToken);
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
