using k8s;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>deploy/overlays/single-namespace: what needs no right in the cluster works, and what does is off.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SingleNamespaceTests
{
    private const string Namespace = "my-team", Overlay = "single-namespace";

    [Test]
    public async Task An_operator_with_rights_in_one_namespace_serves_there()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await using var weights = await WeightsServer.StartAsync();
        await using var cluster = await InstalledCluster.StartAsync();
        var (kubectl, client) = (cluster.Kubectl, cluster.Client);
        await kubectl.RunAsync("apply", "-k", Path.Combine(Installation.Root, "deploy", "cluster"));
        await kubectl.RunAsync("create", "namespace", Namespace);
        await cluster.ApplySampleAsync(weights.Sound("tiny.gguf"), "-n", "default");

        await DeployScript.SucceedAsync(cluster.Kubeconfig, Overlay, "llmkube-operator:dev", "deploy");
        await kubectl.RunAsync(
            "patch", "deployment/llmkube-operator", "-n", Namespace, "--type=json",
            """-p=[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"--allowed-source-addresses=127.0.0.0/8"}]""");
        await kubectl.RunAsync("rollout", "status", "deployment/llmkube-operator", "-n", Namespace, "--timeout=100s");
        await cluster.ApplySampleAsync(weights.Sound("tiny.gguf"), "-n", Namespace);
        await kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/qwen", "-n", Namespace, "--timeout=100s");

        Assert.That(await kubectl.RunAsync("get", "isvc/qwen", "-n", "default", "-o", "jsonpath={.status.phase}"), Is.Empty, "that of another namespace is not its concern");
        Assert.That(cluster.RequestsOfOperator(r => r.StatusCode == 403, Namespace), Is.Zero);

        // The server's pod is not the operator's: not for the budget, not for the Service, not for the policy.
        await Eventually.SeeAsync(() => client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("llmkube-operator", Namespace), b => b.Status?.ExpectedPods == 2, "two pods are the operator's");
        var policy = await client.NetworkingV1.ReadNamespacedNetworkPolicyAsync("llmkube-operator", Namespace);
        var chosen = await client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: string.Join(',', policy.Spec.PodSelector.MatchLabels.Select(l => $"{l.Key}={l.Value}")));
        Assert.That(chosen.Items.Select(p => p.Metadata.Name), Has.Exactly(2).Items.And.All.StartsWith("llmkube-operator-"));
        await MetricsAsync(cluster);

        var (code, _, errors) = await DeployScript.RunAsync(cluster.Kubeconfig, Overlay, image: null, "undeploy");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("models.inference.llmkube.dev: 1 object(s)"));
        await DeployScript.SucceedAsync(cluster.Kubeconfig, Overlay, image: null, "undeploy", "--force");
        Assert.That((await kubectl.RunAsync("get", "mdl,isvc,deployments,roles,netpol,pdb", "-A", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Is.EquivalentTo(new[] { "model.inference.llmkube.dev/qwen2.5-0.5b", "inferenceservice.inference.llmkube.dev/qwen" }), "what is another namespace's stays, and so do the definitions");
    }

    // Nobody, until an administrator lets the operator ask who it is.
    private static async Task MetricsAsync(InstalledCluster cluster)
    {
        var kubectl = cluster.Kubectl;
        await kubectl.RunAsync("create", "serviceaccount", "reader");
        await kubectl.RunAsync("create", "clusterrole", "metrics-reader", "--verb=get", "--non-resource-url=/metrics");
        await kubectl.RunAsync("create", "clusterrolebinding", "reader", "--clusterrole=metrics-reader", "--serviceaccount=default:reader");
        var pod = (await cluster.Client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: "app.kubernetes.io/name=llmkube-operator")).Items[0];
        var address = new Uri($"https://{pod.Status.PodIP}:8443/metrics");
        await Assert.ThatAsync(() => ReadAsync(cluster, address), Throws.TypeOf<HttpRequestException>().With.Property("StatusCode").EqualTo(System.Net.HttpStatusCode.ServiceUnavailable));

        await kubectl.RunAsync("create", "clusterrolebinding", "llmkube-my-team", "--clusterrole=system:auth-delegator", $"--serviceaccount={Namespace}:llmkube-operator");
        Assert.That(await ReadAsync(cluster, address), Does.Contain("llmkube_build_info{"));
    }

    // With a token of its own each time: what was said of one is remembered for a minute.
    private static async Task<string> ReadAsync(InstalledCluster cluster, Uri address)
    {
        using var scrape = new LocalCluster.Demo.OperatorScrape(cluster.Client, (await cluster.Kubectl.RunAsync("create", "token", "reader")).Trim());
        return await scrape.ReadAsync(address, CancellationToken.None);
    }
}
