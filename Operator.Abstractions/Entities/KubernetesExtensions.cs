using System.Reflection;

using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>References from one object to another.</summary>
public static class KubernetesExtensions
{
    /// <summary>Sets the resourceVersion that the next update must find unchanged.</summary>
    /// <param name="entity">The object to update.</param>
    /// <param name="resourceVersion">The version it is expected to have.</param>
    /// <returns>The same object.</returns>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, string resourceVersion)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = resourceVersion;
        return entity;
    }

    /// <summary>Takes over the resourceVersion of another reading of the same object.</summary>
    /// <param name="entity">The object to update.</param>
    /// <param name="other">The reading whose version is expected.</param>
    /// <returns>The same object.</returns>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, TEntity other)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = other.Metadata?.ResourceVersion;
        return entity;
    }

    /// <summary>A reference that names the object in full, as Events carry it.</summary>
    /// <param name="kubernetesObject">The object to refer to.</param>
    public static V1ObjectReference MakeObjectReference(this IKubernetesObject<V1ObjectMeta> kubernetesObject)
    {
        var (apiVersion, kind) = TypeOf(kubernetesObject);
        return new V1ObjectReference
        {
            ApiVersion = apiVersion,
            Kind = kind,
            Name = kubernetesObject.Metadata.Name,
            NamespaceProperty = kubernetesObject.Metadata.NamespaceProperty,
            ResourceVersion = kubernetesObject.Metadata.ResourceVersion,
            Uid = kubernetesObject.Metadata.Uid,
        };
    }

    /// <summary>
    /// Makes the owner one of the resource's owners, so that the resource goes when its last owner goes. An owner that
    /// stands there already (by uid) stays as it is, with whatever flags it has.
    /// </summary>
    /// <param name="resource">The object that is owned.</param>
    /// <param name="owner">The owner, as the API server returned it: it needs its uid.</param>
    /// <returns>The same resource.</returns>
    public static TEntity WithOwnerReference<TEntity>(this TEntity resource, IKubernetesObject<V1ObjectMeta> owner)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var metadata = resource.EnsureMetadata();
        var owners = metadata.OwnerReferences ?? [];
        if (owners.All(present => present.Uid != owner.Metadata.Uid))
        {
            metadata.OwnerReferences = [.. owners, owner.MakeOwnerReference()];
        }

        return resource;
    }

    /// <summary>A reference for <c>metadata.ownerReferences</c>, without the controller and blockOwnerDeletion flags.</summary>
    /// <param name="kubernetesObject">The owner.</param>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> kubernetesObject)
    {
        var (apiVersion, kind) = TypeOf(kubernetesObject);
        return new V1OwnerReference
        {
            ApiVersion = apiVersion,
            Kind = kind,
            Name = kubernetesObject.Metadata.Name,
            Uid = kubernetesObject.Metadata.Uid,
        };
    }

    /// <summary>The attribute that names the object's kind, or null if its class carries none.</summary>
    /// <param name="entity">The object in question.</param>
    public static KubernetesEntityAttribute? GetKubernetesEntityAttribute(this IKubernetesObject<V1ObjectMeta> entity)
        => entity.GetType().GetCustomAttribute<KubernetesEntityAttribute>(inherit: true);

    // The server leaves apiVersion and kind out of list items, so the class has to speak for them.
    private static (string? ApiVersion, string? Kind) TypeOf(IKubernetesObject<V1ObjectMeta> entity)
    {
        if (!string.IsNullOrEmpty(entity.ApiVersion) && !string.IsNullOrEmpty(entity.Kind))
        {
            return (entity.ApiVersion, entity.Kind);
        }

        return entity.GetKubernetesEntityAttribute() is { } declared
            ? (new EntityMetadata(declared.Kind, declared.ApiVersion, declared.Group).GroupWithVersion, declared.Kind)
            : (entity.ApiVersion, entity.Kind);
    }
}
