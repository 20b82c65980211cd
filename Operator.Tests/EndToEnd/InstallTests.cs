using k8s;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary><c>kubectl apply -k deploy/dev</c>, which is <c>kubectl apply -k .</c> for one machine: all that a cluster needs, with the operator in a pod of its own and no more rights than it is given.</summary>
public sealed class InstallTests
{
    private const string Namespace = "llmkube-system", Name = "llmkube-operator";

    private static readonly string[] s_definitions = ["inferenceservices.inference.llmkube.dev", "models.inference.llmkube.dev"];

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("install-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task The_operator_runs_as_a_pod_and_serves_a_model()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await using var weights = await WeightsServer.StartAsync();
        await using var cluster = await LocalClusterHost.StartAsync(new()
        {
            Processes = RealPrograms.In(_folder.FullName),
            Controllers = new() { VolumeFolder = Path.Combine(_folder.FullName, "volumes") },
            Fleet = new(NodeSpec.Many(2)),
        });
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        cluster.ApiServer.WriteKubeconfig(kubeconfig);
        var kubectl = new Kubectl(kubeconfig);

        await InstallAsync(kubectl);
        await kubectl.RunAsync("wait", "--for=condition=Available", $"deployment/{Name}", "-n", Namespace, "--timeout=100s");
        await kubectl.RunAsync("apply", "-f", await SampleAsync(weights.Sound("tiny.gguf")));
        await kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/qwen", "--timeout=100s");

        using var client = new Kubernetes(cluster.ApiServer.ClientConfiguration());
        var pod = (await client.CoreV1.ListNamespacedPodAsync(Namespace)).Items.Single();
        using var metrics = new OperatorScrape(client, await ReaderTokenAsync(kubectl));
        var address = await metrics.AddressAsync(CancellationToken.None);
        Assert.That(address, Is.EqualTo(new Uri($"https://{pod.Status.PodIP}:8443/metrics")));
        Assert.That(await metrics.ReadAsync(address!, CancellationToken.None), Does.Contain("llmkube_model_status{"));
        Assert.That(await kubectl.RunAsync("logs", $"deployment/{Name}", "-n", Namespace), Does.Contain("image llmkube-operator:"));
        Assert.That(cluster.ApiServer.Requests.CountOf(r => r.User == $"system:serviceaccount:{Namespace}:{Name}" && r.IsWrite), Is.Positive, "it writes as its service account");
        Assert.That(cluster.ApiServer.Requests.CountOf(r => r.User == $"system:serviceaccount:{Namespace}:{Name}" && r.StatusCode == 403), Is.Zero, "and needs no right that it hasn't got");
    }

    [Test]
    public async Task Where_no_node_runs_it_the_deployment_waits()
    {
        await using var local = StoryCluster.IsExternal ? null : await LocalClusterHost.StartAsync(new() { Fleet = new() });
        var kubeconfig = StoryCluster.ExternalKubeconfig ?? Path.Combine(_folder.FullName, "kubeconfig");
        local?.ApiServer.WriteKubeconfig(kubeconfig);
        var kubectl = new Kubectl(kubeconfig);

        try
        {
            await InstallAsync(kubectl);
            await WaitsAsync(kubectl, kubeconfig, hasControllers: local is not null);
        }
        finally
        {
            if (local is null) await RemoveAsync(kubectl);
        }
    }

    private static async Task WaitsAsync(Kubectl kubectl, string kubeconfig, bool hasControllers)
    {
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        foreach (var definition in s_definitions) await kubectl.RunAsync("wait", "--for=condition=Established", $"crd/{definition}", "--timeout=60s");
        Assert.That(await kubectl.RunAsync("get", "models", "--field-selector", SelectableFields.SourceIs("https://a/b?c=1,2")), Is.Empty, "what isn't declared is refused");
        Assert.That(await kubectl.RunAsync("get", "inferenceservices", "--field-selector", SelectableFields.ModelRefIs("a")), Is.Empty);
        Assert.That((await client.RbacAuthorizationV1.ReadClusterRoleBindingAsync(Name)).Subjects.Single(), Has.Property("Name").EqualTo(Name).And.Property("NamespaceProperty").EqualTo(Namespace));
        Assert.That((await client.AppsV1.ReadNamespacedDeploymentAsync(Name, Namespace)).Spec.Replicas, Is.EqualTo(1));
        if (!hasControllers) return;
        await Eventually.SeeAsync(
            () => client.CoreV1.ListNamespacedPodAsync(Namespace),
            pods => pods.Items is [{ Status: { Phase: "Pending" } status }] && status.Conditions?.Any(c => c is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }) == true,
            "its pod waits for a node");
        await kubectl.RunAsync("wait", "--for=condition=Available=False", $"deployment/{Name}", "-n", Namespace, "--timeout=60s");
    }

    /// <summary>Once, and once more: the second time changes nothing.</summary>
    private static async Task InstallAsync(Kubectl kubectl)
    {
        var first = await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        var again = await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);

        Assert.That(Lines(again), Has.Count.EqualTo(Lines(first).Count).And.All.EndsWith(" unchanged"));
    }

    /// <summary>Of another's cluster: all but the definitions, which other tests' objects may need.</summary>
    private static async Task RemoveAsync(Kubectl kubectl)
    {
        await kubectl.RunAsync("delete", "deployment,serviceaccount", Name, "-n", Namespace, "--ignore-not-found");
        await kubectl.RunAsync("delete", "clusterrole,clusterrolebinding", Name, "--ignore-not-found");
        await kubectl.RunAsync("delete", "namespace", Namespace, "--ignore-not-found");
    }

    /// <summary>As docs/monitoring.md says: an account, the role for it, a token.</summary>
    private static async Task<string> ReaderTokenAsync(Kubectl kubectl)
    {
        await kubectl.RunAsync("create", "serviceaccount", "reader");
        await kubectl.RunAsync("create", "clusterrolebinding", "reader", "--clusterrole=llmkube-metrics-reader", "--serviceaccount=default:reader");
        return (await kubectl.RunAsync("create", "token", "reader")).Trim();
    }

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private async Task<string> SampleAsync(string source)
    {
        var sample = await File.ReadAllTextAsync(Path.Combine(Installation.Root, "deploy", "samples", "cpu.yaml"));
        var path = Path.Combine(_folder.FullName, "sample.yaml");
        await File.WriteAllTextAsync(path, string.Join('\n', sample.Split('\n').Select(l => l.StartsWith("  source: ", StringComparison.Ordinal) ? $"  source: {source}" : l)));
        return path;
    }
}
