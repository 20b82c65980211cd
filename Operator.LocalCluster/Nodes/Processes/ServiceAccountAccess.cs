using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;
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
    // Nobody renews it: longer than any development cluster lives.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <returns>The kubeconfig's path; or why there is none, to be told to the container's reader; or neither, if the pod wants no access.</returns>
    public async Task<(string? Path, string? Denied)> GrantAsync(V1Pod pod, string folder, CancellationToken cancellation)
    {
        if (cluster is null || pod.Spec.AutomountServiceAccountToken == false) return default;
        var (account, ns) = (pod.Spec.ServiceAccountName is { Length: > 0 } named ? named : "default", pod.Metadata.NamespaceProperty);
        Authenticationv1TokenRequest answer;
        try
        {
            var request = new Authenticationv1TokenRequest { Spec = new() { Audiences = [], ExpirationSeconds = (long)Lifetime.TotalSeconds } };
            answer = await api.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, account, ns, cancellationToken: cancellation);
        }
        catch (HttpOperationException e)
        {
            return (null, $"no access to the API server as service account {account}: {e.Words()}");
        }

        var path = Path.Combine(folder, "kubeconfig");
        PrivateFile.Write(path, Encoding.UTF8.GetBytes(Kubeconfig(ns, answer.Status.Token)));
        return (path, null);
    }

    private string Kubeconfig(string ns, string token)
    {
        var authority = cluster!.SslCaCerts is { Count: > 0 } certificates
            ? $"certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Join('\n', certificates.Select(c => c.ExportCertificatePem()))))}"
            : "insecure-skip-tls-verify: " + (cluster.SkipTlsVerify ? "true" : "false");
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: cluster
              cluster:
                server: {cluster.Host}
                {authority}
            users:
            - name: service-account
              user:
                token: "{token}"
            contexts:
            - name: pod
              context:
                cluster: cluster
                user: service-account
                namespace: {ns}
            current-context: pod

            """;
    }
}
