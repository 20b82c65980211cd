using LlmKube.Operator.LocalCluster.Tests.Conformance;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class ServiceAccountTokenTests
{
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string Reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string Account = """{"metadata":{"name":"worker"}}""";
    private FakeTimeProvider _time = null!;
    private LocalServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = new(TimeProvider.System.GetUtcNow());
        _server = await LocalServer.StartAsync(new() { Time = _time });
        await _server.Admin.ExpectAsync(201, "POST", Accounts, Account);
    }

    [TearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [Test]
    public async Task A_token_stands_for_its_account()
    {
        var answer = await TokenAsync("{}");
        var review = await _server.As(answer.At("status.token")).ExpectAsync(201, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
        var account = await _server.Admin.ExpectAsync(200, "GET", Accounts + "/worker");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.At("kind"), answer.At("apiVersion"), answer.At("metadata.name"), answer.At("metadata.namespace")), Is.EqualTo(("TokenRequest", "authentication.k8s.io/v1", "worker", "default")));
            Assert.That((answer.At("spec.expirationSeconds"), answer.At("spec.audiences[0]")), Is.EqualTo(("3600", "https://kubernetes.default.svc.cluster.local")));
            Assert.That(answer.At("status.expirationTimestamp"), Is.EqualTo($"{_time.GetUtcNow().AddHours(1):yyyy-MM-dd'T'HH:mm:ss'Z'}"));
            Assert.That(review.At("status.userInfo.username"), Is.EqualTo("system:serviceaccount:default:worker"));
            Assert.That(review.At("status.userInfo.uid"), Is.EqualTo(account.At("metadata.uid")));
            Assert.That(review.Json!["status"]!["userInfo"]!["groups"]!.AsArray().Select(g => $"{g}"), Is.EqualTo(new[] { "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated" }));
        }
    }

    [TestCase("""{"kind":"ServiceAccount","name":"worker","namespace":"default"}""", 200)]
    [TestCase("""{"kind":"ServiceAccount","name":"worker","namespace":"kube-system"}""", 403)]
    [TestCase("""{"kind":"ServiceAccount","name":"other","namespace":"default"}""", 403)]
    [TestCase("""{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"system:serviceaccounts:default"}""", 200)]
    [TestCase("""{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"system:serviceaccount:default:worker"}""", 200)]
    public async Task A_binding_gives_it_rights(string subject, int code)
    {
        var worker = _server.As((await TokenAsync("{}")).At("status.token"));
        await worker.ExpectAsync(403, "GET", Maps);
        await _server.Admin.ExpectAsync(201, "POST", Rbac + "/clusterrolebindings", $$$"""{"metadata":{"name":"w"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{{{subject}}}]}""");
        await worker.ExpectAsync(code, "GET", Maps);
    }

    [TestCase("{}", 3600)]
    [TestCase("""{"spec":{"expirationSeconds":600}}""", 600)]
    public async Task It_expires(string request, int seconds)
    {
        var token = (await TokenAsync(request)).At("status.token");
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.That(await IsKnownAsync(token), Is.True);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await IsKnownAsync(token), Is.False);
        await _server.As(token).ExpectAsync(401, "GET", Maps);
    }

    [Test]
    public async Task It_ends_with_its_account_even_if_one_of_the_same_name_follows()
    {
        var token = (await TokenAsync("{}")).At("status.token");
        await _server.Admin.ExpectAsync(200, "DELETE", Accounts + "/worker");
        Assert.That(await IsKnownAsync(token), Is.False);
        await _server.Admin.ExpectAsync(201, "POST", Accounts, Account);
        Assert.That(await IsKnownAsync(token), Is.False);
    }

    [Test]
    public async Task One_that_is_bound_to_a_pod_ends_with_it()
    {
        await _server.Admin.ExpectAsync(201, "POST", Pods, """{"metadata":{"name":"p"},"spec":{"serviceAccountName":"worker","containers":[{"name":"c","image":"i"}]}}""");
        var bound = (await TokenAsync("""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p"}}}""")).At("status.token");
        var free = (await TokenAsync("{}")).At("status.token");
        Assert.That(await IsKnownAsync(bound), Is.True);
        await _server.Admin.ExpectAsync(200, "DELETE", Pods + "/p?gracePeriodSeconds=0");
        Assert.That((await IsKnownAsync(bound), await IsKnownAsync(free)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task One_for_others_is_none_for_this_server()
    {
        var token = (await TokenAsync("""{"spec":{"audiences":["vault","web"]}}""")).At("status.token");
        await _server.As(token).ExpectAsync(401, "GET", Maps);
        var review = await _server.Admin.ExpectAsync(201, "POST", Reviews, $$$"""{"spec":{"token":"{{{token}}}","audiences":["web","else"]}}""");
        Assert.That((review.At("status.authenticated"), review.At("status.audiences[0]")), Is.EqualTo(("true", "web")));
    }

    [TestCase("worker", """{"spec":{"expirationSeconds":599}}""", 422, "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [TestCase("worker", """{"spec":{"expirationSeconds":4294967297}}""", 422, "may not specify a duration larger than 2^32 seconds")]
    [TestCase("worker", """{"spec":{"expirationSeconds":"1h"}}""", 400, "spec.expirationSeconds must be a whole number")]
    [TestCase("worker", """{"metadata":{"name":"other"}}""", 400, "the name of the object (other) does not match the name on the URL (worker)")]
    [TestCase("worker", """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"ConfigMap","name":"a"}}}""", 400, "cannot bind token to object of type v1, Kind=ConfigMap")]
    [TestCase("worker", """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"gone"}}}""", 404, "pods \"gone\" not found")]
    [TestCase("nobody", "{}", 404, "serviceaccounts \"nobody\" not found")]
    public async Task A_mistaken_request_is_refused(string account, string request, int code, string reason)
    {
        var answer = await _server.Admin.ExpectAsync(code, "POST", $"{Accounts}/{account}/token", request);
        Assert.That(answer.At("message"), Does.Contain(reason));
    }

    [Test]
    public async Task Asking_for_one_takes_a_right_of_its_own()
    {
        await _server.Admin.ExpectAsync(201, "POST", Rbac + "/clusterroles", """{"metadata":{"name":"accounts"},"rules":[{"apiGroups":[""],"resources":["serviceaccounts"],"verbs":["*"]}]}""");
        await _server.Admin.ExpectAsync(201, "POST", Rbac + "/clusterrolebindings", """{"metadata":{"name":"accounts"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"accounts"},"subjects":[{"kind":"ServiceAccount","name":"reader","namespace":"default"}]}""");
        var reader = _server.As(LocalServer.ReaderToken);
        await reader.ExpectAsync(200, "GET", Accounts + "/worker");
        Assert.That((await reader.ExpectAsync(403, "POST", Accounts + "/worker/token", "{}")).At("message"), Does.Contain("cannot create resource \"serviceaccounts/token\""));
    }

    [Test]
    public async Task A_dry_run_gives_none() =>
        Assert.That((await _server.Admin.ExpectAsync(201, "POST", Accounts + "/worker/token?dryRun=All", "{}")).Json!["status"], Is.Null);

    [Test]
    public async Task Discovery_lists_it()
    {
        var resources = (await _server.Admin.ExpectAsync(200, "GET", "/api/v1")).Json!["resources"]!.AsArray();
        var token = resources.Single(r => $"{r!["name"]}" == "serviceaccounts/token")!;
        Assert.That(($"{token["kind"]}", $"{token["group"]}", $"{token["verbs"]![0]}"), Is.EqualTo(("TokenRequest", "authentication.k8s.io", "create")));
    }

    private Task<Answer> TokenAsync(string request) => _server.Admin.ExpectAsync(201, "POST", Accounts + "/worker/token", request);

    private async Task<bool> IsKnownAsync(string? token) =>
        (await _server.Admin.ExpectAsync(201, "POST", Reviews, $$$"""{"spec":{"token":"{{{token}}}"}}""")).At("status.authenticated") == "true";
}
