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

    // Of the kinds of Kubernetes that are in no namespace: a Role can't give rights to them.
    private static readonly HashSet<(string Group, string Resource)> OfCluster =
    [
        ("", "componentstatuses"), ("", "namespaces"), ("", "nodes"), ("", "persistentvolumes"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"), ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"), ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        ("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices"),
        ("certificates.k8s.io", "certificatesigningrequests"), ("flowcontrol.apiserver.k8s.io", "flowschemas"),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"), ("networking.k8s.io", "ingressclasses"), ("node.k8s.io", "runtimeclasses"),
        ("rbac.authorization.k8s.io", "clusterroles"), ("rbac.authorization.k8s.io", "clusterrolebindings"), ("scheduling.k8s.io", "priorityclasses"),
        ("storage.k8s.io", "csidrivers"), ("storage.k8s.io", "csinodes"), ("storage.k8s.io", "storageclasses"), ("storage.k8s.io", "volumeattachments"),
    ];

    public static IEnumerable<ManifestFile> Build(AssemblySet assemblies, OperatorNames names)
    {
        var all = RbacBuilder.Build(assemblies);
        var own = EntityType.DefinedIn(assemblies).Where(e => e.IsClusterScoped).Select(e => (e.Group, e.Plural)).ToHashSet();
        var reviews = all.On(IsReview);
        var work = all.Without(IsOfElection).Without(IsReview);
        return
        [
            new($"{Account}service-account", RoleManifests.ServiceAccount(names.ServiceAccount, names.Namespace)),
            .. Granted($"{Account}leader-election-", $"{names.Operator}-leader-election", names.Namespace, names, all.On(IsOfElection).RulesFor($"{names.Operator}-leader")),
            .. Granted(Everywhere, names.Operator, null, names, work.Rules(), evenIfNone: true),
            .. Granted($"{Everywhere}metrics-auth-", $"{names.Operator}-metrics-auth", null, names, reviews.Rules()),
            .. reviews.IsEmpty ? [] : new[] { new ManifestFile($"{Everywhere}metrics-reader-role", RoleManifests.Role($"{names.RolePrefix}-metrics-reader", null, Scrape())) },
            .. Granted(OneNamespace, names.Operator, names.Namespace, names, work.On((group, resource) => !IsOfCluster(group, resource)).Rules(), evenIfNone: true),
        ];

        bool IsOfCluster(string group, string resource)
        {
            var kind = (group, resource.Split('/')[0]);
            return OfCluster.Contains(kind) || own.Contains(kind);
        }
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
