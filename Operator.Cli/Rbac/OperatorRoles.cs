using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Manifests;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>
/// The operator's account and its rights, each given as narrowly as what it is for allows: the Lease of the leader election in the operator's own
/// namespace alone, the reviews of who reads its metrics by a role of their own, and the rest in all namespaces or in one.
/// </summary>
internal static class OperatorRoles
{
    private const string Account = "rbac/account/";
    private const string Everywhere = "rbac/";
    private const string OneNamespace = "rbac/namespaced/";

    public static IEnumerable<ManifestFile> Build(AssemblySet assemblies, OperatorNames names)
    {
        var all = RbacBuilder.Build(assemblies);
        var scopes = new Scopes(EntityType.DefinedIn(assemblies).Concat(RbacBuilder.Named(assemblies)));
        var reviews = all.On(IsReview);
        var work = all.Without(IsOfElection).Without(IsReview);
        return
        [
            new($"{Account}service-account", RoleManifests.ServiceAccount(names.ServiceAccount, names.Namespace)),
            .. Granted($"{Account}leader-election-", $"{names.Operator}-leader-election", names.Namespace, names, all.On(IsOfElection).RulesFor($"{names.Operator}-leader")),
            .. Granted(Everywhere, names.Operator, null, names, work.Rules(), evenIfNone: true),
            .. Granted($"{Everywhere}metrics-auth-", $"{names.Operator}-metrics-auth", null, names, reviews.Rules()),
            .. reviews.IsEmpty ? [] : new[] { new ManifestFile($"{Everywhere}metrics-reader-role", RoleManifests.Role($"{names.RolePrefix}-metrics-reader", null, Scrape())) },
            .. Granted(OneNamespace, names.Operator, names.Namespace, names, work.On((group, resource) => !scopes.IsOfCluster(group, resource)).Rules(), evenIfNone: true),
        ];
    }

    private static bool IsOfElection(string group, string resource) => (group, resource) == ("coordination.k8s.io", "leases");

    private static bool IsReview(string group, string resource) => (group, resource) is ("authentication.k8s.io", "tokenreviews") or ("authorization.k8s.io", "subjectaccessreviews");

    // For whoever reads the metrics: what the operator asks of a token in its reviews.
    private static JsonArray Scrape()
    {
        var rights = new Rights();
        rights.AddUrl("/metrics", Rights.Flag("get"));
        return rights.Rules();
    }

    private static IEnumerable<ManifestFile> Granted(string path, string name, string? @namespace, OperatorNames names, JsonArray rules, bool evenIfNone = false) =>
        rules.Count == 0 && !evenIfNone
            ? []
            :
            [
                new($"{path}role", RoleManifests.Role(name, @namespace, rules)),
                new($"{path}role-binding", RoleManifests.Binding(name, @namespace, names.ServiceAccount, names.Namespace)),
            ];
}
