using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class JobStories
{
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_job_succeeds_and_leaves_its_message()
    {
        _cluster.Rules.Add(new PodRule { Image = "fetch:*", RunTime = TimeSpan.FromMinutes(3), TerminationMessage = """{"size":42}""" });
        await CreateAsync(Build.Job("fetch"));
        await _cluster.UntilAsync("it runs", async () => (await GetAsync()).Status?.Active == 1);
        await _cluster.AdvanceUntilAsync("it is complete", async () => Condition(await GetAsync(), "Complete") == "CompletionsReached", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
        var (job, pod) = (await GetAsync(), (await _cluster.PodsAsync("batch.kubernetes.io/job-name=fetch"))[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((job.Status.Succeeded, job.Status.Active, job.Status.Failed, job.Status.CompletionTime is not null), Is.EqualTo(((int?)1, (int?)null, (int?)null, true)));
            Assert.That(pod.Metadata.Finalizers, Is.Null.Or.Empty);
            Assert.That(pod.Status.Phase, Is.EqualTo("Succeeded"));
            Assert.That(pod.Status.ContainerStatuses[0].State.Terminated.Message, Is.EqualTo("""{"size":42}"""));
            Assert.That(pod.Metadata.Labels["batch.kubernetes.io/controller-uid"], Is.EqualTo(job.Metadata.Uid));
        }
    }

    [Test]
    public async Task A_failing_job_backs_off_and_gives_up_at_its_limit()
    {
        _cluster.Rules.Add(new PodRule { Image = "fetch:*", ExitCode = 2, TerminationMessage = "no such file" });
        await CreateAsync(Build.Job("fetch", s => s.BackoffLimit = 2));
        await _cluster.AdvanceUntilAsync("it has failed", async () => Condition(await GetAsync(), "Failed") == "BackoffLimitExceeded", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
        Assert.That(await _cluster.PodsAsync(), Has.Count.EqualTo(3), "one and two more");
        Assert.That((await GetAsync()).Status.Failed, Is.EqualTo(3));
    }

    [Test]
    public async Task One_failure_within_the_limit_is_made_up_for()
    {
        _cluster.Rules.Add(new PodRule { Image = "fetch:*", ExitCode = 137, ExitReason = "OOMKilled", Times = 1 });
        await CreateAsync(Build.Job("fetch"));
        await _cluster.AdvanceUntilAsync("it is complete", async () => Condition(await GetAsync(), "Complete") is not null, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
        Assert.That((await _cluster.PodsAsync()).Select(p => p.Status.ContainerStatuses[0].State.Terminated.Reason), Is.EquivalentTo(new[] { "OOMKilled", "Completed" }));
    }

    [Test]
    public async Task A_finished_job_goes_when_its_time_is_up()
    {
        await CreateAsync(Build.Job("fetch", s => s.TtlSecondsAfterFinished = 60));
        await _cluster.UntilAsync("it is complete", async () => Condition(await GetAsync(), "Complete") is not null);
        await _cluster.AdvanceUntilAsync("it is gone with its pod", async () =>
            !(await _cluster.Client.BatchV1.ListNamespacedJobAsync(_cluster.Namespace)).Items.Any() && (await _cluster.PodsAsync()).Count == 0, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(3));
    }

    [Test]
    public async Task A_job_with_a_deadline_is_stopped()
    {
        _cluster.Rules.Add(new PodRule { Image = "fetch:*", RunTime = TimeSpan.FromHours(1) });
        await CreateAsync(Build.Job("fetch", s => s.ActiveDeadlineSeconds = 30));
        await _cluster.AdvanceUntilAsync("it has failed", async () => Condition(await GetAsync(), "Failed") == "DeadlineExceeded", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
        await _cluster.UntilAsync("nothing of it runs", async () => (await _cluster.PodsAsync()).All(p => p.Status.Phase != "Running"));
    }

    [Test]
    public async Task Several_completions_run_as_many_at_once_as_they_may()
    {
        _cluster.Rules.Add(new PodRule { Image = "fetch:*", RunTime = TimeSpan.FromSeconds(20) });
        await CreateAsync(Build.Job("fetch", s => (s.Completions, s.Parallelism) = (5, 2)));
        await _cluster.AdvanceUntilAsync("it is complete", async () =>
        {
            Assert.That((await _cluster.PodsAsync()).Count(p => p.Status?.Phase == "Running"), Is.LessThanOrEqualTo(2));
            return Condition(await GetAsync(), "Complete") is not null;
        }, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3));
        Assert.That(await _cluster.PodsAsync(), Has.Count.EqualTo(5));
    }

    private static string? Condition(V1Job job, string type) => job.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == "True")?.Reason;

    private Task CreateAsync(V1Job job) => _cluster.Client.BatchV1.CreateNamespacedJobAsync(job, _cluster.Namespace);

    private Task<V1Job> GetAsync() => _cluster.Client.BatchV1.ReadNamespacedJobAsync("fetch", _cluster.Namespace);
}
