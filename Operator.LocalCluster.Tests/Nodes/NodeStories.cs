using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes;

public sealed class NodeStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_pod_starts_loads_and_is_ready()
    {
        _cluster.Rules.Add(new PodRule { Image = "llm:*", StartDelay = TimeSpan.FromSeconds(5), LoadTime = TimeSpan.FromSeconds(60), LogLines = ["loading model", "listening"] });
        await PodAsync("llm");
        await _cluster.UntilAsync("it is being created", async () => await StateAsync() is { Waiting.Reason: "ContainerCreating" });
        await _cluster.AdvanceUntilAsync("it runs, not ready", async () => await StateAsync() is { Running: not null }, Second, TimeSpan.FromSeconds(10));
        var pod = await GetAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pod!.Status.Phase, Is.EqualTo("Running"));
            Assert.That(Condition(pod, "Ready"), Is.EqualTo(("False", "ContainersNotReady")));
            Assert.That(pod.Status.Conditions.First(c => c.Type == "Ready").Message, Is.EqualTo("containers with unready status: [main]"));
            Assert.That(pod.Status.PodIP, Does.StartWith("10."));
        }

        await _cluster.AdvanceUntilAsync("it is ready", async () => Condition((await GetAsync())!, "Ready").Item1 == "True", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2));
        pod = await GetAsync();
        Assert.That((pod!.Status.Conditions.First(c => c.Type == "Ready").LastTransitionTime - pod.Status.ContainerStatuses[0].State.Running.StartedAt)!.Value.TotalSeconds, Is.EqualTo(60).Within(12));
        if (TestCluster.IsExternal) return;
        await _cluster.UntilAsync("its log can be read", async () =>
        {
            using var log = await _cluster.Client.CoreV1.ReadNamespacedPodLogAsync("llm", _cluster.Namespace);
            using var reader = new StreamReader(log);
            return await reader.ReadToEndAsync() == "loading model\nlistening\n";
        });
    }

    [Test]
    public async Task A_container_that_crashes_is_restarted_later_and_later()
    {
        _cluster.Rules.Add(new PodRule { Image = "llm:*", RunTime = TimeSpan.FromSeconds(2), ExitCode = 137, ExitReason = "OOMKilled", TerminationMessage = "out of memory" });
        await PodAsync("llm");
        await _cluster.AdvanceUntilAsync("it backs off", async () => await StateAsync() is { Waiting.Reason: "CrashLoopBackOff" }, Second, TimeSpan.FromSeconds(20));
        var status = (await GetAsync())!.Status.ContainerStatuses[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status.LastState.Terminated, Is.Not.Null.And.Property("Reason").EqualTo("OOMKilled").And.Property("ExitCode").EqualTo(137).And.Property("Message").EqualTo("out of memory"));
            Assert.That(status.State.Waiting.Message, Does.StartWith("back-off 10s restarting failed container=main pod=llm_"));
            Assert.That(status.RestartCount, Is.EqualTo(1), "the first restart comes at once");
        }

        await _cluster.AdvanceUntilAsync("then longer", async () => (await StateAsync())?.Waiting?.Message?.StartsWith("back-off 20s") == true, Second, TimeSpan.FromMinutes(1));
        _cluster.Rules.Clear();
        await _cluster.AdvanceUntilAsync("it recovers", async () => (await GetAsync())!.Status.ContainerStatuses[0] is { Ready: true, RestartCount: 3 }, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
    }

    [Test]
    public async Task An_image_that_cannot_be_pulled_is_tried_again()
    {
        var rule = new PodRule { Image = "llm:*", PullFailure = "manifest unknown" };
        _cluster.Rules.Add(rule);
        await PodAsync("llm");
        await _cluster.UntilAsync("the pull fails", async () => await StateAsync() is { Waiting: { Reason: "ErrImagePull", Message: "manifest unknown" } });
        await _cluster.AdvanceUntilAsync("it backs off", async () => await StateAsync() is { Waiting.Reason: "ImagePullBackOff" }, Second, TimeSpan.FromSeconds(5));
        Assert.That((await GetAsync())!.Status.Phase, Is.EqualTo("Pending"));
        _cluster.Rules.Remove(rule);
        await _cluster.UntilAsync("it runs", async () => await StateAsync() is { Running: not null });
    }

    [Test]
    public async Task A_deleted_pod_gets_its_grace()
    {
        _cluster.Rules.Add(new PodRule { Image = "llm:*", StopDelay = TimeSpan.FromSeconds(100) });
        await PodAsync("llm", p => p.TerminationGracePeriodSeconds = 20);
        await _cluster.UntilAsync("it runs", async () => await StateAsync() is { Running: not null });
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("llm", _cluster.Namespace);
        var deleted = _cluster.Time.GetUtcNow();
        await _cluster.AdvanceUntilAsync("it is gone", async () => await GetAsync() is null, Second, TimeSpan.FromMinutes(1));
        Assert.That((_cluster.Time.GetUtcNow() - deleted).TotalSeconds, Is.EqualTo(20).Within(2));
    }

    [Test]
    public async Task Init_containers_run_before_the_others_and_hold_them_back_while_they_fail()
    {
        _cluster.Rules.Add(new PodRule { Container = "init-2", ExitCode = 1, TerminationMessage = "no network", Times = 2 });
        await PodAsync("llm", p => p.InitContainers = [new() { Name = "init-1", Image = "init:1" }, new() { Name = "init-2", Image = "init:1" }]);
        await _cluster.UntilAsync("the second init container fails", async () => (await GetAsync())?.Status?.InitContainerStatuses is [{ Ready: true }, { State.Waiting.Reason: "CrashLoopBackOff" }]);
        var pod = await GetAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pod!.Status.Phase, Is.EqualTo("Pending"));
            Assert.That(Condition(pod, "Initialized"), Is.EqualTo(("False", "ContainersNotInitialized")));
            Assert.That(pod.Status.ContainerStatuses[0].State.Waiting.Reason, Is.EqualTo("PodInitializing"));
        }

        await _cluster.AdvanceUntilAsync("all is well at the third try", async () => Condition((await GetAsync())!, "Ready").Item1 == "True", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task A_quiet_cluster_makes_no_request_but_watches()
    {
        if (_cluster.Local is not { } local)
        {
            Assert.Ignore("counts at our own API server");
            return;
        }

        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(Build.Deployment("web", 5), _cluster.Namespace);
        await _cluster.Client.BatchV1.CreateNamespacedJobAsync(Build.Job("fetch"), _cluster.Namespace);
        await _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(Build.Claim("data"), _cluster.Namespace);
        await _cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new() { Metadata = new() { Name = "web" }, Spec = new() { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new() { Port = 80 }] } }, _cluster.Namespace);
        await _cluster.UntilAsync("all has settled", async () => (await _cluster.PodsAsync()) is { Count: 6 } pods && pods.All(p => p.Status?.Phase is "Running" or "Succeeded") && pods.All(p => p.Metadata.Finalizers is null or { Count: 0 }));
        await _cluster.AdvanceUntilAsync("the timers of the start are over", () => Task.FromResult(_cluster.Time.GetUtcNow() > _cluster.Time.Start + TimeSpan.FromMinutes(1)), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(2));
        var mark = local.ApiServer.Requests.Count;
        var start = _cluster.Time.GetUtcNow();
        await _cluster.AdvanceUntilAsync("ten minutes have passed", () => Task.FromResult(_cluster.Time.GetUtcNow() >= start + TimeSpan.FromMinutes(10)), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(11));
        Assert.That(local.ApiServer.Requests.Since(mark).Where(r => r.Verb != "watch"), Is.Empty);
    }

    private static (string?, string?) Condition(V1Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type) is { } c ? (c.Status, c.Reason) : (null, null);

    private Task PodAsync(string name, Action<V1PodSpec>? change = null) => _cluster.Client.CoreV1.CreateNamespacedPodAsync(Build.Pod(name, change), _cluster.Namespace);

    private async Task<V1Pod?> GetAsync() => (await _cluster.PodsAsync()).FirstOrDefault(p => p.Metadata.Name == "llm");

    private async Task<V1ContainerState?> StateAsync() => (await GetAsync())?.Status?.ContainerStatuses?[0].State;
}
