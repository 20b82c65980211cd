using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Pods without a node: the active ones by priority and age, the others until something changes. Not thread-safe.</summary>
internal sealed class PodQueue
{
    private readonly SortedSet<PodState> _active = new(Comparer<PodState>.Create(Compare));
    private readonly Dictionary<string, PodState> _known = [];
    private readonly Dictionary<string, PodState> _parked = [];

    public PodState? Find(string uid) => _known.GetValueOrDefault(uid);

    /// <summary>Adds a pod, or takes its newer state; a parked one stays parked unless told otherwise.</summary>
    public void Put(PodState pod, bool activate)
    {
        var parked = _parked.ContainsKey(pod.Uid) && !activate;
        Remove(pod.Uid);
        _known[pod.Uid] = pod;
        if (parked) _parked[pod.Uid] = pod;
        else _active.Add(pod);
    }

    public void Remove(string uid)
    {
        if (!_known.Remove(uid, out var pod)) return;
        _active.Remove(pod);
        _parked.Remove(uid);
    }

    /// <summary>The most important active pod; it counts as parked until it is removed or activated.</summary>
    public PodState? Take()
    {
        if (_active.Min is not { } pod) return null;
        _active.Remove(pod);
        _parked[pod.Uid] = pod;
        return pod;
    }

    public bool Activate(Func<PodState, bool> which)
    {
        var woken = _parked.Values.Where(which).ToList();
        foreach (var pod in woken)
        {
            _parked.Remove(pod.Uid);
            _active.Add(pod);
        }

        return woken.Count > 0;
    }

    private static int Compare(PodState a, PodState b)
    {
        var order = b.Priority.CompareTo(a.Priority);
        if (order == 0) order = Nullable.Compare(a.Pod.Metadata.CreationTimestamp, b.Pod.Metadata.CreationTimestamp);
        if (order == 0) order = string.CompareOrdinal(ObjectKey.Of(a.Pod).ToString(), ObjectKey.Of(b.Pod).ToString());
        return order == 0 ? string.CompareOrdinal(a.Uid, b.Uid) : order;
    }
}
