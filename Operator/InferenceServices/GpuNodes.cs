using System.Globalization;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A node that says how much memory its GPUs have.</summary>
/// <param name="MemoryBytes">Of each of them.</param>
/// <param name="Labels">The node's labels.</param>
internal sealed record GpuNode(long MemoryBytes, IReadOnlyDictionary<string, string> Labels)
{
    // More than any GPU has: what claims more is no size.
    private const long MostMiB = 1L << 30;

    /// <summary>What a node says; null if it says nothing that can be.</summary>
    public static GpuNode? Of(V1Node node) =>
        node.Metadata.Labels is { } labels
        && labels.TryGetValue(GpuNodeLabels.NvidiaMemory, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mebibytes)
        && mebibytes is > 0 and <= MostMiB
            ? new(mebibytes << 20, labels.AsReadOnly())
            : null;

    /// <summary>True if the node has all labels that pods ask for.</summary>
    public bool Matches(IDictionary<string, string>? selector) =>
        selector is null || selector.All(wanted => Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);
}

/// <summary>
/// Knows the nodes that say how much memory their GPUs have. Nodes change every few seconds and their labels hardly ever, so that they are not watched: they
/// are listed when somebody asks, and not again for some minutes. An operator that may not list them knows none; one of a single namespace, which needs no
/// right beyond that, does not try.
/// </summary>
[GenericRbac(Groups = [""], Resources = ["nodes"], Verbs = RbacVerb.List)]
internal sealed class GpuNodes(IKubernetesClient client, OperatorOptions options, TimeProvider time, ILogger<GpuNodes> logger)
{
    /// <summary>How long a list is good for, and after which time whoever depends on it asks again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Who asks first, lists; those who ask meanwhile share it.
    private readonly Lock _gate = new();
    private Task<IReadOnlyList<GpuNode>> _asked = Task.FromResult<IReadOnlyList<GpuNode>>([]);
    private long? _askedAt;
    private volatile IReadOnlyList<GpuNode> _known = [];

    /// <summary>The nodes as they were when they were listed last; null: they are not read.</summary>
    public async Task<IReadOnlyList<GpuNode>?> ListAsync(CancellationToken cancellationToken) =>
        options.Namespace is null ? await Listed().WaitAsync(cancellationToken) : null;

    private Task<IReadOnlyList<GpuNode>> Listed()
    {
        lock (_gate)
        {
            if (_askedAt is not { } at || time.GetElapsedTime(at) >= Interval || _asked.IsFaulted)
            {
                _askedAt = time.GetTimestamp();
                _asked = ReadAsync();
            }

            return _asked;
        }
    }

    // Advice is no reason to fail: what was known stays so.
    private async Task<IReadOnlyList<GpuNode>> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            var nodes = await client.ListAsync<V1Node>(labelSelector: GpuNodeLabels.NvidiaMemory, cancellationToken: patience.Token);
            _known = [.. nodes.Select(GpuNode.Of).OfType<GpuNode>()];
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            logger.NoNodes(e is HttpOperationException answered ? ApiStatus.MessageOf(answered) : e.Message);
        }
        catch (OperationCanceledException)
        {
            logger.NoNodes($"no answer within {Patience.TotalSeconds} s");
        }

        return _known;
    }
}
