using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Reconciling;

/// <summary>The label by which we watch: an object without it is one that we don't hear of.</summary>
internal static class Management
{
    /// <summary>True if the object carries the label.</summary>
    public static bool IsManaged(this V1ObjectMeta? metadata) => metadata?.Labels?.ContainsKey(Labels.Managed) == true;

    /// <summary>Labels an object that a user or an older operator made, and touches nothing else of it.</summary>
    public static DesiredAction.Patch Begin(IKubernetesObject<V1ObjectMeta> of)
    {
        var metadata = new JsonObject { ["uid"] = of.Metadata.Uid, ["labels"] = new JsonObject { [Labels.Managed] = Managed.Value } };
        return new(ObjectRef.Of(of), new JsonObject { ["metadata"] = metadata }.ToJsonString());
    }
}
