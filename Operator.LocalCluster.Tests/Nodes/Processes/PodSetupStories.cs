using k8s;
using k8s.Autorest;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

/// <summary>What a container that is a process finds when it starts, and what it waits for.</summary>
public sealed class PodSetupStories : ProcessFixture
{
    [Test]
    public async Task A_container_has_its_variables_volumes_arguments_and_address()
    {
        await Cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new() { Metadata = new() { Name = "config" }, Data = new Dictionary<string, string> { ["greeting"] = "hello", ["file.txt"] = "from a file" } }, Cluster.Namespace);
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
    public async Task What_is_missing_is_named_and_waited_for()
    {
        await PodAsync("waits", "exec sleep 1000", spec =>
            spec.Containers[0].Env = [new() { Name = "X", ValueFrom = new() { SecretKeyRef = new() { Name = "later", Key = "token" } } }]);
        await SeeAsync("waits", p => p.Status?.ContainerStatuses?[0].State.Waiting is { Reason: "CreateContainerConfigError", Message: "secret \"later\" not found" });

        await Cluster.Client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "later" }, StringData = new Dictionary<string, string> { ["token"] = "t" } }, Cluster.Namespace);

        await Cluster.AdvanceUntilAsync("it runs", async () => Condition(await GetAsync("waits"), "Ready") == "True", Second, TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task An_image_that_nothing_stands_for_cannot_be_pulled()
    {
        await Cluster.Client.CoreV1.CreateNamespacedPodAsync(Build.Pod("stranger"), Cluster.Namespace);

        var pod = await SeeAsync("stranger", p => p.Status?.ContainerStatuses?[0].State.Waiting is { Reason: "ErrImagePull" });

        Assert.That(pod.Status.ContainerStatuses[0].State.Waiting.Message, Does.Contain("no program stands for image \"stranger:1\"").And.Contain("--image"));
        await Cluster.AdvanceUntilAsync("it backs off", async () => (await GetAsync("stranger")).Status.ContainerStatuses[0].State.Waiting.Reason == "ImagePullBackOff", Second, TimeSpan.FromMinutes(1));
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("stranger", Cluster.Namespace);
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
        await Cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(Build.Claim("data"), Cluster.Namespace);
        await PodAsync("writes", "echo kept > /data/file", Also(Build.Using("data"), s => s.RestartPolicy = "Never"));
        await SeeAsync("writes", p => p.Status?.Phase == "Succeeded");
        await PodAsync("reads", "cat /data/file > /dev/termination-log", Also(Build.Using("data"), s => s.RestartPolicy = "Never"));
        Assert.That((await SeeAsync("reads", p => p.Status?.Phase == "Succeeded")).Status.ContainerStatuses[0].State.Terminated.Message, Is.EqualTo("kept\n"));
        var volume = (await Cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync("data", Cluster.Namespace)).Spec.VolumeName;
        var folder = Path.Combine(Folder.FullName, "volumes", volume);
        Assert.That(Directory.Exists(folder), Is.True);

        foreach (var pod in (string[])["writes", "reads"]) await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(pod, Cluster.Namespace);
        await Cluster.Client.CoreV1.DeleteNamespacedPersistentVolumeClaimAsync("data", Cluster.Namespace);

        await Cluster.UntilAsync("the volume is gone", async () => (await Cluster.Client.CoreV1.ListPersistentVolumeAsync()).Items.All(v => v.Metadata.Name != volume));
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task Volumes_show_secrets_fields_and_files_of_the_node()
    {
        await Cluster.Client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "keys" }, StringData = new Dictionary<string, string> { ["token"] = "t1", ["run.sh"] = "echo run" } }, Cluster.Namespace);
        var hosts = Folder.CreateSubdirectory("host");
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
    public async Task A_pod_speaks_to_the_API_server_as_its_account_and_not_after_its_end()
    {
        if (TestCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await PodAsync("speaks", "stat -c %a $KUBECONFIG > $HOME/mode; exec sleep 1000");
        var pod = await SeeAsync("speaks", p => Condition(p, "Ready") == "True");
        var kubeconfig = Path.Combine(Folder.FullName, "pods", pod.Metadata.Uid, "containers", "main", "kubeconfig");
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        var review = await client.CreateSelfSubjectReviewAsync(new());
        Assert.That(review.Status.UserInfo.Username, Is.EqualTo($"system:serviceaccount:{Cluster.Namespace}:default"));
        await Cluster.UntilAsync("it is its owner's alone", async () => await ReadAsync(Path.Combine(Path.GetDirectoryName(kubeconfig)!, "mode")) == "600\n");

        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("speaks", Cluster.Namespace, gracePeriodSeconds: 0);

        await GoneAsync("speaks");
        await Cluster.UntilAsync("its files are gone", () => Task.FromResult(!File.Exists(kubeconfig)));
        Assert.That(async () => await client.CreateSelfSubjectReviewAsync(new()), Throws.TypeOf<HttpOperationException>().With.Property("Response").Property("StatusCode").EqualTo(System.Net.HttpStatusCode.Unauthorized));
    }
}
