using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Monitoring;

namespace LlmKube.Operator.Tests.Access;

/// <summary>Every role that an installation brings, as kubectl renders it: a mistake that opens a cluster is seen here.</summary>
public sealed class RenderedRolesTests
{
    private static readonly string[] s_reading = ["get", "list", "watch"];
    private static readonly string[] s_climbing = ["escalate", "bind", "impersonate"];

    // Whoever may write these may do as others do, or run what he likes.
    private static readonly string[] s_powers = ["rbac.authorization.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io"];
    private static readonly string[] s_doors = ["secrets", "serviceaccounts", "serviceaccounts/token", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/ephemeralcontainers", "services/proxy", "nodes/proxy"];

    [TestCase("""{"apiGroups":["*"],"resources":["pods"],"verbs":["get"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":["apps"],"resources":["*"],"verbs":["get"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":["apps"],"resources":["*/scale"],"verbs":["get"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","*"]}""", ExpectedResult = false)]
    [TestCase("""{"nonResourceURLs":["/*"],"verbs":["get"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":[""],"resources":["configmaps","secrets"],"verbs":["get"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":[""],"resources":["pods/exec"],"verbs":["create"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":[""],"resources":["pods"],"verbs":["create"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":[""],"resources":["pods"],"verbs":["get","list","watch"]}""", ExpectedResult = true)]
    [TestCase("""{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["get"]}""", ExpectedResult = true)]
    [TestCase("""{"apiGroups":["apps"],"resources":["deployments"],"verbs":["escalate"]}""", ExpectedResult = false)]
    [TestCase("""{"apiGroups":[""],"resources":["users"],"verbs":["impersonate"]}""", ExpectedResult = false)]
    [TestCase("""{"nonResourceURLs":["/metrics"],"verbs":["get"]}""", ExpectedResult = true)]
    public bool A_rule_is_harmless(string rule) => !GrantedRight.Of([KubernetesJson.Deserialize<V1PolicyRule>(rule)], "").Any(IsDangerous);

    [Test]
    public async Task What_is_installed_for_all_namespaces_opens_nothing()
    {
        var rendered = await RenderedManifests.RootAsync();

        Assert.That(Roles(rendered).SelectMany(r => GrantedRight.Of(r.Rules, "")).Where(IsDangerous), Is.Empty);
        Assert.That(Roles(rendered).Select(r => r.Name), Is.EquivalentTo(
        [
            "ClusterRole llmkube-operator", "ClusterRole llmkube-operator-metrics-auth", "ClusterRole llmkube-metrics-reader", "Role llmkube-operator-leader-election",
            .. from kind in new[] { "model", "inferenceservice" } from role in new[] { "viewer", "editor", "admin" } select $"ClusterRole llmkube-{kind}-{role}-role",
        ]));
        Assert.That(BoundBy(rendered), Is.EquivalentTo(new[] { "ClusterRole llmkube-operator", "ClusterRole llmkube-operator-metrics-auth", "Role llmkube-operator-leader-election" }));
    }

    [Test]
    public async Task What_is_installed_for_one_namespace_stays_in_it()
    {
        const string Team = "team";
        var rendered = await RenderedManifests.OneNamespaceAsync(Team);

        Assert.That(Roles(rendered).SelectMany(r => GrantedRight.Of(r.Rules, Team)).Where(IsDangerous), Is.Empty);
        Assert.That(Roles(rendered).Select(r => r.Name), Is.EquivalentTo(new[] { "Role llmkube-operator", "Role llmkube-operator-leader-election" }));
        Assert.That(BoundBy(rendered), Is.EquivalentTo(Roles(rendered).Select(r => r.Name)));
        Assert.That(rendered.Select(m => m.Text("metadata", "namespace")), Has.All.EqualTo(Team));
        Assert.That(rendered.SelectMany(m => m["subjects"]?.AsArray() ?? []).Select(s => s.Text("namespace")), Is.Not.Empty.And.All.EqualTo(Team));
    }

    [Test]
    public async Task The_rights_in_one_namespace_are_those_in_all_without_nodes()
    {
        var everywhere = Rights(await RenderedManifests.RootAsync(), V1ClusterRole.KubeKind);
        var inOne = Rights(await RenderedManifests.OneNamespaceAsync("team"), V1Role.KubeKind);

        Assert.That(everywhere.Except(inOne), Is.EqualTo(new[] { new GrantedRight("list", "", "nodes", "", "") }));
        Assert.That(inOne.Except(everywhere), Is.Empty);

        static GrantedRight[] Rights(IEnumerable<JsonObject> rendered, string kind) =>
            [.. Roles(rendered).Where(r => r.Name == $"{kind} {FieldManagers.Operator}").SelectMany(r => GrantedRight.Of(r.Rules, ""))];
    }

    private static bool IsDangerous(GrantedRight right) =>
        new[] { right.Verb, right.Group, right.Resource }.Any(t => t.Contains('*'))
        || s_climbing.Contains(right.Verb)
        || (right.Group.Length == 0 && s_doors.Contains(right.Resource))
        || (right is { Group: "", Resource: "pods" } && !s_reading.Contains(right.Verb))
        || (s_powers.Contains(right.Group) && !s_reading.Contains(right.Verb));

    private static IEnumerable<(string Name, IList<V1PolicyRule> Rules)> Roles(IEnumerable<JsonObject> rendered) =>
        from manifest in rendered
        where manifest.Text("kind") is V1Role.KubeKind or V1ClusterRole.KubeKind
        select ($"{manifest.Text("kind")} {manifest.Text("metadata", "name")}", KubernetesJson.Deserialize<V1Role>(manifest.ToJsonString()).Rules);

    // Nothing is bound but to the operator's account, in its own namespace.
    private static IEnumerable<string> BoundBy(IReadOnlyList<JsonObject> rendered)
    {
        var account = rendered.OfKind(V1ServiceAccount.KubeKind).Single();
        foreach (var binding in rendered.Where(m => m.Text("kind") is V1RoleBinding.KubeKind or V1ClusterRoleBinding.KubeKind))
        {
            var subject = binding["subjects"]!.AsArray().Single();
            Assert.That(
                (subject.Text("kind"), subject.Text("name"), subject.Text("namespace")),
                Is.EqualTo((V1ServiceAccount.KubeKind, account.Text("metadata", "name"), account.Text("metadata", "namespace"))));
            yield return $"{binding.Text("roleRef", "kind")} {binding.Text("roleRef", "name")}";
        }
    }
}
