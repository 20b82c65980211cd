using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Plugin;

/// <summary>The cluster that is asked, as kubectl would choose it.</summary>
/// <param name="Client">Asks it.</param>
/// <param name="Namespace">The namespace that is meant where none is named.</param>
internal sealed record Cluster(IKubernetesClient Client, string Namespace) : IDisposable
{
    // So that nobody waits for long before an address that does not answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The cluster of a kubeconfig.</summary>
    /// <param name="file">The kubeconfig; null: those of <c>KUBECONFIG</c>, else the one in the home folder.</param>
    /// <param name="context">One of its contexts; null: the current one.</param>
    /// <param name="namespace">The namespace; null: the context's.</param>
    /// <exception cref="PluginFailure">There is none.</exception>
    public static Cluster Of(string? file, string? context, string? @namespace)
    {
        var files = (file ?? Environment.GetEnvironmentVariable("KUBECONFIG")) is { Length: > 0 } named
            ? named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            : [KubernetesClientConfiguration.KubeConfigDefaultLocation];
        FileInfo[] there = [.. files.Select(f => new FileInfo(f)).Where(f => f.Exists)];
        var configuration = there switch
        {
            [] => throw new PluginFailure($"there is no kubeconfig {string.Join(", ", files)}: name one with --kubeconfig"),
            [var one] => KubernetesClientConfiguration.BuildConfigFromConfigFile(one, context),
            _ when context is null => KubernetesClientConfiguration.BuildDefaultConfig(),
            _ => throw new PluginFailure("KUBECONFIG names several files: with --context name one of them with --kubeconfig"),
        };
        configuration.HttpClientTimeout = Patience;
        return new(new KubernetesClient(configuration), @namespace ?? configuration.Namespace ?? "default");
    }

    /// <summary>All pods of the operator's, and the present by the cluster's clock, which the ages of objects go by.</summary>
    /// <param name="namespace">Where; null: everywhere.</param>
    /// <param name="time">The clock for a server that tells no time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(IReadOnlyList<V1Pod> Pods, DateTimeOffset Now)> PodsAsync(string? @namespace, TimeProvider time, CancellationToken cancellationToken)
    {
        var core = Client.ApiClient.CoreV1;
        using var answer = @namespace is null
            ? await core.ListPodForAllNamespacesWithHttpMessagesAsync(labelSelector: Managed.Selector, cancellationToken: cancellationToken)
            : await core.ListNamespacedPodWithHttpMessagesAsync(@namespace, labelSelector: Managed.Selector, cancellationToken: cancellationToken);
        return ([.. answer.Body.Items], answer.Response.Headers.Date ?? time.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
