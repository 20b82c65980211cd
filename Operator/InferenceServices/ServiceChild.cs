using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What all children of a service have in common.</summary>
internal static class ServiceChild
{
    /// <summary>Name, namespace, labels and owner.</summary>
    public static V1ObjectMeta Metadata(InferenceService owner, string name) => new()
    {
        Name = name,
        NamespaceProperty = owner.Metadata.NamespaceProperty,
        Labels = new Dictionary<string, string>(ServiceNames.LabelsOf(owner)) { [Labels.ManagedBy] = FieldManagers.Operator },
        OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = ApiGroup.NameAndVersion,
                Kind = InferenceService.KubeKind,
                Name = owner.Metadata.Name,
                Uid = owner.Metadata.Uid,
                Controller = true,
                BlockOwnerDeletion = true,
            },
        ],
    };

    /// <summary>True if the object belongs to this very service, not to a namesake or to anyone else.</summary>
    public static bool IsOf(this IKubernetesObject<V1ObjectMeta> child, InferenceService owner) =>
        child.Metadata.OwnerReferences?.Any(o => o.Uid == owner.Metadata.Uid) == true;

    /// <summary>True if the object belongs to an InferenceService of the same name, whichever.</summary>
    public static bool IsOfNamesakeOf(this IKubernetesObject<V1ObjectMeta> child, InferenceService owner) =>
        child.Metadata.OwnerReferences?.Any(o => o.Kind == InferenceService.KubeKind && o.ApiVersion == ApiGroup.NameAndVersion && o.Name == owner.Metadata.Name) == true;
}
