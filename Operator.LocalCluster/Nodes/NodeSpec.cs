using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>A node to be played.</summary>
public sealed record NodeSpec
{
    /// <summary>The name of the Node object and its hostname label.</summary>
    public required string Name { get; init; }

    /// <summary>Labels beside the standard ones (hostname, os, arch, zone).</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The value of the label <c>topology.kubernetes.io/zone</c>; null leaves it out.</summary>
    public string? Zone { get; init; }

    /// <summary>What keeps pods away that don't tolerate it.</summary>
    public IReadOnlyList<V1Taint> Taints { get; init; } = [];

    /// <summary>What the node can give, as quantities; capacity is the same.</summary>
    public IReadOnlyDictionary<string, string> Allocatable { get; init; } = new Dictionary<string, string>();

    /// <summary>A node with 16 CPUs, 64 GiB of memory, room for 110 pods and so many pretended NVIDIA GPUs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="gpus">How many GPUs it says it has.</param>
    public static NodeSpec Sized(string name, int gpus = 0)
    {
        var allocatable = new Dictionary<string, string> { ["cpu"] = "16", ["memory"] = "64Gi", ["ephemeral-storage"] = "200Gi", ["pods"] = "110" };
        if (gpus > 0) allocatable["nvidia.com/gpu"] = gpus.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new()
        {
            Name = name,
            Allocatable = allocatable,
            Labels = gpus > 0 ? new Dictionary<string, string> { ["nvidia.com/gpu.present"] = "true" } : new Dictionary<string, string>(),
        };
    }

    /// <summary>The names <c>node-1</c>, <c>node-2</c>, ... each with as many GPUs.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="gpus">How many GPUs each says it has.</param>
    public static IReadOnlyList<NodeSpec> Many(int count, int gpus = 0) =>
        [.. Enumerable.Range(1, count).Select(i => Sized($"node-{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}", gpus))];
}

/// <summary>The nodes that are played now; may change while they run.</summary>
public sealed class NodeFleet
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NodeSpec> _nodes;

    /// <summary>Starts with these.</summary>
    /// <param name="nodes">The first nodes.</param>
    public NodeFleet(params IEnumerable<NodeSpec> nodes) => _nodes = nodes.ToDictionary(n => n.Name);

    internal event Action<string>? Changed;

    /// <summary>All names.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate) return [.. _nodes.Keys];
        }
    }

    /// <summary>Adds a node, or changes what it says of itself.</summary>
    /// <param name="node">The node.</param>
    public void Put(NodeSpec node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_gate) _nodes[node.Name] = node;
        Changed?.Invoke(node.Name);
    }

    /// <summary>Takes a node away, as when its machine dies: its Node object goes, its pods with it.</summary>
    /// <param name="name">The node's name.</param>
    public void Remove(string name)
    {
        lock (_gate) _nodes.Remove(name);
        Changed?.Invoke(name);
    }

    internal NodeSpec? Find(string name)
    {
        lock (_gate) return _nodes.GetValueOrDefault(name);
    }
}
