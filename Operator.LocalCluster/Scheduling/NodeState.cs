using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>A node and what is bound to it.</summary>
internal sealed class NodeState(V1Node node)
{
    private readonly Dictionary<string, PodState> _pods = [];
    private readonly HashSet<PodState> _repelling = [];
    private readonly Dictionary<string, decimal> _used = [];

    public V1Node Node { get; set; } = node;

    public string Name => Node.Metadata.Name;

    public IReadOnlyCollection<PodState> Pods => _pods.Values;

    /// <summary>The pods whose required anti-affinity may keep others away.</summary>
    public IReadOnlyCollection<PodState> Repelling => _repelling;

    public IReadOnlyDictionary<string, decimal> Used => _used;

    public decimal Allocatable(string resource) =>
        Node.Status?.Allocatable is { } all && all.TryGetValue(resource, out var amount) ? amount.ToDecimal() : 0;

    public void Put(PodState pod)
    {
        Remove(pod.Uid);
        _pods[pod.Uid] = pod;
        if (pod.Repels) _repelling.Add(pod);
        Account(pod, 1);
    }

    public bool Remove(string uid)
    {
        if (!_pods.Remove(uid, out var pod)) return false;
        _repelling.Remove(pod);
        Account(pod, -1);
        return true;
    }

    /// <summary>What the node would be without some of its pods.</summary>
    public NodeState Without(IEnumerable<PodState> leaving)
    {
        var copy = new NodeState(Node);
        foreach (var pod in _pods.Values) copy.Put(pod);
        foreach (var pod in leaving) copy.Remove(pod.Uid);
        return copy;
    }

    private void Account(PodState pod, int sign)
    {
        foreach (var (resource, amount) in pod.Requests)
        {
            var sum = _used.GetValueOrDefault(resource) + (sign * amount);
            if (sum == 0) _used.Remove(resource);
            else _used[resource] = sum;
        }
    }
}
