using System.Net.Http.Headers;
using k8s;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The operator's metrics: over HTTPS with a certificate that it made itself, for a user who may read them.</summary>
/// <param name="client">Finds its pod.</param>
/// <param name="token">The user's.</param>
internal sealed class OperatorScrape(IKubernetes client, string token) : IDisposable
{
    public const string Namespace = "llmkube-system";

    public const string DeploymentName = "llmkube-operator";

    private const string Port = "metrics";

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == $"CN={DeploymentName}" },
    });

    /// <summary>Where they are; null if its pod has no address.</summary>
    public async Task<Uri?> AddressAsync(CancellationToken cancellation)
    {
        var pods = await client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: $"app.kubernetes.io/name={DeploymentName}", cancellationToken: cancellation);
        if (pods.Items.FirstOrDefault(p => p is { Status.PodIP.Length: > 0, Metadata.DeletionTimestamp: null }) is not { } pod) return null;
        return pod.Spec.Containers[0].Ports?.FirstOrDefault(p => p.Name == Port) is { } port ? new($"https://{pod.Status.PodIP}:{port.ContainerPort}/metrics") : null;
    }

    /// <summary>The text there.</summary>
    /// <exception cref="HttpRequestException">It can't be read.</exception>
    public async Task<string> ReadAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await _http.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancellation);
    }

    public void Dispose() => _http.Dispose();
}
