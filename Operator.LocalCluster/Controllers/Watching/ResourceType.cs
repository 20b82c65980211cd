using System.Collections.Concurrent;
using System.Reflection;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>A resource of the API, as discovery names it.</summary>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    private static readonly ConcurrentDictionary<Type, ResourceType> Known = new();

    private static readonly HashSet<Type> ClusterScoped =
    [
        typeof(V1Node), typeof(V1Namespace), typeof(V1PersistentVolume), typeof(V1StorageClass),
        typeof(V1PriorityClass), typeof(V1CustomResourceDefinition),
    ];

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string GroupResource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public static ResourceType Of<T>()
        where T : IKubernetesObject => Known.GetOrAdd(typeof(T), static type =>
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{type.Name} carries no {nameof(KubernetesEntityAttribute)}.");
        return new(entity.Group, entity.ApiVersion, entity.PluralName, entity.Kind, !ClusterScoped.Contains(type));
    });
}

/// <summary>Names an object among those of its type; the namespace of a cluster-scoped one is empty.</summary>
internal readonly record struct ObjectKey(string Namespace, string Name)
{
    public static ObjectKey Of(IMetadata<V1ObjectMeta> item) => new(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);

    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
