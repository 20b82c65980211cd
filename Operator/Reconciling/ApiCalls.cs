using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.KubernetesClient;

namespace LlmKube.Operator.Reconciling;

/// <summary>The one class that goes round <see cref="IKubernetesClient"/> to its <see cref="IKubernetesClient.ApiClient"/>, for what the former can't say.</summary>
[GenericRbac(Groups = ["authentication.k8s.io"], Resources = ["tokenreviews"], Verbs = RbacVerb.Create)]
[GenericRbac(Groups = [""], Resources = ["events"], Verbs = RbacVerb.List)]
[GenericRbac(Groups = ["authorization.k8s.io"], Resources = ["subjectaccessreviews"], Verbs = RbacVerb.Create)]
internal sealed class ApiCalls(IKubernetesClient client)
{
    /// <summary>The end of a container's log.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container.</param>
    /// <param name="lines">How many lines at most.</param>
    /// <param name="bytes">How many bytes of them at most, whatever the server sends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpOperationException">The server has none: the pod is gone, or its container has not begun.</exception>
    public async Task<string> ReadLogEndAsync(string @namespace, string pod, string container, int lines, int bytes, CancellationToken cancellationToken)
    {
        await using var log = await client.ApiClient.CoreV1.ReadNamespacedPodLogAsync(
            pod, @namespace, container, limitBytes: bytes, tailLines: lines, cancellationToken: cancellationToken);
        return await TextAsync(log, bytes, cancellationToken);
    }

    /// <summary>The begin of a container's log, of as much of it as there still is.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container, which has begun.</param>
    /// <param name="bytes">How many bytes at most, whatever the server sends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpOperationException">The server has none: the pod is gone, its node doesn't answer, or it may not be read.</exception>
    public async Task<string> ReadLogBeginAsync(string @namespace, string pod, string container, int bytes, CancellationToken cancellationToken)
    {
        await using var log = await client.ApiClient.CoreV1.ReadNamespacedPodLogAsync(pod, @namespace, container, limitBytes: bytes, cancellationToken: cancellationToken);
        return await TextAsync(log, bytes, cancellationToken);
    }

    /// <summary>The Events of an object; none where they may not be read, since they only explain.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="uid">Its uid.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Corev1Event>> ListEventsAsync(string @namespace, string uid, CancellationToken cancellationToken)
    {
        const int Most = 100;
        try
        {
            var list = await client.ApiClient.CoreV1.ListNamespacedEventAsync(@namespace, fieldSelector: $"involvedObject.uid={uid}", limit: Most, cancellationToken: cancellationToken);
            return [.. list.Items];
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden)
        {
            return [];
        }
    }

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

    /// <summary>Whose token this is; null if the server knows nobody by it.</summary>
    public async Task<V1UserInfo?> ReviewTokenAsync(string token, CancellationToken cancellationToken)
    {
        var review = new V1TokenReview { Spec = new V1TokenReviewSpec { Token = token } };
        var reviewed = await client.ApiClient.AuthenticationV1.CreateTokenReviewAsync(review, cancellationToken: cancellationToken);
        return reviewed.Status is { Authenticated: true, User: { } user } ? user : null;
    }

    /// <summary>True if the user has the verb on a path that is no resource's, such as <c>/metrics</c>.</summary>
    public async Task<bool> MayAsync(V1UserInfo user, string verb, string path, CancellationToken cancellationToken)
    {
        var review = new V1SubjectAccessReview
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = user.Username,
                Uid = user.Uid,
                Groups = user.Groups,
                Extra = user.Extra,
                NonResourceAttributes = new V1NonResourceAttributes { Path = path, Verb = verb },
            },
        };
        var reviewed = await client.ApiClient.AuthorizationV1.CreateSubjectAccessReviewAsync(review, cancellationToken: cancellationToken);
        return reviewed.Status is { Allowed: true };
    }

    private static async Task<string> TextAsync(Stream log, int bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[bytes];
        var read = await log.ReadAtLeastAsync(buffer, bytes, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
