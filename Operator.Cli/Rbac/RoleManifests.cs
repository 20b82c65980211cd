using System.Text.Json.Nodes;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>The objects that rights are given with. A role without a namespace is a ClusterRole, and a binding without one a ClusterRoleBinding.</summary>
internal static class RoleManifests
{
    private const string Group = "rbac.authorization.k8s.io";

    public static JsonObject Role(string name, string? @namespace, JsonArray rules, JsonObject? labels = null)
    {
        var role = Object(@namespace is null ? "ClusterRole" : "Role", name, @namespace);
        if (labels is not null) role["metadata"]!["labels"] = labels;
        role["rules"] = rules;
        return role;
    }

    /// <summary>Binds the role of the same name and scope to a service account.</summary>
    public static JsonObject Binding(string name, string? @namespace, string serviceAccount, string accountNamespace)
    {
        var kind = @namespace is null ? "ClusterRole" : "Role";
        var binding = Object(kind + "Binding", name, @namespace);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = kind, ["name"] = name };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = serviceAccount, ["namespace"] = accountNamespace });
        return binding;
    }

    public static JsonObject ServiceAccount(string name, string @namespace) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
    };

    private static JsonObject Object(string kind, string name, string? @namespace)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null) metadata["namespace"] = @namespace;
        return new() { ["apiVersion"] = $"{Group}/v1", ["kind"] = kind, ["metadata"] = metadata };
    }
}
