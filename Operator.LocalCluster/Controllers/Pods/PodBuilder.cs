using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Pods;

/// <summary>Makes a pod of a controller's template.</summary>
internal static class PodBuilder
{
    public static V1Pod FromTemplate(V1PodTemplateSpec template, string ns, string ownerName, V1OwnerReference owner)
    {
        var copy = template.Copy();
        return new()
        {
            Metadata = new()
            {
                GenerateName = Prefix(ownerName),
                NamespaceProperty = ns,
                Labels = copy.Metadata?.Labels ?? new Dictionary<string, string>(),
                Annotations = copy.Metadata?.Annotations,
                Finalizers = copy.Metadata?.Finalizers,
                OwnerReferences = [owner],
            },
            Spec = copy.Spec,
        };
    }

    // 63 characters for the name, five of them random.
    private static string Prefix(string owner) => (owner.Length > 57 ? owner[..57] : owner) + "-";
}
