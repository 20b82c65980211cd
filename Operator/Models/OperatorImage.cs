using System.Net;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>The image that fetch Jobs run: the one that the command line names, else that of the pod which this program runs in.</summary>
internal sealed class OperatorImage(IKubernetesClient client, OperatorOptions options, ILogger<OperatorImage> logger)
{
    // kubectl's name for "the container that a pod is about".
    private const string DefaultContainer = "kubectl.kubernetes.io/default-container";

    private static readonly string Unplaced = $"llmkube-operator:{typeof(OperatorImage).Assembly.GetName().Version!.ToString(3)}";

    private string? _known = options.OperatorImage;

    /// <summary>The image. It stays the same for as long as the program runs.</summary>
    public async ValueTask<string> FindAsync(CancellationToken cancellationToken) => _known ??= await OfOwnPodAsync(cancellationToken);

    private async Task<string> OfOwnPodAsync(CancellationToken cancellationToken)
    {
        if (options is not { PodName: { Length: > 0 } name, PodNamespace: { Length: > 0 } ns }) return Unplaced;
        if (await OwnPodAsync(name, ns, cancellationToken) is { } pod) return ImageOf(pod);

        // The cluster that this program runs in is not the one that it works on, or doesn't let it look.
        logger.NoOwnPod(name, ns, Unplaced);
        return Unplaced;
    }

    private async Task<V1Pod?> OwnPodAsync(string name, string @namespace, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync<V1Pod>(name, @namespace, cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private static string ImageOf(V1Pod pod)
    {
        var named = pod.Metadata.Annotations?.TryGetValue(DefaultContainer, out var container) == true ? container : null;
        return (pod.Spec.Containers.FirstOrDefault(c => c.Name == named) ?? pod.Spec.Containers[0]).Image;
    }
}
