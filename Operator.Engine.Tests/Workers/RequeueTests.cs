using KubeOps.Abstractions.Reconciliation;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Workers;

/// <summary>When a key that is not done with is looked at again.</summary>
public class RequeueTests : FakeApiFixture
{
    private static readonly Dictionary<string, (string Result, Func<Widget, TimeSpan, ReconciliationResult<Widget>> Answer)> Answers = new()
    {
        ["a success"] = ("requeue", (widget, wait) => ReconciliationResult<Widget>.Success(widget, wait)),
        ["not yet"] = ("requeue", (widget, wait) => ReconciliationResult<Widget>.Failure(widget, "The model is not ready.", requeueAfter: wait)),
        ["a failure"] = ("error", (widget, wait) => ReconciliationResult<Widget>.Failure(widget, "No.", new InvalidOperationException("No."), wait)),
    };

    // A controller that computes "deadline - now" asks for this sooner or later.
    [Test]
    public async Task A_wait_that_is_over_is_looked_at_again_with_backoff_and_not_in_a_hot_loop(
        [Values("a success", "not yet", "a failure")] string story, [Values(0, -1)] int seconds)
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (widget, _) =>
            Task.FromResult(Answers[story].Answer(widget, TimeSpan.FromSeconds(seconds))));
        await SettledAsync(test, Answers[story].Result, 1);

        // The clock stands still: what happens now happens without waiting.
        for (var i = 0; i < 20; i++) await test.Client.GetAsync<k8s.Models.V1Pod>($"probe-{i}", "default");
        Assert.That(test.Script.Runs("a"), Is.EqualTo(1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") >= 5, test.Clock, TimeSpan.FromMilliseconds(50));
        Assert.That(await ScrapeAsync(test), Does.Match("""workqueue_retries_total\{name="widget",controller="widget"\} [1-9]"""));
    }

    [Test]
    public async Task What_needs_an_object_that_can_not_be_read_waits_for_the_next_event_and_asks_nobody()
    {
        var poisoned = Widget.Json("model");
        poisoned["spec"]!["size"] = "enormous";
        Api.Put("widgets", poisoned);
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (_, _) => throw new InvalidOperationException("Set below."));
        test.Script.OnReconcile = async (widget, cancellationToken) =>
        {
            await test.Client.GetAsync<Widget>("model", "default", cancellationToken);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await Eventually.IsTrueAsync(
            async () => (await ScrapeAsync(test)).Contains(
                """controller_runtime_terminal_reconcile_errors_total{controller="widget"} 1""", StringComparison.Ordinal),
            () => test.Clock.Advance(TimeSpan.FromMilliseconds(10)));
        var (runs, requests) = (test.Script.Runs("a"), Questions());
        for (var hour = 0; hour < 24; hour++)
        {
            test.Clock.Advance(TimeSpan.FromHours(1));
            await test.Client.GetAsync<k8s.Models.V1Pod>($"probe-{hour}", "default");
        }

        Assert.That(test.Script.Runs("a"), Is.EqualTo(runs));
        Assert.That(Questions(), Is.EqualTo(requests + 24), "The probes.");
        Api.Put("widgets", Widget.Json("model"));

        // After such a day the watch may be about to be opened anew, which takes time.
        await Eventually.IsTrueAsync(() => test.Script.Runs("model") >= 1, test.Clock, TimeSpan.FromMilliseconds(10));

        // Informers list anew after some hours, whatever becomes of objects.
        int Questions() => Api.Count(call => call is { IsWatch: false, IsList: false });
    }

    private static Task SettledAsync(TestOperator test, string result, int times) => Eventually.IsTrueAsync(
        async () => (await ScrapeAsync(test)).Contains(
            $$"""controller_runtime_reconcile_total{controller="widget",result="{{result}}"} {{times}}""", StringComparison.Ordinal),
        $"{result} {times}");

    private static async Task<string> ScrapeAsync(TestOperator test)
    {
        using var stream = new MemoryStream();
        await test.Registry.CollectAndExportAsTextAsync(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
