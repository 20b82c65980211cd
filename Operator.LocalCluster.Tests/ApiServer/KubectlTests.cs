using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

/// <summary>The real kubectl against our server: what it asks, we answer so that it is content.</summary>
public sealed class KubectlTests
{
    private const string Group = "kubectl.llmkube.dev";
    private ApiServerHost _server = null!;
    private Kubectl _kubectl = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new ApiServerOptions());
        _kubectl = new Kubectl(_server);
        await SaysAsync("apply -f -", "created", WidgetDefinition.Json(Group));
        await SaysAsync($"wait --for=condition=Established crd/widgets.{Group} --timeout=20s", "condition met");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _kubectl?.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Apply_get_describe_edit_patch_scale_wait_delete()
    {
        const string manifest = $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"min":2}}""";
        await SaysAsync("apply -f -", "widget.kubectl.llmkube.dev/w created", manifest);
        await SaysAsync("apply -f -", "widget.kubectl.llmkube.dev/w unchanged", manifest);
        await SaysAsync("apply -f -", "widget.kubectl.llmkube.dev/w configured", manifest.Replace("\"min\":2", "\"min\":3", StringComparison.Ordinal));
        await SaysAsync("diff -f -", "", manifest.Replace("\"min\":2", "\"min\":3", StringComparison.Ordinal));
        await SaysAsync("apply --server-side --field-manager=me --force-conflicts -f -", "serverside-applied", manifest);
        await SaysAsync("get wd", "small");
        await SaysAsync("get toys -o name", "widget.kubectl.llmkube.dev/w");
        await SaysAsync("get wd w -o jsonpath={.spec.size}", "small");
        await SaysAsync("describe wd w", "API Version:  kubectl.llmkube.dev/v1");
        await SaysAsync("edit wd w", "edited", editor: "sed -i s/small/large/");
        await SaysAsync("get wd w -o jsonpath={.spec.size}", "large");
        await SaysAsync("patch wd w --type=merge -p {\"spec\":{\"min\":4}}", "patched");
        await SaysAsync("scale wd w --replicas=5", "scaled");
        await SaysAsync("get wd w -o jsonpath={.spec.replicas}", "5");
        await SaysAsync("patch wd w --subresource=status --type=merge -p {\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", "patched");
        await SaysAsync("wait wd/w --for=condition=Ready --timeout=20s", "condition met");
        await SaysAsync("label wd w x=y", "labeled");
        await SaysAsync("get wd -l x=y --show-labels", "x=y");
        await SaysAsync("delete wd w --timeout=20s", "deleted");
        await SaysAsync("get wd", "No resources found");
    }

    [TestCase("explain widget.spec", "What is wanted of a widget.", TestName = "explain a custom resource")]
    [TestCase("explain deployment.spec.strategy", "rollingUpdate", TestName = "explain a built-in kind")]
    [TestCase("api-resources", "widgets", TestName = "api-resources")]
    [TestCase("api-versions", "kubectl.llmkube.dev/v1", TestName = "api-versions")]
    [TestCase("version", "llmkube-local", TestName = "version")]
    [TestCase("auth can-i create deployments", "yes", TestName = "auth can-i")]
    [TestCase("auth whoami", "admin", TestName = "auth whoami")]
    [TestCase("get --raw /readyz", "ok", TestName = "get --raw")]
    [TestCase("create namespace made", "namespace/made created", TestName = "create namespace")]
    [TestCase("create configmap made --from-literal=a=b", "configmap/made created", TestName = "create configmap")]
    [TestCase("create secret generic made --from-literal=a=b", "secret/made created", TestName = "create secret")]
    [TestCase("create deployment made --image=i:1 --replicas=2", "deployment.apps/made created", TestName = "create deployment")]
    [TestCase("create role made --verb=get --resource=pods", "role.rbac.authorization.k8s.io/made created", TestName = "create role")]
    [TestCase("create clusterrolebinding made --clusterrole=view --user=x", "created", TestName = "create clusterrolebinding")]
    [TestCase("run made --image=i:1", "pod/made created", TestName = "run")]
    public Task Kubectl(string arguments, string expected) => SaysAsync(arguments, expected);

    [Test]
    public async Task A_created_deployment_holds_what_was_asked()
    {
        await SaysAsync("create deployment asked --image=i:1 --replicas=3", "created");
        await SaysAsync("get deployment asked -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}/{.spec.selector.matchLabels.app}", "3/i:1/asked");
        await SaysAsync("set image deployment/asked i=i:2", "image updated");
        await SaysAsync("get deployments -o wide", "i:2");
        await SaysAsync("get deployment asked -w --request-timeout=2s", "asked");
        await SaysAsync("describe deployment asked", "Replicas:");
        await SaysAsync("delete deployment asked --cascade=background", "deleted");
    }

    [Test]
    public async Task Logs_are_those_that_the_node_brought()
    {
        using var client = new k8s.Kubernetes(_server.ClientConfiguration());
        var api = new RawApi(client, "default");
        await api.ExpectAsync(201, "POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"logged"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""");
        await api.SendAsync("POST", "/api/v1/namespaces/default/pods/logged/log", "hello\n", "text/plain");
        await SaysAsync("logs logged", "hello");
        await SaysAsync("delete pod logged --now --wait=false", "deleted");
    }

    [Test]
    public async Task A_service_accounts_token_works()
    {
        await SaysAsync("create serviceaccount worker", "serviceaccount/worker created");
        await SaysAsync("create clusterrolebinding worker --clusterrole=view --serviceaccount=default:worker", "created");
        var (code, token) = await _kubectl.RunAsync("create token worker --duration=20m");
        Assert.That(code, Is.Zero, token);
        await SaysAsync($"auth whoami --token={token.Trim()}", "system:serviceaccount:default:worker");
        await SaysAsync($"auth can-i list pods --token={token.Trim()}", "yes");
        await SaysAsync($"auth can-i delete pods --token={token.Trim()}", "no");
    }

    [Test]
    public async Task Refusals_are_shown()
    {
        var (code, output) = await _kubectl.RunAsync("apply -f -", $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"Widget","metadata":{"name":"bad"},"spec":{"min":11,"junk":1}}""");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("unknown field \"spec.junk\""));
        (code, output) = await _kubectl.RunAsync("create deployment Bad_Name --image=i");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("a lowercase RFC 1123 subdomain must consist of"));
    }

    private async Task SaysAsync(string arguments, string expected, string? input = null, string? editor = null)
    {
        var (_, output) = await _kubectl.RunAsync(arguments, input, editor);
        Assert.That(output, Does.Contain(expected), $"kubectl {arguments}");
    }
}
