using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>Somebody took the operator away first, and the definitions with it: its Models wait for it, and so do the definitions. It is put back, and they go.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OperatorGoneTests
{
    // That of InferenceServices, which have no finalizer, goes at once and comes back at once.
    private const string Held = "crd/models.inference.llmkube.dev";

    [Test]
    public async Task What_waits_for_an_operator_that_is_gone_goes_when_it_is_installed_again()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        await using var weights = await WeightsServer.StartAsync();
        await using var cluster = await InstalledCluster.StartAsync();
        var (kubectl, client) = (cluster.Kubectl, cluster.Client);
        await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        await cluster.AvailableAsync();
        await cluster.ApplySampleAsync(weights.Sound("tiny.gguf"));
        await kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "mdl/qwen2.5-0.5b", "--timeout=100s");

        await kubectl.RunAsync("delete", "deployment/llmkube-operator", "-n", "llmkube-system", "--cascade=foreground");
        await kubectl.RunAsync("delete", "-k", Installation.OnOneMachine, "--wait=false", "--ignore-not-found");
        await Eventually.SeeAsync(() => client.CoreV1.ListNamespaceAsync(), l => l.Items.All(n => n.Metadata.Name != "llmkube-system"), "the operator's namespace is gone");

        using var models = new GenericClient(client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
        var held = await models.ReadNamespacedAsync<Model>("default", "qwen2.5-0.5b");
        Assert.That(held.Metadata.DeletionTimestamp, Is.Not.Null);
        Assert.That(held.Metadata.Finalizers, Is.EqualTo(["inference.llmkube.dev/modelcachefinalizer"]));
        var (code, _, errors) = await DeployScript.CliAsync(cluster.Kubeconfig, "empty", "--force", "--timeout", "1");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("models.inference.llmkube.dev: default/qwen2.5-0.5b did not go (held by inference.llmkube.dev/modelcachefinalizer: does the operator run that releases them"));

        // The definition takes no other Model and yet serves those that it has.
        await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        await kubectl.RunAsync("wait", "--for=delete", Held, "--timeout=100s");
        await kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        await kubectl.RunAsync("wait", "--for=condition=Established", Held, "--timeout=60s");
        Assert.That(await kubectl.RunAsync("get", "mdl,isvc", "-A"), Is.Empty);
        await DeployScript.SucceedAsync(cluster.Kubeconfig, "dev", image: null, "undeploy");
    }
}
