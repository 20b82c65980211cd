using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Routing;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Hosting;

/// <summary>The objects that every cluster has from its start: namespaces, the roles for everyone, system priorities.</summary>
internal static class BootstrapObjects
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private static readonly string[] Read = ["get", "list", "watch"];

    // All of the core group but secrets, by which more could be done than read.
    private static readonly string[] Readable =
    [
        "bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status",
        "replicationcontrollers", "resourcequotas", "serviceaccounts", "services", "services/status",
    ];

    public static void Create(ClusterState cluster)
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"]) Add(cluster, "namespaces", Named(name));
        foreach (var (name, value) in new[] { ("system-cluster-critical", 2_000_000_000L), ("system-node-critical", 2_000_001_000L) })
        {
            var json = Named(name);
            json["value"] = value;
            Add(cluster, "priorityclasses", json);
        }

        Role(cluster, "cluster-admin", Rule(["*"], ["*"], ["*"]), Paths(["*"], "*"));
        Aggregate(cluster, "view", partOf: "edit", Rule([""], Readable, Read), Rule(["apps", "batch", "networking.k8s.io", "policy", "autoscaling", "discovery.k8s.io"], ["*"], Read));
        Aggregate(cluster, "edit", partOf: "admin", Rule(["", "apps", "batch", "networking.k8s.io", "policy", "autoscaling"], ["*"], ["*"]));
        Aggregate(cluster, "admin", partOf: null, Rule([Rbac], ["roles", "rolebindings"], ["*"]));
        Role(cluster, "system:discovery", Paths(["get"], "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"));
        Role(cluster, "system:public-info-viewer", Paths(["get"], "/healthz", "/livez", "/readyz", "/version", "/version/"));
        Role(cluster, "system:auth-delegator", Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]), Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]));
        Role(cluster, "system:basic-user", Rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]), Rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]));
        Bind(cluster, "cluster-admin", User.Masters);
        Bind(cluster, "system:discovery", User.Authenticated);
        Bind(cluster, "system:basic-user", User.Authenticated);
        Bind(cluster, "system:public-info-viewer", User.Authenticated, User.Unauthenticated);
    }

    // As Kubernetes does it: the role is what others add to it, first of all one that holds its own rules, and it is added to the next larger one.
    private static void Aggregate(ClusterState cluster, string name, string? partOf, params JsonNode[] rules)
    {
        Add(cluster, "clusterroles", Role($"system:aggregate-to-{name}", AddedTo(name), rules));
        var role = Role(name, partOf is null ? [] : AddedTo(partOf), []);
        role["aggregationRule"] = new JsonObject { ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = AddedTo(name) }) };
        Add(cluster, "clusterroles", role);

        static JsonObject AddedTo(string role) => new() { [$"{Rbac}/aggregate-to-{role}"] = "true" };
    }

    private static void Role(ClusterState cluster, string name, params JsonNode[] rules) => Add(cluster, "clusterroles", Role(name, [], rules));

    private static JsonObject Role(string name, JsonObject labels, JsonNode[] rules)
    {
        var json = Named(name);
        if (labels.Count > 0) json["metadata"]!["labels"] = labels;
        json["rules"] = ApiObject.List(rules);
        return json;
    }

    private static void Bind(ClusterState cluster, string role, params string[] groups)
    {
        var json = Named(role);
        json["subjects"] = ApiObject.List(groups.Select(g => new JsonObject { ["kind"] = "Group", ["apiGroup"] = Rbac, ["name"] = g }));
        json["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "ClusterRole", ["name"] = role };
        Add(cluster, "clusterrolebindings", json);
    }

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = Texts(groups),
        ["resources"] = Texts(resources),
        ["verbs"] = Texts(verbs),
    };

    private static JsonObject Paths(string[] verbs, params string[] paths) => new() { ["nonResourceURLs"] = Texts(paths), ["verbs"] = Texts(verbs) };

    private static JsonArray Texts(string[] texts) => ApiObject.List(texts.Select(t => (JsonNode?)t));

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static void Add(ClusterState cluster, string plural, JsonObject json)
    {
        var resource = BuiltInResources.All.First(r => r.Plural == plural);
        var options = new WriteOptions { User = new("system:apiserver", [User.Masters]), FieldManager = "kube-apiserver" };
        cluster.Writer.Create(resource, "", ObjectNormalizer.Normalize(resource, json, options, []), options);
    }
}
