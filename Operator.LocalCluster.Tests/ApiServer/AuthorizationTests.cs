using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class AuthorizationTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
    private const string Bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    private LocalServer _server = null!;
    private RawApi _reader = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await LocalServer.StartAsync();
        _reader = _server.As(LocalServer.ReaderToken);
    }

    [TearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [Test]
    public async Task A_user_without_rules_is_refused_in_the_real_servers_words()
    {
        var answer = await _reader.ExpectAsync(403, "GET", Maps + "/a");
        Assert.That(answer.At("message"), Is.EqualTo("configmaps \"a\" is forbidden: User \"system:serviceaccount:default:reader\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"default\""));
        Assert.That((answer.At("reason"), answer.At("details.kind")), Is.EqualTo(("Forbidden", "configmaps")));
    }

    [Test]
    public async Task A_cluster_wide_refusal_says_so()
    {
        var answer = await _reader.ExpectAsync(403, "GET", "/apis/apps/v1/deployments");
        Assert.That(answer.At("message"), Is.EqualTo("deployments.apps is forbidden: User \"system:serviceaccount:default:reader\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope"));
    }

    [TestCase("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}""", ExpectedResult = 404, TestName = "A rule for the resource and verb allows")]
    [TestCase("""{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}""", ExpectedResult = 404, TestName = "A rule for everything allows")]
    [TestCase("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"],"resourceNames":["a"]}""", ExpectedResult = 404, TestName = "A rule for the name allows")]
    [TestCase("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"],"resourceNames":["b"]}""", ExpectedResult = 403, TestName = "A rule for another name does not")]
    [TestCase("""{"apiGroups":["apps"],"resources":["configmaps"],"verbs":["get"]}""", ExpectedResult = 403, TestName = "A rule for another group does not")]
    [TestCase("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}""", ExpectedResult = 403, TestName = "A rule for another verb does not")]
    [TestCase("""{"apiGroups":[""],"resources":["configmaps/status"],"verbs":["get"]}""", ExpectedResult = 403, TestName = "A rule for a subresource does not")]
    public async Task<int> A_role_binding_in_the_namespace(string rule)
    {
        await GrantAsync(rule);
        return (await _reader.SendAsync("GET", Maps + "/a")).Code;
    }

    [Test]
    public async Task A_binding_that_goes_takes_its_rights_along()
    {
        await GrantAsync("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}""");
        await _reader.ExpectAsync(200, "GET", Maps);
        await _server.Admin.ExpectAsync(200, "DELETE", Bindings + "/r");
        await _reader.ExpectAsync(403, "GET", Maps);
    }

    [Test]
    public async Task An_aggregated_role_has_the_rules_of_those_it_selects()
    {
        await _server.Admin.ExpectAsync(201, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"part","labels":{"to":"whole"}},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}]}""");
        await _server.Admin.ExpectAsync(201, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"whole"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"whole"}}]},"rules":[]}""");
        await _server.Admin.ExpectAsync(201, "POST", Bindings, """{"metadata":{"name":"r"},"roleRef":{"kind":"ClusterRole","name":"whole"},"subjects":[{"kind":"Group","name":"system:serviceaccounts"}]}""");
        await _reader.ExpectAsync(200, "GET", Maps);
        await _reader.ExpectAsync(403, "GET", "/api/v1/namespaces/kube-system/configmaps");
    }

    // The kind is served by nobody: what is allowed is not found.
    [TestCase("view", "view", ExpectedResult = 404)]
    [TestCase("view", "admin", ExpectedResult = 404, TestName = "What is added to view is in admin, too")]
    [TestCase("edit", "admin", ExpectedResult = 404)]
    [TestCase("edit", "view", ExpectedResult = 403, TestName = "What is added to edit is not in view")]
    public async Task<int> A_role_added_to_one_of_Kubernetes_own(string addedTo, string bound)
    {
        await _server.Admin.ExpectAsync(
            201, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", $$$"""{"metadata":{"name":"part","labels":{"rbac.authorization.k8s.io/aggregate-to-{{{addedTo}}}":"true"}},"rules":[{"apiGroups":["demo.dev"],"resources":["zoos"],"verbs":["list"]}]}""");
        await _server.Admin.ExpectAsync(201, "POST", Bindings, $$$"""{"metadata":{"name":"r"},"roleRef":{"kind":"ClusterRole","name":"{{{bound}}}"},"subjects":[{"kind":"Group","name":"system:serviceaccounts"}]}""");
        return (await _reader.SendAsync("GET", "/apis/demo.dev/v1/namespaces/default/zoos")).Code;
    }

    [TestCase("\"patch\"", ExpectedResult = 403)]
    [TestCase("\"patch\",\"create\"", ExpectedResult = 201)]
    public async Task<int> An_apply_of_what_is_not_there_takes_the_right_to_create(string verbs)
    {
        await GrantAsync($$"""{"apiGroups":[""],"resources":["configmaps"],"verbs":[{{verbs}}]}""");
        return (await _reader.SendAsync("PATCH", Maps + "/a?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""", "application/apply-patch+yaml")).Code;
    }

    [Test]
    public async Task Owners_are_named_by_who_may_delete_the_object_and_hold_up_their_deletion()
    {
        await GrantAsync("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["create","patch"]}""");
        await _reader.ExpectAsync(201, "POST", Maps, $$$"""{"metadata":{"name":"a","ownerReferences":[{{{Owner("false")}}}]}}""");
        var held = await _reader.ExpectAsync(403, "POST", Maps, $$$"""{"metadata":{"name":"b","ownerReferences":[{{{Owner("true")}}}]}}""");
        var given = await _reader.SendAsync("PATCH", Maps + "/a", """{"metadata":{"ownerReferences":null}}""", "application/merge-patch+json");
        var other = await _reader.SendAsync("PATCH", Maps + "/a", """{"data":{"a":"b"}}""", "application/merge-patch+json");

        Assert.That(held.At("message"), Does.EndWith("cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on"));
        Assert.That((given.Code, other.Code), Is.EqualTo((403, 200)));
        Assert.That(given.At("message"), Does.EndWith("cannot set an ownerRef on a resource you can't delete"));

        static string Owner(string blocks) => $$"""{"apiVersion":"v1","kind":"Secret","name":"s","uid":"u","blockOwnerDeletion":{{blocks}}}""";
    }

    [Test]
    public async Task An_unknown_token_is_unauthorized()
    {
        var answer = await _server.As("nonsense").ExpectAsync(401, "GET", Maps);
        Assert.That((answer.At("message"), answer.At("reason")), Is.EqualTo(("Unauthorized", "Unauthorized")));
    }

    [Test]
    public async Task Without_a_token_only_health_and_version_answer()
    {
        var nobody = _server.As(null);
        await nobody.ExpectAsync(200, "GET", "/readyz");
        await nobody.ExpectAsync(200, "GET", "/version");
        var answer = await nobody.ExpectAsync(403, "GET", Maps);
        Assert.That(answer.At("message"), Does.Contain("User \"system:anonymous\" cannot list resource"));
    }

    [Test]
    public async Task Reviews_say_what_the_authorizer_would()
    {
        await GrantAsync("""{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}""");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await _reader.ExpectAsync(201, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review("list"))).At("status.allowed"), Is.EqualTo("true"));
            Assert.That((await _reader.ExpectAsync(201, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review("delete"))).At("status.allowed"), Is.EqualTo("false"));
            Assert.That(
                (await _reader.ExpectAsync(201, "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""")).At("status.resourceRules"), Does.Contain("configmaps"));
            Assert.That(
                (await _server.Admin.ExpectAsync(201, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{LocalServer.ReaderToken}}}"}}""")).At("status.user.username"), Is.EqualTo("system:serviceaccount:default:reader"));
        });
    }

    private static string Review(string verb) => $$$$"""{"spec":{"resourceAttributes":{"verb":"{{{{verb}}}}","resource":"configmaps","namespace":"default"}}}""";

    private async Task GrantAsync(string rule)
    {
        await _server.Admin.ExpectAsync(201, "POST", Roles, $$$"""{"metadata":{"name":"r"},"rules":[{{{rule}}}]}""");
        await _server.Admin.ExpectAsync(201, "POST", Bindings, """{"metadata":{"name":"r"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"reader","namespace":"default"}]}""");
    }
}
