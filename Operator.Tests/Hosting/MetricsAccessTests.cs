using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Reconciling;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace LlmKube.Operator.Tests.Hosting;

/// <summary>While the API server gives no answer, who was let in before still is.</summary>
public sealed class MetricsAccessTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Mock<IAuthenticationV1Operations> _authentication = new();
    private readonly Mock<IAuthorizationV1Operations> _authorization = new();
    private MetricsAccess _access = null!;

    [SetUp]
    public void Start()
    {
        var api = new Mock<IKubernetes>();
        api.Setup(a => a.AuthenticationV1).Returns(_authentication.Object);
        api.Setup(a => a.AuthorizationV1).Returns(_authorization.Object);
        var client = new Mock<IKubernetesClient>();
        client.Setup(c => c.ApiClient).Returns(api.Object);
        _access = new MetricsAccess(new ApiCalls(client.Object), _time, NullLogger<MetricsAccess>.Instance);
        Answers();
    }

    [TestCaseSource(nameof(NoAnswers))]
    public async Task For_ten_minutes_and_no_stranger(Exception failure)
    {
        Assert.That(await AskAsync("known"), Is.EqualTo(200));
        Fails(failure);

        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.That((await AskAsync("known"), await AskAsync("unknown")), Is.EqualTo((200, 503)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await AskAsync("known"), Is.EqualTo(503));

        Answers();
        Assert.That((await AskAsync("known"), await AskAsync("unknown")), Is.EqualTo((200, 200)));
    }

    [Test]
    public async Task A_refusal_is_an_answer()
    {
        Assert.That(await AskAsync("known"), Is.EqualTo(200));
        Fails(Refusal(HttpStatusCode.Forbidden));

        Assert.That(await AskAsync("known"), Is.EqualTo(200), "not asked yet");
        _time.Advance(TimeSpan.FromMinutes(2));
        for (var scrape = 0; scrape < 3; scrape++) Assert.That(await AskAsync("known"), Is.EqualTo(503));
        Assert.That(_authentication.Invocations, Has.Count.EqualTo(2), "once a minute is often enough");

        Answers();
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await AskAsync("known"), Is.EqualTo(200));
    }

    [Test]
    public async Task Strangers_leave_room_for_who_may()
    {
        Assert.That(await AskAsync("known"), Is.EqualTo(200));
        _authentication.Setup(a => a.CreateTokenReviewWithHttpMessagesAsync(It.IsAny<V1TokenReview>(), null, null, null, null, null, It.IsAny<CancellationToken>()))
            .ReturnsAsync(new HttpOperationResponse<V1TokenReview> { Body = new() { Status = new() { Authenticated = false } } });
        for (var stranger = 0; stranger < 1000; stranger++) Assert.That(await AskAsync($"stranger-{stranger}"), Is.EqualTo(401));

        Assert.That(await AskAsync("known"), Is.EqualTo(200), "still remembered: the server would say no");
    }

    private static IEnumerable<Exception> NoAnswers() => [new HttpRequestException("refused"), new TaskCanceledException(), Refusal(HttpStatusCode.InternalServerError), Refusal(HttpStatusCode.TooManyRequests)];

    private static HttpOperationException Refusal(HttpStatusCode status) => new("no")
    {
        Response = new HttpResponseMessageWrapper(new HttpResponseMessage(status), ""),
    };

    private void Answers()
    {
        _authentication.Setup(a => a.CreateTokenReviewWithHttpMessagesAsync(It.IsAny<V1TokenReview>(), null, null, null, null, null, It.IsAny<CancellationToken>()))
            .ReturnsAsync(new HttpOperationResponse<V1TokenReview> { Body = new() { Status = new() { Authenticated = true, User = new() { Username = "scraper" } } } });
        _authorization.Setup(a => a.CreateSubjectAccessReviewWithHttpMessagesAsync(It.IsAny<V1SubjectAccessReview>(), null, null, null, null, null, It.IsAny<CancellationToken>()))
            .ReturnsAsync(new HttpOperationResponse<V1SubjectAccessReview> { Body = new() { Status = new() { Allowed = true } } });
    }

    private void Fails(Exception failure) =>
        _authentication.Setup(a => a.CreateTokenReviewWithHttpMessagesAsync(It.IsAny<V1TokenReview>(), null, null, null, null, null, It.IsAny<CancellationToken>())).ThrowsAsync(failure);

    private async Task<int> AskAsync(string token)
    {
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = "/metrics", Headers = { Authorization = $"Bearer {token}" } } };
        await _access.CheckAsync(context, _ => Task.CompletedTask);
        return context.Response.StatusCode;
    }
}
