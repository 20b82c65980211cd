using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Watches;

/// <summary>
/// What the engine's stores keep of objects: what somebody here reads in them. The rest is most of them, and there can be very many. What reads a new field
/// of a pod adds it here.
/// </summary>
internal static class StoredObjects
{
    // Known to our engine; another keeps all.
    private const string StoreTransform = "store-transform";

    public static void AddTo(IServiceCollection services)
    {
        Add<Model>(WithoutOwners);
        Add<InferenceService>(WithoutOwners);
        Add<V1Job>(WithoutOwners);
        Add<V1PersistentVolumeClaim>(WithoutOwners);
        Add<V1Pod>(Trim);
        Add<V1Deployment>(WithoutStatusOwners);
        Add<V1Service>(WithoutStatusOwners);

        void Add<T>(Action<T> transform)
            where T : IKubernetesObject<V1ObjectMeta> => services.AddKeyedSingleton(StoreTransform, transform);
    }

    // Who owns which field matters of what we apply alone. A write that leaves them out changes nothing about them.
    private static void WithoutOwners(IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.ManagedFields = null;

    private static void WithoutStatusOwners(IKubernetesObject<V1ObjectMeta> entity) =>
        entity.Metadata.ManagedFields = entity.Metadata.ManagedFields?.Where(e => e.Subresource != "status").ToList();

    private static void Trim(V1Pod pod)
    {
        WithoutOwners(pod);
        if (pod.Status?.Conditions is { } conditions) pod.Status.Conditions = [.. conditions.Where(c => c.Type is PodFacts.Ready or PodFacts.Scheduled)];
        if (pod.Spec is not { } spec) return;
        pod.Spec = new()
        {
            NodeName = spec.NodeName,
            Priority = spec.Priority,
            Containers = [.. spec.Containers.Select(c => new V1Container { Name = c.Name, Image = c.Image, Resources = c.Resources, Args = ServedFile.ReadOf(c) })],
            Volumes = ServedFile.ReadOf(spec),
        };
    }
}
