namespace LlmKube.Operator.Tests.Stories;

/// <summary>What a user does with kubectl, from the first object to the last, on our API server or on the cluster that LLMKUBE_TEST_KUBECONFIG names.</summary>
public sealed class KubectlStoryTests
{
    private const string Model = """
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: Model
        metadata:
          name: tiny
        spec:
          source: https://models.example/tiny.gguf
        """;

    private const string Service = """
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: InferenceService
        metadata:
          name: chat
        spec:
          modelRef: tiny
          replicas: 1
          contextSize: 2048
        """;

    private StoryCluster _cluster = null!;
    private Kubectl _kubectl = null!;
    private string _folder = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("kubectl-story-").FullName;
        _cluster = await StoryCluster.StartAsync();
        _kubectl = new Kubectl(_cluster.Kubeconfig(_folder), _cluster.Namespace);
        await _cluster.StartOperatorAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Create_watch_explain_describe_edit_patch_scale_wait_delete()
    {
        await using var watching = _kubectl.Start("get", "isvc", "--watch", "--output-watch-events");
        await _kubectl.RunAsync("create", "-f", File("service.yaml", Service));
        await _kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Pending", "isvc/chat", "--timeout=60s");
        Assert.That(await _kubectl.RunAsync("describe", "isvc", "chat"), Does.Contain("ModelNotFound").And.Match(@"Model Ref:\s+tiny"));

        await _kubectl.RunAsync("create", "-f", File("model.yaml", Model));
        await _kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "mdl/tiny", "--timeout=60s");
        await _kubectl.RunAsync("wait", "--for=condition=Available", "mdl/tiny", "--timeout=60s");
        await _kubectl.RunAsync("wait", "--for=condition=Available", "isvc/chat", "--timeout=60s");
        await WaitPhaseAsync("Ready");

        var listed = await _kubectl.RunAsync("get", "mdl,isvc", "-o", "wide");
        Assert.That(listed, Does.Match(@"model\.inference\.llmkube\.dev/tiny\s+Ready").And.Match(@"inferenceservice\.inference\.llmkube\.dev/chat\s+Ready\s+tiny\s+1"));
        Assert.That(await _kubectl.RunAsync("get", "llm", "-o", "name"), Does.Contain("model.inference.llmkube.dev/tiny").And.Contain("inferenceservice.inference.llmkube.dev/chat"));

        var explained = await _kubectl.RunAsync("explain", "isvc.spec");
        Assert.That(explained, Does.Contain("InferenceService").And.Match(@"modelRef\s+<string>.*-required-").And.Contain("replicas"));
        Assert.That(await _kubectl.RunAsync("explain", "model.spec.hardware.gpu.layers"), Does.Contain("FIELD: layers <integer>"));

        await _kubectl.EditAsync("mdl tiny", "s/^  source: .*/&\\n  quantization: Q4_K_M/");
        await _kubectl.RunAsync("patch", "mdl", "tiny", "--type=merge", "-p", """{"spec":{"hardware":{"accelerator":"cpu"}}}""");
        await _kubectl.RunAsync("wait", "--for=jsonpath={.status.observedGeneration}=3", "mdl/tiny", "--timeout=60s");
        Assert.That(await _kubectl.RunAsync("describe", "mdl", "tiny"), Does.Match(@"Quantization:\s+Q4_K_M").And.Match(@"Accelerator:\s+cpu").And.Contain("ModelReady"));

        await _kubectl.EditAsync("isvc chat", "s/replicas: 1$/replicas: 2/");
        await _kubectl.RunAsync("wait", "--for=jsonpath={.status.readyReplicas}=2", "isvc/chat", "--timeout=60s");
        await WaitPhaseAsync("Ready");

        await _kubectl.RunAsync("patch", "isvc", "chat", "--type=merge", "-p", """{"spec":{"contextSize":4096}}""");
        await _kubectl.RunAsync("wait", "--for=jsonpath={.spec.template.spec.containers[0].args[?(@==\"4096\")]}=4096", "deployment/chat", "--timeout=60s");
        await WaitPhaseAsync("Ready");

        await _kubectl.RunAsync("scale", "isvc", "chat", "--replicas=0");
        await WaitPhaseAsync("Stopped");
        Assert.That(await _kubectl.RunAsync("get", "isvc", "chat", "-o", "jsonpath={.status.conditions[?(@.type==\"Available\")].status}"), Is.EqualTo("False"));
        await _kubectl.RunAsync("scale", "isvc", "chat", "--replicas=1");
        await WaitPhaseAsync("Ready");
        Assert.That(await _kubectl.RunAsync("describe", "isvc", "chat"), Does.Contain("Events:").And.Contain("llmkube-operator"));

        var refused = await _kubectl.FailAsync("patch", "isvc", "chat", "--type=merge", "-p", """{"spec":{"replicas":99}}""");
        Assert.That(refused, Does.Contain("spec.replicas"));

        await _kubectl.RunAsync("delete", "isvc", "chat", "--timeout=60s");
        await _kubectl.RunAsync("wait", "--for=delete", "deployment/chat", "service/chat", "--timeout=60s");
        await _kubectl.RunAsync("delete", "mdl", "tiny", "--timeout=60s");
        Assert.That(await _kubectl.RunAsync("get", "mdl,isvc,deployments,services,jobs", "-o", "name"), Does.Not.Contain("chat").And.Not.Contain("tiny").And.Not.Contain("fetch"));
        Assert.That(watching.Output, Does.Match(@"ADDED\s+chat").And.Match(@"chat\s+Ready").And.Match(@"chat\s+Stopped").And.Match(@"DELETED\s+chat"));
    }

    private Task<string> WaitPhaseAsync(string phase) => _kubectl.RunAsync("wait", $"--for=jsonpath={{.status.phase}}={phase}", "isvc/chat", "--timeout=60s");

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
