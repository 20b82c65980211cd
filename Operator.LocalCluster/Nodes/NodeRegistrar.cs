using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>Keeps the Node objects of a fleet. There is no heartbeat: a quiet cluster makes no requests.</summary>
internal sealed class NodeRegistrar : Controller<string>
{
    private readonly NodeFleet _fleet;
    private readonly NodeAgent _agent;
    private readonly string _runtime;
    private readonly WatchCache<V1Node> _nodes;
    private readonly HashSet<string> _ours = [];
    private readonly HashSet<string> _first;
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeRegistrar(ClusterCaches caches, NodeFleet fleet, NodeAgent agent, string runtime)
        : base(caches, "Registrar")
    {
        _fleet = fleet;
        _agent = agent;
        _runtime = runtime;
        _nodes = caches.Of<V1Node>();
        fleet.Changed += Queue.Add;
        _first = [.. fleet.Names];
        foreach (var name in _first) Queue.Add(name);
        if (_first.Count == 0) _registered.SetResult();
        _nodes.Changed += (before, now) =>
        {
            if (now is null && fleet.Find(before!.Metadata.Name) is not null) Queue.Add(before.Metadata.Name);
        };
    }

    /// <summary>Ends when all nodes of the start have their objects.</summary>
    public Task Registered => _registered.Task;

    protected override async Task ReconcileAsync(string name, CancellationToken cancellation)
    {
        await SettleAsync(name, cancellation);
        if (_first.Remove(name) && _first.Count == 0) _registered.TrySetResult();
    }

    private async Task SettleAsync(string name, CancellationToken cancellation)
    {
        var known = _nodes.Find(null, name);
        if (_fleet.Find(name) is not { } spec)
        {
            if (known is not null && _ours.Remove(name)) await Api.DeleteAsync(_nodes.Type, new("", name), known.Metadata.Uid, cancellation);
            _agent.Wake(name);
            return;
        }

        _ours.Add(name);
        var wanted = NodeObject.Build(spec, _runtime, Now);
        if (known is null)
        {
            known = _nodes.Observe(await Api.CreateAsync(wanted, cancellation));
        }
        else if (!wanted.Metadata.Labels.All(l => known.Label(l.Key) == l.Value) || !Objects.SameJson(wanted.Spec.Taints ?? [], known.Spec?.Taints ?? []))
        {
            var changed = known.Copy();
            changed.Metadata.Labels = wanted.Metadata.Labels;
            changed.Spec ??= new();
            changed.Spec.Taints = wanted.Spec.Taints;
            known = _nodes.Observe(await Api.ReplaceAsync(changed, cancellation));
        }

        // A server may drop the status of a new object.
        if (!Objects.SameJson(known.Status?.Allocatable, wanted.Status.Allocatable) || known.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) != true)
        {
            var copy = known.Copy();
            copy.Status = wanted.Status;
            _nodes.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
        }

        _agent.Wake(name);
    }
}
