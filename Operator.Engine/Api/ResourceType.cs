using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Engine.Api;

/// <summary>Where objects of one C# type live in the API.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, e.g. <c>v1</c>.</param>
/// <param name="Plural">The name in the URL, e.g. <c>pods</c>.</param>
/// <param name="Kind">The kind, e.g. <c>Pod</c>.</param>
/// <param name="IsNamespaced">Whether objects live in namespaces.</param>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    private static readonly ConcurrentDictionary<Type, ResourceType> Known = new();

    // The built-in kinds without a namespace; those of custom resources are told by [EntityScope].
    private static readonly HashSet<string> ClusterScoped =
    [
        "APIService", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ComponentStatus", "CSIDriver", "CSINode",
        "CustomResourceDefinition", "DeviceClass", "FlowSchema", "IngressClass", "IPAddress", "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass",
        "PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass", "SelfSubjectAccessReview", "SelfSubjectReview",
        "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
    ];

    /// <summary>The value of an object's <c>apiVersion</c>.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind as metrics and logs name it.</summary>
#pragma warning disable CA1308 // Kubernetes' names are lower-case.
    public string Label { get; } = Kind.ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>The resource of a type.</summary>
    /// <exception cref="ArgumentException">The type lacks <see cref="KubernetesEntityAttribute"/>.</exception>
    public static ResourceType Of<T>() => Of(typeof(T));

    /// <inheritdoc cref="Of{T}"/>
    public static ResourceType Of(Type type) => Known.GetOrAdd(type, static type =>
    {
        var attribute = type.GetCustomAttribute<KubernetesEntityAttribute>() ?? throw new ArgumentException(
            $"{type} is no Kubernetes entity: it lacks [KubernetesEntity(Group = ..., ApiVersion = ..., Kind = ..., PluralName = ...)].");
#pragma warning disable CA1308 // Kubernetes' names are lower-case.
        var plural = string.IsNullOrEmpty(attribute.PluralName) ? attribute.Kind.ToLowerInvariant() + "s" : attribute.PluralName;
#pragma warning restore CA1308
        var isBuiltIn = type.Assembly == typeof(V1Pod).Assembly;
        var isCluster = type.GetCustomAttribute<EntityScopeAttribute>() is { Scope: EntityScope.Cluster }
            || (isBuiltIn && ClusterScoped.Contains(attribute.Kind));
        return new(attribute.Group ?? "", attribute.ApiVersion, plural, attribute.Kind, !isCluster);
    });

    /// <summary>The URL path below the server's address, without a leading slash.</summary>
    /// <param name="namespace">The namespace; null for all of them, ignored for kinds without one.</param>
    /// <param name="name">The object; null for the collection.</param>
    /// <param name="subresource">E.g. <c>status</c>.</param>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        var path = new StringBuilder(Group.Length == 0 ? "api/" : "apis/").Append(ApiVersion);
        if (IsNamespaced && !string.IsNullOrEmpty(@namespace))
        {
            path.Append("/namespaces/").Append(Uri.EscapeDataString(@namespace));
        }

        path.Append('/').Append(Plural);
        if (name is not null) path.Append('/').Append(Uri.EscapeDataString(name));
        if (subresource is not null) path.Append('/').Append(subresource);
        return path.ToString();
    }
}
