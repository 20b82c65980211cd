using System.Text.Json.Nodes;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Reconciling;

/// <summary>Objects as an API server would hold them: server-side apply with managed fields and defaults, without a server.</summary>
internal sealed class AppliedWorld
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<ObjectRef, JsonObject> _objects = [];
    private int _writes;

    /// <summary>How often something was really written.</summary>
    public int Writes => _writes;

    public T? Find<T>(string kind, string name) where T : class =>
        _objects.TryGetValue(new ObjectRef(kind, "team", name), out var json) ? KubernetesJson.Deserialize<T>(json.ToJsonString()) : null;

    public void Edit(string kind, string name, Action<JsonObject> edit)
    {
        if (_objects.TryGetValue(new ObjectRef(kind, "team", name), out var json)) edit(json);
    }

    /// <summary>Does what the actions say; an apply that would change nothing is not sent.</summary>
    /// <returns>The fields because of which something was sent.</returns>
    public IReadOnlyList<string> Run(IEnumerable<DesiredAction> actions)
    {
        var sent = new List<string>();
        foreach (var action in actions)
        {
            var key = action.Target with { Uid = null };
            switch (action)
            {
                case DesiredAction.Apply apply:
                    var desired = Json(apply.Desired);
                    var difference = apply.Observed is null ? "(new)" : ApplyDiff.FirstDifference(desired, Json(apply.Observed), FieldManagers.Operator);
                    if (difference is null) continue;
                    sent.Add($"{key.Kind}: {difference}");
                    Apply(key, desired, FieldManagers.Operator);
                    break;
                case DesiredAction.Delete:
                    sent.Add($"{key.Kind}: deleted");
                    _objects.Remove(key);
                    break;
                case DesiredAction.Patch patch:
                    sent.Add($"{key.Kind}: patched");
                    Store(key, MergePatch.Apply(_objects[key], (JsonObject)JsonNode.Parse(patch.MergePatch)!));
                    break;
            }
        }

        return sent;
    }

    /// <summary>A server-side apply by anyone.</summary>
    public void Apply(ObjectRef key, JsonObject desired, string manager)
    {
        var (group, version) = desired["apiVersion"]!.ToString().Split('/') is [var g, var v] ? (g, v) : ("", desired["apiVersion"]!.ToString());
        var options = new ApplyOptions(manager, desired["apiVersion"]!.ToString(), Now, Force: true, ResetFields: ["status"]);
        var applied = ServerSideApply.Apply(_objects.GetValueOrDefault(key), (JsonObject)desired.DeepClone(), options, BuiltInSchemas.For(group, version, key.Kind)!);
        var next = BuiltInDefaults.Apply(group, key.Kind, applied);

        // The API server lets go of what belonged to a Service's earlier type.
        if (next["spec"] is JsonObject spec && key.Kind == "Service")
        {
            if (spec["type"]?.ToString() != "LoadBalancer") spec.Remove("allocateLoadBalancerNodePorts");
            if (spec["type"]?.ToString() == "ClusterIP") spec.Remove("externalTrafficPolicy");
        }

        Store(key, next);
    }

    /// <summary>What a child is, without what the server keeps for itself.</summary>
    public string Content(string kind, string name)
    {
        if (!_objects.TryGetValue(new ObjectRef(kind, "team", name), out var json)) return "(none)";
        var metadata = json["metadata"]!;
        return JsonNodes.Canonical(new JsonObject
        {
            ["labels"] = metadata["labels"]?.DeepClone(),
            ["annotations"] = metadata["annotations"]?.DeepClone(),
            ["owners"] = metadata["ownerReferences"]?.DeepClone(),
            ["spec"] = json["spec"]?.DeepClone(),
        });
    }

    public static JsonObject Json(object of) => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(of))!;

    private void Store(ObjectRef key, JsonObject next)
    {
        var metadata = (JsonObject)next["metadata"]!;
        var before = _objects.GetValueOrDefault(key);
        metadata["uid"] ??= $"uid-{_writes}";
        var generation = (long?)before?["metadata"]?["generation"] ?? 0;
        metadata["generation"] = before is null || !JsonNode.DeepEquals(before["spec"], next["spec"]) ? generation + 1 : generation;
        metadata["resourceVersion"] = $"{++_writes}";
        _objects[key] = next;
    }
}
