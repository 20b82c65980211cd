using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>Role-based access control over the stored roles and bindings; system:masters may do everything.</summary>
internal sealed class RbacAuthorizer(ObjectStore store)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <exception cref="ApiException">403: no rule allows the request.</exception>
    public void Demand(User user, RequestInfo info)
    {
        var wanted = AccessRequest.Of(info);
        if (IsAllowed(user, wanted)) return;
        throw wanted.Refusal(user);
    }

    public bool IsAllowed(User user, AccessRequest wanted) => user.Groups.Contains(User.Masters) || RulesOf(user, wanted.Namespace).Any(wanted.IsAllowedBy);

    /// <summary>The rules that bindings give a user, cluster-wide and in a namespace.</summary>
    public IEnumerable<JsonObject> RulesOf(User user, string @namespace)
    {
        foreach (var binding in Of("clusterrolebindings", "").Where(b => Binds(b, user, "")))
        {
            foreach (var rule in Rules(binding, "")) yield return rule;
        }

        if (@namespace.Length == 0) yield break;
        foreach (var binding in Of("rolebindings", @namespace).Where(b => Binds(b, user, @namespace)))
        {
            foreach (var rule in Rules(binding, @namespace)) yield return rule;
        }
    }

    private IEnumerable<JsonObject> Rules(JsonObject binding, string @namespace)
    {
        var name = binding.Text("roleRef", "name") ?? "";
        var role = binding.Text("roleRef", "kind") is "ClusterRole"
            ? store.Find($"{Group}/clusterroles", name)?.Json
            : store.Find($"{Group}/roles", StoredObject.KeyOf(@namespace, name))?.Json;
        return role is null ? [] : AggregatedRules.Of(role, () => Of("clusterroles", ""));
    }

    private static bool Binds(JsonObject binding, User user, string @namespace) => binding.Objects("subjects").Any(subject => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == user.Name,
        "Group" => user.Groups.Contains(subject.Text("name") ?? ""),
        "ServiceAccount" => user.Name == $"{User.ServiceAccount}{subject.Text("namespace") ?? @namespace}:{subject.Text("name")}",
        _ => false,
    });

    private IEnumerable<JsonObject> Of(string plural, string @namespace) => store.Current($"{Group}/{plural}").From(@namespace, "").Select(s => s.Json);
}
