using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

/// <summary>The lives of containers that are processes: start, probes, hooks, restarts, the end.</summary>
public sealed class ProcessStories : ProcessFixture
{
    [Test]
    public async Task An_init_container_prepares_what_the_next_one_finds()
    {
        await PodAsync("two", "cat /scratch/made; exec sleep 1000", spec =>
        {
            spec.Volumes = [new() { Name = "work", EmptyDir = new() }];
            spec.Containers[0].VolumeMounts = [new() { Name = "work", MountPath = "/scratch" }];
            spec.InitContainers = [new() { Name = "first", Image = "shell:1", Args = ["echo made > /scratch/made"], VolumeMounts = [new() { Name = "work", MountPath = "/scratch" }] }];
        });

        var pod = await SeeAsync("two", p => Condition(p, "Ready") == "True");

        Assert.That(pod.Status.InitContainerStatuses[0].State.Terminated, Has.Property("ExitCode").Zero.And.Property("Reason").EqualTo("Completed"));
        if (!TestCluster.IsExternal) await LogAsync("two", text => text.EndsWith("made\n", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_container_that_fails_says_why_and_is_started_again_later()
    {
        await PodAsync("fails", "echo no luck >&2; exit 3", spec => spec.Containers[0].TerminationMessagePolicy = "FallbackToLogsOnError");

        var pod = await SeeAsync("fails", p => p.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff");

        Assert.That(pod.Status.ContainerStatuses[0].LastState.Terminated, Has.Property("ExitCode").EqualTo(3).And.Property("Message").EqualTo("no luck\n").And.Property("Reason").EqualTo("Error"));
        Assert.That(pod.Status.ContainerStatuses[0].RestartCount, Is.EqualTo(1));
        await EventAsync("BackOff", $"Back-off restarting failed container main in pod fails_{Cluster.Namespace}({pod.Metadata.Uid})");
        await Cluster.AdvanceUntilAsync("it is started again", async () => (await GetAsync("fails")).Status.ContainerStatuses[0].RestartCount == 2, Second, TimeSpan.FromSeconds(30));
        if (TestCluster.IsExternal) return;
        await LogAsync("fails", text => text.EndsWith("no luck\n", StringComparison.Ordinal), previous: true);
    }

    [Test]
    public async Task A_slow_start_is_given_its_time()
    {
        await PodAsync("slow", "exec sleep 1000", spec =>
        {
            spec.Volumes = [new() { Name = "work", EmptyDir = new() }];
            spec.Containers[0].VolumeMounts = [new() { Name = "work", MountPath = "/scratch" }];
            spec.Containers[0].StartupProbe = new() { Exec = new() { Command = ["test", "-f", "/scratch/loaded"] }, PeriodSeconds = 10, FailureThreshold = 180, TimeoutSeconds = 600 };
            spec.Containers[0].LivenessProbe = new() { Exec = new() { Command = ["test", "-f", "/scratch/loaded"] }, PeriodSeconds = 1, FailureThreshold = 1, TimeoutSeconds = 600 };
        });
        var begin = Cluster.Time.GetUtcNow();
        await Cluster.AdvanceUntilAsync(
            "two minutes have passed", () => Task.FromResult(Cluster.Time.GetUtcNow() - begin > TimeSpan.FromMinutes(2)), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
        var loading = await GetAsync("slow");
        Assert.That((loading.Status.ContainerStatuses[0].Started, loading.Status.ContainerStatuses[0].RestartCount, Condition(loading, "Ready")), Is.EqualTo(((bool?)false, 0, "False")));

        await File.WriteAllTextAsync(Path.Combine(Folder.FullName, "pods", loading.Metadata.Uid, "volumes", "work", "loaded"), "");

        await Cluster.AdvanceUntilAsync("it is ready", async () => Condition(await GetAsync("slow"), "Ready") == "True", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
        Assert.That((await GetAsync("slow")).Status.ContainerStatuses[0].RestartCount, Is.Zero);
    }

    [Test]
    public async Task A_container_that_is_no_longer_alive_is_restarted_and_the_reason_is_told()
    {
        await PodAsync("ill", "exec sleep 1000", spec =>
            spec.Containers[0].LivenessProbe = new() { Exec = new() { Command = ["sh", "-c", "echo ill; exit 1"] }, PeriodSeconds = 5, FailureThreshold = 2, TimeoutSeconds = 600 });

        await Cluster.AdvanceUntilAsync("it was restarted", async () => (await GetAsync("ill")).Status?.ContainerStatuses?[0] is { RestartCount: > 0 }, Second, TimeSpan.FromMinutes(1));

        Assert.That((await GetAsync("ill")).Status.ContainerStatuses[0].LastState.Terminated.ExitCode, Is.EqualTo(143), "SIGTERM ended it");
        await EventAsync("Unhealthy", "Liveness probe failed: command exited with 1: ill");
        await EventAsync("Killing", "Container main failed liveness probe, will be restarted");
    }

    [Test]
    public async Task A_deleted_pod_runs_its_hook_and_is_asked_to_end()
    {
        var told = Path.Combine(Folder.FullName, "told");
        await PodAsync("polite", $"trap 'echo term >> {told}; exit 0' TERM; echo up >> {told}; while :; do sleep 0.05; done", spec =>
        {
            spec.TerminationGracePeriodSeconds = 600;
            spec.Containers[0].Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["sh", "-c", $"echo hook >> {told}"] } } };
        });
        await Cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(told)));

        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("polite", Cluster.Namespace);

        await GoneAsync("polite");
        Assert.That(await File.ReadAllLinesAsync(told), Is.EqualTo(["up", "hook", "term"]));
    }

    [Test]
    public async Task One_that_does_not_end_is_killed_with_all_that_it_started_when_its_grace_is_over()
    {
        var ids = Path.Combine(Folder.FullName, "ids");
        await PodAsync("deaf", $"trap '' TERM; sleep 1000 & echo $$$$ $! > {ids}; while :; do sleep 0.05; done", spec => spec.TerminationGracePeriodSeconds = 20);
        await Cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("deaf", Cluster.Namespace);
        await Cluster.UntilAsync("it is being deleted", async () => (await GetAsync("deaf")).Metadata.DeletionTimestamp is not null);
        Assert.That(Alive(ids), Is.EqualTo(2));

        await Cluster.AdvanceUntilAsync("the pod is gone", async () => await FindAsync("deaf") is null, Second, TimeSpan.FromMinutes(1));

        Assert.That(Alive(ids), Is.Zero);
    }

    [Test]
    public async Task The_processes_of_a_node_die_with_it()
    {
        var ids = Path.Combine(Folder.FullName, "ids");
        await PodAsync("main", $"sleep 1000 & echo $$$$ $! > {ids}; wait");
        await Cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));

        Cluster.Fleet.Remove((await GetAsync("main")).Spec.NodeName);

        await Cluster.UntilAsync("nothing runs", () => Task.FromResult(Alive(ids) == 0));
    }

    [Test]
    public async Task A_hook_that_takes_longer_than_the_grace_is_cut_short_and_a_second_delete_may_have_less_patience()
    {
        var ids = Path.Combine(Folder.FullName, "ids");
        await PodAsync("slow", $"echo $$$$ > {ids}; while :; do sleep 0.05; done", spec =>
        {
            spec.TerminationGracePeriodSeconds = 3600;
            spec.Containers[0].Lifecycle = new() { PreStop = new() { Sleep = new() { Seconds = 3000 } } };
        });
        await Cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("slow", Cluster.Namespace);
        await EventAsync("Killing", "Stopping container main");

        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("slow", Cluster.Namespace, gracePeriodSeconds: 5);

        await Cluster.AdvanceUntilAsync("the pod is gone", async () => await FindAsync("slow") is null, Second, TimeSpan.FromMinutes(1));
        Assert.That(Alive(ids), Is.Zero);
    }

    [Test]
    public async Task What_left_the_containers_session_ends_with_it_all_the_same()
    {
        var ids = Path.Combine(Folder.FullName, "ids");
        await PodAsync("daemon", $"setsid sleep 1000 & echo $! > {ids}; sleep 0.1; exit 0", spec => spec.RestartPolicy = "OnFailure");

        await SeeAsync("daemon", p => p.Status?.Phase == "Succeeded");

        Assert.That(Alive(ids), Is.Zero);
    }
}
