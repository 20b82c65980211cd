using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

/// <summary>Pods whose containers are real processes (shells), on a fake clock.</summary>
public sealed class ProcessStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private DirectoryInfo _folder = null!;
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("nodes-");
        _cluster = await TestCluster.StartAsync(new ProcessOptions { Folder = _folder.FullName, Images = [new("shell:*", "/bin/sh", ["-c"])] });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_container_has_its_variables_volumes_arguments_and_address()
    {
        await _cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new() { Metadata = new() { Name = "config" }, Data = new Dictionary<string, string> { ["greeting"] = "hello", ["file.txt"] = "from a file" } }, _cluster.Namespace);
        await PodAsync(
            "talks",
            """echo "$GREETING from $POD_NAME at 0.0.0.0: $(cat /config/file.txt)" > /dev/termination-log""",
            spec =>
            {
                spec.RestartPolicy = "Never";
                spec.Volumes = [new() { Name = "config", ConfigMap = new() { Name = "config" } }];
                var container = spec.Containers[0];
                container.VolumeMounts = [new() { Name = "config", MountPath = "/config" }];
                container.Env =
                [
                    new() { Name = "GREETING", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "config", Key = "greeting" } } },
                    new() { Name = "POD_NAME", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } },
                ];
            });

        var pod = await SeeAsync("talks", p => p.Status?.Phase == "Succeeded");

        Assert.That(pod.Status.PodIP, Does.Match(@"^127\.\d+\.\d+\.\d+$"));
        Assert.That(pod.Status.ContainerStatuses[0].State.Terminated.Message, Is.EqualTo($"hello from talks at {pod.Status.PodIP}: from a file\n"));
        if (TestCluster.IsExternal) return;
        await LogAsync("talks", text => text.Contains("/config is ", StringComparison.Ordinal) && text.Contains($"0.0.0.0 is {pod.Status.PodIP} here", StringComparison.Ordinal));
    }

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
        await EventAsync("BackOff", $"Back-off restarting failed container main in pod fails_{_cluster.Namespace}({pod.Metadata.Uid})");
        await _cluster.AdvanceUntilAsync("it is started again", async () => (await GetAsync("fails")).Status.ContainerStatuses[0].RestartCount == 2, Second, TimeSpan.FromSeconds(30));
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
        var begin = _cluster.Time.GetUtcNow();
        await _cluster.AdvanceUntilAsync(
            "two minutes have passed", () => Task.FromResult(_cluster.Time.GetUtcNow() - begin > TimeSpan.FromMinutes(2)), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
        var loading = await GetAsync("slow");
        Assert.That((loading.Status.ContainerStatuses[0].Started, loading.Status.ContainerStatuses[0].RestartCount, Condition(loading, "Ready")), Is.EqualTo(((bool?)false, 0, "False")));

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "pods", loading.Metadata.Uid, "volumes", "work", "loaded"), "");

        await _cluster.AdvanceUntilAsync("it is ready", async () => Condition(await GetAsync("slow"), "Ready") == "True", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
        Assert.That((await GetAsync("slow")).Status.ContainerStatuses[0].RestartCount, Is.Zero);
    }

    [Test]
    public async Task A_container_that_is_no_longer_alive_is_restarted_and_the_reason_is_told()
    {
        await PodAsync("ill", "exec sleep 1000", spec =>
            spec.Containers[0].LivenessProbe = new() { Exec = new() { Command = ["sh", "-c", "echo ill; exit 1"] }, PeriodSeconds = 5, FailureThreshold = 2, TimeoutSeconds = 600 });

        await _cluster.AdvanceUntilAsync("it was restarted", async () => (await GetAsync("ill")).Status?.ContainerStatuses?[0] is { RestartCount: > 0 }, Second, TimeSpan.FromMinutes(1));

        Assert.That((await GetAsync("ill")).Status.ContainerStatuses[0].LastState.Terminated.ExitCode, Is.EqualTo(143), "SIGTERM ended it");
        await EventAsync("Unhealthy", "Liveness probe failed: command exited with 1: ill");
        await EventAsync("Killing", "Container main failed liveness probe, will be restarted");
    }

    [Test]
    public async Task A_deleted_pod_runs_its_hook_and_is_asked_to_end()
    {
        var told = Path.Combine(_folder.FullName, "told");
        await PodAsync("polite", $"trap 'echo term >> {told}; exit 0' TERM; echo up >> {told}; while :; do sleep 0.05; done", spec =>
        {
            spec.TerminationGracePeriodSeconds = 600;
            spec.Containers[0].Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["sh", "-c", $"echo hook >> {told}"] } } };
        });
        await _cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(told)));

        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("polite", _cluster.Namespace);

        await GoneAsync("polite");
        Assert.That(await File.ReadAllLinesAsync(told), Is.EqualTo(["up", "hook", "term"]));
    }

    [Test]
    public async Task One_that_does_not_end_is_killed_with_all_that_it_started_when_its_grace_is_over()
    {
        var ids = Path.Combine(_folder.FullName, "ids");
        await PodAsync("deaf", $"trap '' TERM; sleep 1000 & echo $$$$ $! > {ids}; while :; do sleep 0.05; done", spec => spec.TerminationGracePeriodSeconds = 20);
        await _cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("deaf", _cluster.Namespace);
        await _cluster.UntilAsync("it is being deleted", async () => (await GetAsync("deaf")).Metadata.DeletionTimestamp is not null);
        Assert.That(Alive(ids), Is.EqualTo(2));

        await _cluster.AdvanceUntilAsync("the pod is gone", async () => await FindAsync("deaf") is null, Second, TimeSpan.FromMinutes(1));

        Assert.That(Alive(ids), Is.Zero);
    }

    [Test]
    public async Task What_is_missing_is_named_and_waited_for()
    {
        await PodAsync("waits", "exec sleep 1000", spec =>
            spec.Containers[0].Env = [new() { Name = "X", ValueFrom = new() { SecretKeyRef = new() { Name = "later", Key = "token" } } }]);
        await SeeAsync("waits", p => p.Status?.ContainerStatuses?[0].State.Waiting is { Reason: "CreateContainerConfigError", Message: "secret \"later\" not found" });

        await _cluster.Client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "later" }, StringData = new Dictionary<string, string> { ["token"] = "t" } }, _cluster.Namespace);

        await _cluster.AdvanceUntilAsync("it runs", async () => Condition(await GetAsync("waits"), "Ready") == "True", Second, TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task An_image_that_nothing_stands_for_cannot_be_pulled()
    {
        await _cluster.Client.CoreV1.CreateNamespacedPodAsync(Build.Pod("stranger"), _cluster.Namespace);

        var pod = await SeeAsync("stranger", p => p.Status?.ContainerStatuses?[0].State.Waiting is { Reason: "ErrImagePull" });

        Assert.That(pod.Status.ContainerStatuses[0].State.Waiting.Message, Does.Contain("no program stands for image \"stranger:1\"").And.Contain("--image"));
        await _cluster.AdvanceUntilAsync("it backs off", async () => (await GetAsync("stranger")).Status.ContainerStatuses[0].State.Waiting.Reason == "ImagePullBackOff", Second, TimeSpan.FromMinutes(1));
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("stranger", _cluster.Namespace);
        await GoneAsync("stranger");
    }

    [Test]
    public async Task A_program_that_does_not_exist_is_told_as_a_runtime_tells_it()
    {
        await PodAsync("none", "", spec =>
        {
            spec.RestartPolicy = "Never";
            spec.Containers[0].Command = ["/no/such/program"];
        });

        var pod = await SeeAsync("none", p => p.Status?.Phase == "Failed");

        Assert.That(pod.Status.ContainerStatuses[0].State.Terminated, Has.Property("Reason").EqualTo("StartError").And.Property("ExitCode").EqualTo(128).And.Property("Message").Contains("/no/such/program"));
    }

    [Test]
    public async Task A_claims_volume_outlives_pods_and_goes_with_the_claim()
    {
        await _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(Build.Claim("data"), _cluster.Namespace);
        await PodAsync("writes", "echo kept > /data/file", Also(Build.Using("data"), s => s.RestartPolicy = "Never"));
        await SeeAsync("writes", p => p.Status?.Phase == "Succeeded");
        await PodAsync("reads", "cat /data/file > /dev/termination-log", Also(Build.Using("data"), s => s.RestartPolicy = "Never"));
        Assert.That((await SeeAsync("reads", p => p.Status?.Phase == "Succeeded")).Status.ContainerStatuses[0].State.Terminated.Message, Is.EqualTo("kept\n"));
        var volume = (await _cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync("data", _cluster.Namespace)).Spec.VolumeName;
        var folder = Path.Combine(_folder.FullName, "volumes", volume);
        Assert.That(Directory.Exists(folder), Is.True);

        foreach (var pod in (string[])["writes", "reads"]) await _cluster.Client.CoreV1.DeleteNamespacedPodAsync(pod, _cluster.Namespace);
        await _cluster.Client.CoreV1.DeleteNamespacedPersistentVolumeClaimAsync("data", _cluster.Namespace);

        await _cluster.UntilAsync("the volume is gone", async () => (await _cluster.Client.CoreV1.ListPersistentVolumeAsync()).Items.All(v => v.Metadata.Name != volume));
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task The_processes_of_a_node_die_with_it()
    {
        var ids = Path.Combine(_folder.FullName, "ids");
        await PodAsync("main", $"sleep 1000 & echo $$$$ $! > {ids}; wait");
        await _cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));

        _cluster.Fleet.Remove((await GetAsync("main")).Spec.NodeName);

        await _cluster.UntilAsync("nothing runs", () => Task.FromResult(Alive(ids) == 0));
    }

    [Test]
    public async Task Volumes_show_secrets_fields_and_files_of_the_node()
    {
        await _cluster.Client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "keys" }, StringData = new Dictionary<string, string> { ["token"] = "t1", ["run.sh"] = "echo run" } }, _cluster.Namespace);
        var hosts = _folder.CreateSubdirectory("host");
        await File.WriteAllTextAsync(Path.Combine(hosts.FullName, "file"), "host");
        await PodAsync("shows", "echo $(cat /all/token /all/name /one /host/file) $(/all/run.sh) > /dev/termination-log", spec =>
        {
            spec.RestartPolicy = "Never";
            spec.Volumes =
            [
                new() { Name = "host", HostPath = new() { Path = hosts.FullName, Type = "Directory" } },
                new()
                {
                    Name = "all",
                    Projected = new()
                    {
                        DefaultMode = 0x1ED, // 0755
                        Sources = [new() { Secret = new() { Name = "keys" } }, new() { DownwardAPI = new() { Items = [new() { Path = "name", FieldRef = new() { FieldPath = "metadata.name" } }] } }],
                    },
                },
            ];
            spec.Containers[0].VolumeMounts = [new() { Name = "host", MountPath = "/host" }, new() { Name = "all", MountPath = "/all" }, new() { Name = "all", MountPath = "/one", SubPath = "token" }];
        });

        var pod = await SeeAsync("shows", p => p.Status?.Phase == "Succeeded");

        Assert.That(pod.Status.ContainerStatuses[0].State.Terminated.Message, Is.EqualTo("t1showst1host run\n"));
    }

    [Test]
    public async Task A_volume_that_leads_out_of_itself_is_refused()
    {
        await PodAsync("climbs", "true", spec =>
        {
            spec.Volumes = [new() { Name = "work", EmptyDir = new() }];
            spec.Containers[0].VolumeMounts = [new() { Name = "work", MountPath = "/scratch", SubPathExpr = "$(UP)/.." }];
            spec.Containers[0].Env = [new() { Name = "UP", Value = ".." }];
        });

        await SeeAsync("climbs", p => p.Status?.ContainerStatuses?[0].State.Waiting is { Reason: "ContainerCreating", Message: var why } && why?.Contains("leads out of the volume", StringComparison.Ordinal) == true);
        await EventAsync("FailedMount", "volume \"work\": subPath ../.. leads out of the volume");
    }

    [Test]
    public async Task A_hook_that_takes_longer_than_the_grace_is_cut_short_and_a_second_delete_may_have_less_patience()
    {
        var ids = Path.Combine(_folder.FullName, "ids");
        await PodAsync("slow", $"echo $$$$ > {ids}; while :; do sleep 0.05; done", spec =>
        {
            spec.TerminationGracePeriodSeconds = 3600;
            spec.Containers[0].Lifecycle = new() { PreStop = new() { Sleep = new() { Seconds = 3000 } } };
        });
        await _cluster.UntilAsync("it is up", () => Task.FromResult(File.Exists(ids) && new FileInfo(ids).Length > 0));
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("slow", _cluster.Namespace);
        await EventAsync("Killing", "Stopping container main");

        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("slow", _cluster.Namespace, gracePeriodSeconds: 5);

        await _cluster.AdvanceUntilAsync("the pod is gone", async () => await FindAsync("slow") is null, Second, TimeSpan.FromMinutes(1));
        Assert.That(Alive(ids), Is.Zero);
    }

    [Test]
    public async Task What_left_the_containers_session_ends_with_it_all_the_same()
    {
        var ids = Path.Combine(_folder.FullName, "ids");
        await PodAsync("daemon", $"setsid sleep 1000 & echo $! > {ids}; sleep 0.1; exit 0", spec => spec.RestartPolicy = "OnFailure");

        await SeeAsync("daemon", p => p.Status?.Phase == "Succeeded");

        Assert.That(Alive(ids), Is.Zero);
    }

    [Test]
    public async Task A_pod_speaks_to_the_API_server_as_its_account_and_not_after_its_end()
    {
        if (TestCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await PodAsync("speaks", "stat -c %a $KUBECONFIG > $HOME/mode; exec sleep 1000");
        var pod = await SeeAsync("speaks", p => Condition(p, "Ready") == "True");
        var kubeconfig = Path.Combine(_folder.FullName, "pods", pod.Metadata.Uid, "containers", "main", "kubeconfig");
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        var review = await client.CreateSelfSubjectReviewAsync(new());
        Assert.That(review.Status.UserInfo.Username, Is.EqualTo($"system:serviceaccount:{_cluster.Namespace}:default"));
        await _cluster.UntilAsync("it is its owner's alone", async () => await ReadAsync(Path.Combine(Path.GetDirectoryName(kubeconfig)!, "mode")) == "600\n");

        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("speaks", _cluster.Namespace, gracePeriodSeconds: 0);

        await GoneAsync("speaks");
        await _cluster.UntilAsync("its files are gone", () => Task.FromResult(!File.Exists(kubeconfig)));
        Assert.That(async () => await client.CreateSelfSubjectReviewAsync(new()), Throws.TypeOf<HttpOperationException>().With.Property("Response").Property("StatusCode").EqualTo(System.Net.HttpStatusCode.Unauthorized));
    }

    private static async Task<string> ReadAsync(string file) => File.Exists(file) ? await File.ReadAllTextAsync(file) : "";

    private static Action<V1PodSpec> Also(Action<V1PodSpec> first, Action<V1PodSpec> second) => first + second;

    private static string? Condition(V1Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type)?.Status;

    // The ids that a script wrote; $$$$ in an argument is $$ to the shell.
    private static int Alive(string ids) => File.ReadAllText(ids).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Count(id =>
        File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal));

    private Task PodAsync(string name, string script, Action<V1PodSpec>? change = null)
    {
        var pod = Build.Pod(name, change);
        foreach (var container in pod.Spec.Containers) (container.Image, container.Args) = ("shell:1", [script]);
        return _cluster.Client.CoreV1.CreateNamespacedPodAsync(pod, _cluster.Namespace);
    }

    private Task<V1Pod> GetAsync(string name) => _cluster.Client.CoreV1.ReadNamespacedPodAsync(name, _cluster.Namespace);

    private async Task<V1Pod?> FindAsync(string name) => (await _cluster.PodsAsync()).Find(p => p.Metadata.Name == name);

    private async Task<V1Pod> SeeAsync(string name, Func<V1Pod, bool> isSo)
    {
        V1Pod pod = null!;
        await _cluster.UntilAsync($"{name} is as it should be", async () => isSo(pod = await GetAsync(name)));
        return pod;
    }

    private Task GoneAsync(string name) => _cluster.UntilAsync($"{name} is gone", async () => await FindAsync(name) is null);

    private Task EventAsync(string reason, string message) => _cluster.UntilAsync(
        $"the Event {reason}", async () => (await _cluster.Client.CoreV1.ListNamespacedEventAsync(_cluster.Namespace)).Items.Any(e => e.Reason == reason && e.Message == message));

    private Task LogAsync(string name, Func<string, bool> isSo, bool previous = false) => _cluster.UntilAsync($"the log of {name}", async () =>
    {
        try
        {
            using var log = await _cluster.Client.CoreV1.ReadNamespacedPodLogAsync(name, _cluster.Namespace, previous: previous);
            using var reader = new StreamReader(log);
            return isSo(await reader.ReadToEndAsync());
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.BadRequest)
        {
            return false; // Not there yet.
        }
    });
}
