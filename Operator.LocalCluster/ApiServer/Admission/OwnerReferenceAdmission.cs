using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission;

/// <summary>
/// Who gives an object away may delete it, and who has an owner's deletion wait for an object may set finalizers of the owner: Kubernetes' plugin
/// OwnerReferencesPermissionEnforcement. Kubernetes has it off by default and OpenShift on; an operator is to be content with either.
/// </summary>
internal sealed class OwnerReferenceAdmission(ResourceRegistry registry, RbacAuthorizer authorizer)
{
    /// <exception cref="ApiException">403: the user lacks one of these rights.</exception>
    public void Admit(ResourceDefinition resource, JsonObject json, JsonObject? old, User user)
    {
        var (owners, before) = (OwnersOf(json), OwnersOf(old));
        if (owners.Count == before.Count && owners.Zip(before).All(pair => JsonNode.DeepEquals(pair.First, pair.Second))) return;
        if (old is not null && !authorizer.IsAllowed(user, new("delete", resource.Group, resource.Plural, "", json.Namespace, json.Name, null)))
        {
            throw ApiException.Forbidden(resource.GroupResource, json.Name, "cannot set an ownerRef on a resource you can't delete");
        }

        var blocked = before.Where(IsBlocking).Select(o => o.Text("uid")).ToHashSet();
        foreach (var owner in owners.Where(o => IsBlocking(o) && !blocked.Contains(o.Text("uid"))))
        {
            if (KindOf(owner) is not { } kind) continue;
            if (authorizer.IsAllowed(user, new("update", kind.Group, kind.Plural, "finalizers", kind.Namespaced ? json.Namespace : "", owner.Text("name") ?? "", null))) continue;
            throw ApiException.Forbidden(resource.GroupResource, json.Name, "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on");
        }
    }

    private ResourceDefinition? KindOf(JsonObject owner) => registry.All.FirstOrDefault(r => r.Kind == owner.Text("kind") && r.ApiVersion == owner.Text("apiVersion"));

    private static bool IsBlocking(JsonObject owner) => owner.Flag("blockOwnerDeletion");

    private static List<JsonObject> OwnersOf(JsonObject? json) => [.. json?.Metadata.Objects("ownerReferences") ?? []];
}
