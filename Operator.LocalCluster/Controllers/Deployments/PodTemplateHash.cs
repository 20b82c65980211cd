using System.Text;
using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Deployments;

/// <summary>Names a pod template by what is in it.</summary>
internal static class PodTemplateHash
{
    public const string Label = "pod-template-hash";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(V1PodTemplateSpec template)
    {
        // FNV-1a over the JSON: stable across processes, which string.GetHashCode is not.
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(KubernetesJson.Serialize(template)))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        var text = new StringBuilder(10);
        for (var i = 0; i < 10; i++, hash /= (ulong)Alphabet.Length) text.Append(Alphabet[(int)(hash % (ulong)Alphabet.Length)]);
        return text.ToString();
    }

    /// <summary>Equal but for the hash label that the Deployment adds.</summary>
    public static bool Same(V1PodTemplateSpec a, V1PodTemplateSpec b) => Objects.SameJson(Bare(a), Bare(b));

    private static V1PodTemplateSpec Bare(V1PodTemplateSpec template)
    {
        if (template.Metadata?.Labels?.ContainsKey(Label) != true) return template;
        var copy = template.Copy();
        copy.Metadata.Labels.Remove(Label);
        return copy;
    }
}
