using System.Net;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>
/// Lets a pod speak to the API server as its service account. Processes can't be given files at a fixed path, so theirs is a kubeconfig
/// that KUBECONFIG names.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="cluster">How pods reach it; null: they don't.</param>
internal sealed class ServiceAccountAccess(ClusterApi api, KubernetesClientConfiguration? cluster)
{
    // Nobody renews it: longer than any development cluster lives. It ends with its pod.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <returns>The kubeconfig's path; or why there is none, to be told to the container's reader; or neither, if the pod wants no access.</returns>
    /// <exception cref="PodSetupException">The account may come, or the server recover.</exception>
    public async Task<(string? Path, string? Denied)> GrantAsync(V1Pod pod, string folder, CancellationToken cancellation)
    {
        if (cluster is null || pod.Spec.AutomountServiceAccountToken == false) return default;
        string token;
        try
        {
            token = await TokenAsync(pod, null, cancellation);
        }
        catch (HttpOperationException e) when (HasNone(e))
        {
            return (null, $"no access to the API server as service account {AccountOf(pod)}: {e.Words()}");
        }

        var path = Path.Combine(folder, "kubeconfig");
        var text = KubeconfigText.Of(cluster.Host, cluster.SslCaCerts?.AsEnumerable() ?? [], AccountOf(pod), token, pod.Metadata.NamespaceProperty);
        PrivateFile.Write(path, Encoding.UTF8.GetBytes(text));
        return (path, null);
    }

    /// <summary>A token that is bound to the pod.</summary>
    /// <param name="pod">Whose service account.</param>
    /// <param name="audience">For whom; null: for the API server.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="HttpOperationException">The server refuses, and may do so for ever: it has no tokens, or the node has no right to them.</exception>
    /// <exception cref="PodSetupException">The account may come, or the server recover.</exception>
    public async Task<string> TokenAsync(V1Pod pod, string? audience, CancellationToken cancellation)
    {
        var request = new Authenticationv1TokenRequest
        {
            Spec = new()
            {
                Audiences = audience is null ? [] : [audience],
                ExpirationSeconds = (long)Lifetime.TotalSeconds,
                BoundObjectRef = new() { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            },
        };
        try
        {
            return (await api.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, AccountOf(pod), pod.Metadata.NamespaceProperty, cancellationToken: cancellation)).Status.Token;
        }
        catch (HttpOperationException e) when (!HasNone(e))
        {
            throw PodSetupException.Configuration($"no token for service account {AccountOf(pod)}: {e.Words()}");
        }
    }

    private static string AccountOf(V1Pod pod) => pod.Spec.ServiceAccountName is { Length: > 0 } named ? named : "default";

    // A path that nobody knows is answered like an object that is missing, but for the words.
    private static bool HasNone(HttpOperationException e) =>
        e.Is(HttpStatusCode.Forbidden) || e.Is(HttpStatusCode.MethodNotAllowed) || e.Is(HttpStatusCode.NotImplemented)
        || (e.Is(HttpStatusCode.NotFound) && e.Words().Contains("could not find the requested resource", StringComparison.Ordinal));
}
