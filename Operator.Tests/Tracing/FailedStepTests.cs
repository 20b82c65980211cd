using System.Diagnostics;
using System.Net;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>How steps end that the API server does not grant: a table for both writers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FailedStepTests
{
    private static readonly Dictionary<string, (Exception Thrown, string Result, string? Error)> Ends = new()
    {
        ["a refusal"] = (Http(HttpStatusCode.UnprocessableEntity), "failed", "422"),
        ["a lost race"] = (Http(HttpStatusCode.Conflict), "conflict", null),
        ["no connection"] = (new HttpRequestException("connection refused"), "failed", "System.Net.Http.HttpRequestException"),
        ["no answer in time"] = (new TimeoutException("100 seconds"), "failed", "System.TimeoutException"),
        ["no answer in an HttpClient's time"] = (new TaskCanceledException("100 seconds", new TimeoutException()), "failed", "System.Threading.Tasks.TaskCanceledException"),
    };

    private readonly Mock<IKubernetesClient> _client = new();
    private readonly OperatorMetrics _metrics = new(Prometheus.Metrics.NewCustomRegistry());
    private readonly List<Activity> _ended = [];

    public static IEnumerable<string> Names => Ends.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task A_step_on_a_child_says_that_it_failed_and_the_failure_is_handed_back(string end)
    {
        var observed = A.DeploymentOf(A.Service(), A.Model(), 1, 1);
        _client.Setup(c => c.PatchAsync<V1Deployment>(It.IsAny<V1Patch>(), "chat", A.Namespace, "llmkube-operator", true, null, It.IsAny<CancellationToken>())).ThrowsAsync(Ends[end].Thrown);
        var executor = new ActionExecutor(_client.Object, new ApiCalls(_client.Object), _metrics, NullLogger<ActionExecutor>.Instance);

        var results = await HeardAsync(() => executor.RunAsync(
            [new DesiredAction.Apply(A.Build(A.Service(with: s => s.ContextSize = 4096), A.Model(), observed), observed)], CancellationToken.None));

        Assert.That(results.Failure?.Cause, Is.SameAs(Ends[end].Thrown));
        AssertTold("deployment.apply", Ends[end].Result, Ends[end].Error);
    }

    [TestCaseSource(nameof(Names))]
    public async Task A_write_of_status_says_that_it_failed(string end)
    {
        _client.Setup(c => c.UpdateStatusAsync(It.IsAny<InferenceService>(), It.IsAny<CancellationToken>())).ThrowsAsync(Ends[end].Thrown);

        await Assert.ThatAsync(() => HeardAsync(WriteAsync), Throws.Exception.SameAs(Ends[end].Thrown));

        AssertTold("status.update", Ends[end].Result, Ends[end].Error);
    }

    [Test]
    public async Task A_status_of_what_has_gone_is_no_failure()
    {
        _client.Setup(c => c.UpdateStatusAsync(It.IsAny<InferenceService>(), It.IsAny<CancellationToken>())).ThrowsAsync(Http(HttpStatusCode.NotFound));

        Assert.That(await HeardAsync(WriteAsync), Is.False);

        AssertTold("status.update", "gone", null);
    }

    private Task<bool> WriteAsync() =>
        new StatusWriter(_client.Object, _metrics).WriteAsync(A.Service(), new InferenceServiceStatus { Phase = InferenceServicePhases.Failed }, CancellationToken.None);

    private void AssertTold(string name, string result, string? error)
    {
        var step = _ended.Single();
        Assert.That(
            (step.DisplayName, step.GetTagItem("llmkube.apply.result"), step.GetTagItem("error.type"), step.Status),
            Is.EqualTo((name, (object)result, (object?)error, error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error)));
    }

    // Other tests make spans of the same source meanwhile; ours are in the trace of this test.
    private async Task<T> HeardAsync<T>(Func<Task<T>> act)
    {
        using var test = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OperatorApplication.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> of) => of.TraceId == test.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == test.TraceId) _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return await act();
    }

    private static HttpOperationException Http(HttpStatusCode status)
    {
        using var response = new HttpResponseMessage(status);
        return new HttpOperationException { Response = new HttpResponseMessageWrapper(response, """{"message":"no"}""") };
    }
}
