using System.Text.Json.Nodes;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>The service account of an operator, its role, and the binding of the two.</summary>
internal static class RoleManifests
{
    private const string ApiVersion = "rbac.authorization.k8s.io/v1";

    public static JsonObject Role(string name, JsonArray rules) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = "ClusterRole",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["rules"] = rules,
    };

    public static JsonObject Binding(string name, string serviceAccount, string @namespace) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = serviceAccount, ["namespace"] = @namespace }),
    };

    public static JsonObject ServiceAccount(string name, string @namespace) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
    };
}
