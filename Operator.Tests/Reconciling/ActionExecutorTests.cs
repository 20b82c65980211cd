using System.Net;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace LlmKube.Operator.Tests.Reconciling;

/// <summary>How the executor meets a cluster that misbehaves; that it applies, is shown against an API server.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ActionExecutorTests
{
    private readonly Mock<IKubernetesClient> _client = new();
    private readonly V1Deployment _observed = A.DeploymentOf(A.Service(), A.Model(), 1, 1);

    [Test]
    public async Task A_webhook_that_rewrites_our_field_makes_no_loop()
    {
        _observed.Spec.Template.Spec.Containers[0].Image = "rewritten:1";
        Answer(() => _observed); // what was applied came back as it had been
        var executor = Executor();

        await executor.RunAsync([Apply()], CancellationToken.None);
        var again = await executor.RunAsync([Apply()], CancellationToken.None);

        Sent(Times.Once());
        Assert.That(again.ChangedSomething, Is.False);
    }

    [Test]
    public async Task A_futile_apply_is_tried_again_when_either_side_changes()
    {
        _observed.Spec.Template.Spec.Containers[0].Image = "rewritten:1";
        Answer(() => _observed);
        var executor = Executor();
        await executor.RunAsync([Apply()], CancellationToken.None);

        _observed.Metadata.Generation++;
        await executor.RunAsync([Apply()], CancellationToken.None);
        await executor.RunAsync([Apply(s => s.ContextSize = 4096)], CancellationToken.None);

        Sent(Times.Exactly(3));
    }

    [Test]
    public async Task The_first_failure_stops_the_rest_and_is_handed_back_in_the_servers_words()
    {
        Answer(() => throw Http(HttpStatusCode.Forbidden, """{"kind":"Status","message":"exceeded quota"}"""));

        var results = await Executor().RunAsync([Apply(s => s.ContextSize = 4096), Apply(s => s.ContextSize = 4096)], CancellationToken.None);

        Sent(Times.Once());
        Assert.That((results.Failure!.Message, results.Failure.IsRejection), Is.EqualTo(("exceeded quota", true)));
        Assert.That(() => results.ThrowIfFailed(), Throws.TypeOf<HttpOperationException>());
    }

    [TestCase(HttpStatusCode.Conflict, false)]
    [TestCase(HttpStatusCode.ServiceUnavailable, false)]
    [TestCase(HttpStatusCode.UnprocessableEntity, true)]
    public void Only_what_would_be_refused_again_is_a_rejection(HttpStatusCode status, bool rejection) =>
        Assert.That(new ActionFailure(Apply(), Http(status, "a proxy's page")).IsRejection, Is.EqualTo(rejection));

    private ActionExecutor Executor() => new(_client.Object, new ApiCalls(_client.Object), new OperatorMetrics(Prometheus.Metrics.NewCustomRegistry()), NullLogger<ActionExecutor>.Instance);

    private DesiredAction.Apply Apply(Action<InferenceServiceSpec>? with = null) => new(A.Build(A.Service(with: with), A.Model(), _observed), _observed);

    private void Answer(Func<V1Deployment> answer) => _client
        .Setup(c => c.PatchAsync<V1Deployment>(It.IsAny<V1Patch>(), "chat", A.Namespace, "llmkube-operator", true, null, It.IsAny<CancellationToken>()))
        .ReturnsAsync(answer);

    private void Sent(Times times) => _client.Verify(
        c => c.PatchAsync<V1Deployment>(It.IsAny<V1Patch>(), "chat", A.Namespace, "llmkube-operator", true, null, It.IsAny<CancellationToken>()), times);

    private static HttpOperationException Http(HttpStatusCode status, string body)
    {
        using var response = new HttpResponseMessage(status);
        return new HttpOperationException { Response = new HttpResponseMessageWrapper(response, body) };
    }
}
