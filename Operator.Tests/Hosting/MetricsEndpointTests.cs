using System.Net;
using k8s;
using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Hosting;

/// <summary>Who may read <c>/metrics</c>: as with controller-runtime, whoever a TokenReview knows and RBAC lets.</summary>
public sealed class MetricsEndpointTests
{
    private const string Reviewer = "llmkube-operator-metrics-auth";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=llmkube-operator" } });
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        _cluster = await StoryCluster.StartAsync(new() { Time = _time });
        _operator = await _cluster.StartOperatorAsync(secure: true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [TestCase(null, HttpStatusCode.Unauthorized, "a bearer token is needed")]
    [TestCase("Basic dXNlcjpwYXNz", HttpStatusCode.Unauthorized, "a bearer token is needed")]
    [TestCase("Bearer ", HttpStatusCode.Unauthorized, "a bearer token is needed")]
    [TestCase("Bearer nobodys", HttpStatusCode.Unauthorized, "the API server does not know this token")]
    public async Task A_stranger_is_asked_who_he_is(string? authorization, HttpStatusCode status, string says)
    {
        using var answer = await GetAsync(authorization);

        Assert.That(answer.StatusCode, Is.EqualTo(status));
        Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(says + "\n"));
    }

    [Test]
    public async Task Who_has_no_right_is_told_which_role_has_it_and_with_it_gets_the_metrics()
    {
        var token = await TokenAsync("reader");
        using (var refused = await GetAsync($"Bearer {token}"))
        {
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("llmkube-metrics-reader"));
        }

        await BindAsync("reader");
        _time.Advance(TimeSpan.FromMinutes(2));
        using var answer = await GetAsync($"Bearer {token}");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\nllmkube_reconcile_total{controller=\"model\",result=\"success\"}"));
    }

    [Test]
    public async Task The_API_server_is_asked_once_a_minute_and_a_right_that_is_taken_away_ends()
    {
        var token = await TokenAsync("scraper");
        await BindAsync("scraper");
        for (var scrape = 0; scrape < 3; scrape++) Assert.That(await StatusAsync(token), Is.EqualTo(HttpStatusCode.OK));
        var asked = Reviews();

        Assert.That(await StatusAsync(token), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Reviews(), Is.EqualTo(asked), "not with every scrape");

        await _cluster.Client.RbacAuthorizationV1.DeleteClusterRoleBindingAsync("scraper");
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await StatusAsync(token), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task While_the_operator_may_not_ask_nobody_is_let_in()
    {
        var known = await TokenAsync("known");
        await BindAsync("known");
        Assert.That(await StatusAsync(known), Is.EqualTo(HttpStatusCode.OK));
        var binding = await _cluster.Client.RbacAuthorizationV1.ReadClusterRoleBindingAsync(Reviewer);
        await _cluster.Client.RbacAuthorizationV1.DeleteClusterRoleBindingAsync(Reviewer);
        try
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            using var refused = await GetAsync($"Bearer {known}");
            Assert.That((refused.StatusCode, await refused.Content.ReadAsStringAsync()), Is.EqualTo((
                HttpStatusCode.ServiceUnavailable, $"the operator may not ask the API server about tokens; the ClusterRole {Reviewer} lets it, and with --metrics-secure=false it need not\n")));
        }
        finally
        {
            binding.Metadata.ResourceVersion = null;
            await _cluster.Client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding);
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await StatusAsync(known), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Probes_need_no_token_and_are_not_at_the_metrics_address()
    {
        Assert.That((await _operator.GetAsync("/healthz", probes: true)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _operator.GetAsync("/readyz", probes: true)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _operator.GetAsync("/metrics", probes: true)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        foreach (var path in new[] { "/healthz", "/metrics/more" })
        {
            using var answer = await _http.GetAsync(new Uri(_operator.MetricsAddress, path));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }
    }

    [TestCase(false, "1.1")]
    [TestCase(true, "2.0")]
    public async Task HTTP_2_is_spoken_only_if_asked_for(bool enabled, string version)
    {
        var running = await _cluster.StartOperatorAsync(new() { LeaderElect = true, EnableHttp2 = enabled }, secure: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, running.MetricsAddress) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };

        using var answer = await _http.SendAsync(request);

        Assert.That(answer.Version.ToString(), Is.EqualTo(version));
        await _cluster.StopOperatorAsync(running);
    }

    private int Reviews() => _cluster.Server.Requests.CountOf(r => r.Path.EndsWith("reviews", StringComparison.Ordinal));

    private async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var answer = await GetAsync($"Bearer {token}");
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> GetAsync(string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _operator.MetricsAddress);
        if (authorization is not null) request.Headers.Add("Authorization", authorization);
        return _http.SendAsync(request);
    }

    private async Task<string> TokenAsync(string account)
    {
        await _cluster.Client.CoreV1.CreateNamespacedServiceAccountAsync(new() { Metadata = new() { Name = account } }, _cluster.Namespace);
        var request = await _cluster.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(new() { Spec = new() { Audiences = [], ExpirationSeconds = 86400 } }, account, _cluster.Namespace);
        return request.Status.Token;
    }

    private Task BindAsync(string account) => _cluster.Client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(new()
    {
        Metadata = new() { Name = account },
        RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "llmkube-metrics-reader" },
        Subjects = [new() { Kind = "ServiceAccount", Name = account, NamespaceProperty = _cluster.Namespace }],
    });
}
