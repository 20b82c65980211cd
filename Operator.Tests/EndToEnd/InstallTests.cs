using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.Tests.Stories;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary><c>kubectl apply -k deploy/overlays/dev</c>, which is <c>kubectl apply -k .</c> for one machine: all that a cluster needs, with the operator in a pod of its own and no more rights than it is given.</summary>
public sealed class InstallTests
{
    private const string Namespace = "llmkube-system", Name = "llmkube-operator", Overlay = "dev", Image = "llmkube-operator:dev";

    private static readonly string[] s_definitions = ["inferenceservices.inference.llmkube.dev", "models.inference.llmkube.dev"];

    private static readonly string[] s_removal =
        ["inferenceservices/qwen", "models/qwen2.5-0.5b", $"deployments/{Name}", .. s_definitions.Select(d => $"customresourcedefinitions/{d}")];

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("install-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task The_operator_runs_as_a_pod_serves_a_model_and_leaves_nothing_behind()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await using var weights = await WeightsServer.StartAsync();
        await using var cluster = await InstalledCluster.StartAsync();
        var (kubectl, client) = (cluster.Kubectl, cluster.Client);

        var said = await DeployScript.SucceedAsync(cluster.Kubeconfig, Overlay, "registry.example/llmkube-operator:9", "deploy");
        Assert.That(said, Does.Contain($"kubectl rollout status -n {Namespace} deployment/{Name}"));
        Assert.That((await client.AppsV1.ReadNamespacedDeploymentAsync(Name, Namespace)).Spec.Template.Spec.Containers[0].Image, Is.EqualTo("registry.example/llmkube-operator:9"));
        await DeployScript.SucceedAsync(cluster.Kubeconfig, Overlay, Image, "deploy");
        await kubectl.RunAsync("scale", $"deployment/{Name}", "-n", Namespace, "--replicas=2");
        await kubectl.RunAsync("rollout", "status", $"deployment/{Name}", "-n", Namespace, "--timeout=100s");
        await cluster.ApplySampleAsync(weights.Sound("tiny.gguf"));
        await kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/qwen", "--timeout=100s");

        await TwoWorkAsOneAsync(cluster);
        Assert.That(await kubectl.RunAsync("logs", $"deployment/{Name}", "-n", Namespace), Does.Contain("image llmkube-operator:"));
        Assert.That(cluster.RequestsOfOperator(r => r.IsWrite), Is.Positive, "it writes as its service account");
        Assert.That(cluster.RequestsOfOperator(r => r.StatusCode == 403), Is.Zero, "and needs no right that it hasn't got");

        await RemovalRefusedAsync(cluster);
        await RemovalAsync(cluster);
    }

    [Test]
    public async Task Where_no_node_runs_it_the_deployment_waits_and_goes_without_what_is_beside_it()
    {
        await using var local = StoryCluster.IsExternal ? null : await LocalClusterHost.StartAsync(new() { Fleet = new() });
        var kubeconfig = StoryCluster.ExternalKubeconfig ?? Path.Combine(_folder.FullName, "kubeconfig");
        local?.ApiServer.WriteKubeconfig(kubeconfig);
        var kubectl = new Kubectl(kubeconfig);

        try
        {
            await InstallAsync(kubectl);
            await WaitsAsync(kubectl, kubeconfig, hasControllers: local is not null);
            if (local is not null) await OthersStayAsync(kubectl, kubeconfig);
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

    // Another operator in the same namespace, and a claim with models.
    private static async Task OthersStayAsync(Kubectl kubectl, string kubeconfig)
    {
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        await kubectl.RunAsync("create", "deployment", "others", "-n", Namespace, "--image=others:1");
        await client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(
            new V1PersistentVolumeClaim { Metadata = new() { Name = "models" }, Spec = new() { AccessModes = ["ReadWriteOnce"], Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } } } }, Namespace);

        var (code, output, errors) = await DeployScript.RunAsync(kubeconfig, Overlay, image: null, "undeploy");

        Assert.That(code, Is.Zero, errors);
        Assert.That(errors, Does.StartWith("Cluster: ").And.Contain($"The namespace {Namespace} stays, since there is more in it: ").And.Contain("persistentvolumeclaim/models").And.Contain("deployment.apps/others"));
        Assert.That(errors, Does.Not.Contain(Name));
        Assert.That(output, Does.Contain("Claims with models stay"));
        Assert.That((await client.CoreV1.ReadNamespaceAsync(Namespace)).Metadata.DeletionTimestamp, Is.Null);
        Assert.That((await client.AppsV1.ListNamespacedDeploymentAsync(Namespace)).Items.Single().Metadata.Name, Is.EqualTo("others"));
        Assert.That((await client.ApiextensionsV1.ListCustomResourceDefinitionAsync()).Items, Is.Empty);
    }

    /// <summary>Once, and once more: the second time changes nothing.</summary>
    private static async Task InstallAsync(Kubectl kubectl)
    {
        var first = await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        var again = await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);

        Assert.That(again.Count(c => c == '\n'), Is.EqualTo(first.Count(c => c == '\n')));
        Assert.That(Kubectl.ChangesIn(again), Is.Empty);
    }

    /// <summary>Of another's cluster: all but the definitions, which other tests' objects may need.</summary>
    private static async Task RemoveAsync(Kubectl kubectl)
    {
        await kubectl.RunAsync("delete", "deployment,serviceaccount", Name, "-n", Namespace, "--ignore-not-found");
        await kubectl.RunAsync("delete", "clusterrole,clusterrolebinding", Name, "--ignore-not-found");
        await kubectl.RunAsync("delete", "namespace", Namespace, "--ignore-not-found");
    }

    // One leads and knows the state of things, which else would be counted twice; both are behind the Service, and on nodes of their own.
    private static async Task TwoWorkAsOneAsync(InstalledCluster cluster)
    {
        var client = cluster.Client;
        var pods = (await Eventually.SeeAsync(() => client.CoreV1.ListNamespacedPodAsync(Namespace), l => l.Items.Count == 2, "two pods are left")).Items;
        Assert.That(pods.Select(p => p.Spec.NodeName).Distinct().ToList(), Has.Count.EqualTo(2));
        var addresses = pods.Select(p => p.Status.PodIP).ToHashSet();
        await Eventually.SeeAsync(
            () => client.DiscoveryV1.ListNamespacedEndpointSliceAsync(Namespace, labelSelector: "kubernetes.io/service-name=llmkube-operator-metrics"),
            slices => addresses.SetEquals(slices.Items.SelectMany(s => s.Endpoints ?? []).SelectMany(e => e.Addresses)),
            "both are behind the Service");
        using var metrics = new OperatorScrape(client, await ReaderTokenAsync(cluster.Kubectl));
        List<string> texts = [];
        foreach (var pod in pods) texts.Add(await metrics.ReadAsync(new Uri($"https://{pod.Status.PodIP}:8443/metrics"), CancellationToken.None));
        Assert.That(texts, Has.All.Contains("llmkube_build_info{"));
        Assert.That(texts.Count(t => t.Contains("llmkube_model_status{", StringComparison.Ordinal)), Is.EqualTo(1));
        await Eventually.SeeAsync(
            () => client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync(Name, Namespace), b => b.Status is { ExpectedPods: 2, DisruptionsAllowed: 1 }, "one of them may be evicted");
    }

    private static async Task RemovalRefusedAsync(InstalledCluster cluster)
    {
        var mark = cluster.Host.ApiServer.Requests.Count;

        var (code, _, errors) = await DeployScript.RunAsync(cluster.Kubeconfig, Overlay, image: null, "undeploy");

        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain($"{s_definitions[0]}: 1 object(s), {s_definitions[1]}: 1 object(s) would be deleted; --force deletes them").And.Contain("Nothing else was removed"));
        Assert.That(cluster.Host.ApiServer.Requests.CountOf(r => r.Verb == "delete" && r.Resource is "inferenceservices" or "models" or "customresourcedefinitions", mark), Is.Zero);
    }

    // The server's pod uses the Model's file, and the operator has to see it go: objects, operator, definitions, in this order.
    private static async Task RemovalAsync(InstalledCluster cluster)
    {
        var (requests, client) = (cluster.Host.ApiServer.Requests, cluster.Client);
        var mark = requests.Count;

        await DeployScript.SucceedAsync(cluster.Kubeconfig, Overlay, image: null, "undeploy", "--force");

        var deleted = requests.Since(mark).Where(r => r.Verb == "delete").Select(r => $"{r.Resource}/{r.Name}").Where(s_removal.Contains).Distinct();
        Assert.That(deleted, Is.EqualTo(s_removal));
        Assert.That((await client.ApiextensionsV1.ListCustomResourceDefinitionAsync()).Items, Is.Empty);
        Assert.That((await client.CoreV1.ListNamespaceAsync()).Items.Select(n => n.Metadata.Name), Has.None.EqualTo(Namespace));
        Assert.That((await client.RbacAuthorizationV1.ListClusterRoleAsync()).Items.Concat<IMetadata<V1ObjectMeta>>((await client.SchedulingV1.ListPriorityClassAsync()).Items)
            .Select(o => o.Metadata.Name), Has.None.StartsWith("llmkube-"));
        await Eventually.SeeAsync(() => client.CoreV1.ListPodForAllNamespacesAsync(), l => l.Items.Count == 0, "no pod is left");
    }

    /// <summary>As docs/monitoring.md says: an account, the role for it, a token.</summary>
    private static async Task<string> ReaderTokenAsync(Kubectl kubectl)
    {
        await kubectl.RunAsync("create", "serviceaccount", "reader");
        await kubectl.RunAsync("create", "clusterrolebinding", "reader", "--clusterrole=llmkube-metrics-reader", "--serviceaccount=default:reader");
        return (await kubectl.RunAsync("create", "token", "reader")).Trim();
    }
}
