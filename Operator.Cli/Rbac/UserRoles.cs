using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Manifests;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>
/// What users may do with the kinds of an operator: three roles for each, named as kubebuilder names them, which Kubernetes adds to its own view, edit
/// and admin. Whoever has one of these in a namespace has ours there, too.
/// </summary>
internal static class UserRoles
{
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Edit = [.. Read, "create", "update", "patch", "delete"];
    private static readonly string[] All = [.. Edit, "deletecollection"];

    private static readonly (string Name, string AddedTo, string[] Verbs, string[] ScaleVerbs)[] Roles =
    [
        ("viewer", "view", Read, ["get"]),
        ("editor", "edit", Edit, ["get", "update", "patch"]),
        ("admin", "admin", All, ["get", "update", "patch"]),
    ];

    public static IEnumerable<ManifestFile> Build(AssemblySet assemblies, OperatorNames names) =>
        from kind in EntityType.DefinedIn(assemblies).DistinctBy(e => e.CrdName).OrderBy(e => e.CrdName, StringComparer.Ordinal)
        from role in Roles
        let name = $"{kind.Singular}-{role.Name}-role"
        select new ManifestFile(
            $"rbac/users/{name}",
            RoleManifests.Role(
                $"{names.RolePrefix}-{name}",
                null,
                Rules(kind, role.Verbs, role.ScaleVerbs),
                new JsonObject { [$"rbac.authorization.k8s.io/aggregate-to-{role.AddedTo}"] = "true" }));

    private static JsonArray Rules(EntityType kind, string[] verbs, string[] scaleVerbs)
    {
        List<JsonObject> rules = [Rule(kind, "", verbs)];
        if (kind.HasStatus) rules.Add(Rule(kind, "/status", ["get"]));
        if (kind.HasScale) rules.Add(Rule(kind, "/scale", scaleVerbs));
        return new JsonArray([.. rules]);
    }

    private static JsonObject Rule(EntityType kind, string subresource, string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(kind.Group),
        ["resources"] = new JsonArray(kind.Plural + subresource),
        ["verbs"] = new JsonArray([.. verbs.Select(v => JsonValue.Create(v))]),
    };
}
