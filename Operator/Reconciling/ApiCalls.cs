using System.Diagnostics;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace LlmKube.Operator.Reconciling;

/// <summary>The one class that goes round <see cref="IKubernetesClient"/> to its <see cref="IKubernetesClient.ApiClient"/>, for what the former can't say.</summary>
internal sealed class ApiCalls(IKubernetesClient client)
{
    /// <summary>Deletes an object with its uid as a precondition. False if it (or this incarnation of it) was gone already.</summary>
    public async Task<bool> DeleteAsync(ObjectRef target, DeletePropagation propagation, CancellationToken cancellationToken)
    {
        var api = client.ApiClient;
        var (name, ns) = (target.Name, target.Namespace);
        var options = new V1DeleteOptions
        {
            PropagationPolicy = propagation.ToString(),
            Preconditions = target.Uid is { } uid ? new V1Preconditions { Uid = uid } : null,
        };
        try
        {
            Task deletion = target.Kind switch
            {
                V1Deployment.KubeKind => api.AppsV1.DeleteNamespacedDeploymentAsync(name, ns, options, cancellationToken: cancellationToken),
                V1Service.KubeKind => api.CoreV1.DeleteNamespacedServiceAsync(name, ns, options, cancellationToken: cancellationToken),
                V1PodDisruptionBudget.KubeKind => api.PolicyV1.DeleteNamespacedPodDisruptionBudgetAsync(name, ns, options, cancellationToken: cancellationToken),
                V1Job.KubeKind => api.BatchV1.DeleteNamespacedJobAsync(name, ns, options, cancellationToken: cancellationToken),
                _ => throw new UnreachableException($"Delete has no arm for {target.Kind}."),
            };
            await deletion;
            return true;
        }
        catch (JsonException)
        {
            return true; // only a success is decoded: the server answered it with a Status where the client expects the object
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (HttpOperationException e) when (target.Uid is not null && e.Response.StatusCode is HttpStatusCode.Conflict)
        {
            return false; // the name belongs to another object by now
        }
    }
}
