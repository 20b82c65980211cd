using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>A subresource as discovery shows it. Group and version are given where its kind is of another group.</summary>
internal sealed record SubresourceEntry(string Name, string Kind, IReadOnlyList<string> Verbs, string? Group = null, string? Version = null);

/// <summary>The subresources of a resource.</summary>
internal static class SubresourceList
{
    private static readonly string[] ReadWrite = ["get", "patch", "update"];

    public static IEnumerable<SubresourceEntry> Of(ResourceDefinition resource)
    {
        if (resource is { Group: "", Plural: "pods" })
        {
            yield return new("binding", "Binding", ["create"]);
            yield return new("eviction", "Eviction", ["create"], "policy", "v1");
            yield return new("log", "Pod", ["get"]);
        }

        if (resource is { Group: "", Plural: "serviceaccounts" }) yield return new("token", "TokenRequest", ["create"], "authentication.k8s.io", "v1");
        if (resource is { Group: "", Plural: "namespaces" }) yield return new("finalize", "Namespace", ["update"]);
        if (resource.Scale is not null) yield return new("scale", "Scale", ReadWrite, "autoscaling", "v1");
        if (resource.HasStatus) yield return new("status", resource.Kind, ReadWrite);
    }
}
