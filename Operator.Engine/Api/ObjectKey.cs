using k8s;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>Names one object among those of its kind.</summary>
/// <param name="Namespace">Its namespace; null for kinds without one.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IKubernetesObject<V1ObjectMeta> entity) => Of(entity.Metadata);

    /// <inheritdoc cref="Of(IKubernetesObject{V1ObjectMeta})"/>
    public static ObjectKey Of(V1ObjectMeta metadata) =>
        new(string.IsNullOrEmpty(metadata.NamespaceProperty) ? null : metadata.NamespaceProperty, metadata.Name);

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
