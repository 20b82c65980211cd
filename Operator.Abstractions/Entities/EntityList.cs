using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>What the API server answers to a list request.</summary>
/// <typeparam name="T">The kind of the items.</typeparam>
public class EntityList<T> : KubernetesObject
    where T : IKubernetesObject
{
    /// <summary>The list's own resourceVersion and, if there is more, the continue token.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The items. Inside a list the server leaves their apiVersion and kind out.</summary>
    public IList<T> Items { get; set; } = [];
}
