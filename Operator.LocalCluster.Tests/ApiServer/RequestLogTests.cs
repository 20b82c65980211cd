using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class RequestLogTests
{
    [Test]
    public void Marks_stay_true_when_old_entries_go()
    {
        var log = Filled(kept: 10, requests: 100);
        var mark = log.Count;
        log.Add(Request("late"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mark, Is.EqualTo(100));
            Assert.That(log.Since(mark).Select(r => r.Name), Is.EqualTo(["late"]));
            Assert.That(log.CountOf(r => r.Name is "late", mark), Is.EqualTo(1));
            Assert.That(log.Since(91), Has.Count.EqualTo(10), "at least the newest ten are kept");
        }
    }

    [Test]
    public void An_entry_that_is_gone_is_an_error_and_no_wrong_count()
    {
        var log = Filled(kept: 10, requests: 100);
        Assert.That(() => log.All, Throws.InvalidOperationException.With.Message.Contains("ApiServerOptions.RequestsKept (now 10)"));
        Assert.That(() => log.CountOf(_ => true), Throws.InvalidOperationException);
        Assert.That(async () => await log.WaitForAsync(_ => true), Throws.InvalidOperationException);
    }

    [Test]
    public void Nothing_is_kept_where_nobody_asks()
    {
        var log = Filled(kept: 0, requests: 3);
        Assert.That((log.Count, log.Since(3).Count), Is.EqualTo((3, 0)));
        Assert.That(() => log.Since(2), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Whoever_waits_is_told_of_requests_before_and_after_that_may_be_gone_by_then()
    {
        var log = Filled(kept: 2, requests: 3);
        var waiting = log.WaitForAsync(r => r.Verb is "get", count: 10);
        for (var i = 3; i < 9; i++) log.Add(Request($"{i}"));
        Assert.That(waiting.IsCompleted, Is.False);
        log.Add(Request("9"));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    private static RequestLog Filled(int kept, int requests)
    {
        var log = new RequestLog(kept);
        for (var i = 0; i < requests; i++) log.Add(Request($"{i}"));
        return log;
    }

    private static RequestEntry Request(string name) => new("user", "get", "", "pods", "", "ns", name, 200, false, $"/api/v1/namespaces/ns/pods/{name}", "GET");
}
