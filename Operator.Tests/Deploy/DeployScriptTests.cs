using LlmKube.Operator.Tests.EndToEnd;
using LlmKube.Operator.Tests.Entities;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>What <c>make deploy</c> and <c>make undeploy</c> say when they can't begin; what they do is in <see cref="InstallTests"/>.</summary>
[TestFixture]
internal sealed class DeployScriptTests
{
    private const string
        NoCluster = "no cluster answers (nowhere)",
        NoContext = "no cluster is named: KUBECONFIG, or ~/.kube/config, has no current context",
        NoImage = "must be registry/name:tag, registry/name@sha256:digest or both",
        Digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private DirectoryInfo _folder = null!;

    // Nobody listens there. A kubeconfig that is none would not do: kubectl might find another cluster by itself.
    [OneTimeSetUp]
    public void Write()
    {
        _folder = Directory.CreateTempSubdirectory("deploy-");
        File.WriteAllText(Kubeconfig, """
            apiVersion: v1
            kind: Config
            clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: nobody, user: {}}]
            contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
            current-context: nowhere
            """);
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Delete(recursive: true);

    [TestCase("", "default", "IMG is missing, and deploy/default names no image; for example make deploy IMG=registry.example.com/llmkube-operator:")]
    [TestCase("", "air-gapped", NoCluster)]
    [TestCase("llmkube-operator", "default", "IMG=llmkube-operator " + NoImage)]
    [TestCase("r.io/o:1\n--x", "default", NoImage)]
    [TestCase("r.io/o@sha256:12", "default", NoImage)]
    [TestCase("r.io/o:1", "nowhere", "OVERLAY=nowhere: there is none of this name; there are default air-gapped dev monitoring single-namespace")]
    [TestCase("r.io/o:1", "../default", "OVERLAY=../default: there is none of this name")]
    [TestCase("r.io/o:1", "default", NoCluster)]
    [TestCase("localhost:5000/a/b_c:v1.2-rc", "default", NoCluster)]
    [TestCase("r.io/o" + Digest, "default", NoCluster)]
    [TestCase("r.io/o:1" + Digest, "default", NoCluster)]
    [TestCase("r.io/o" + Digest + ":1", "default", NoImage)]
    public async Task Deploying_is_refused_in_one_line(string image, string overlay, string says)
    {
        var (code, output, errors) = await DeployScript.RunAsync(Kubeconfig, overlay, image, "deploy");

        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("error: ").And.Contain(says));
        Assert.That(errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(image.Contains('\n', StringComparison.Ordinal) ? 2 : 1));
    }

    [TestCase("--context=other", "error: --context=other: undeploy takes --force and --timeout SECONDS; the cluster is that of KUBECONFIG and its current context\n")]
    [TestCase("--force", "error: " + NoCluster)]
    public async Task Removing_is_refused_in_one_line(string argument, string says)
    {
        var (code, output, errors) = await DeployScript.RunAsync(Kubeconfig, "default", image: null, "undeploy", argument);

        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith(says));
    }

    [TestCase("deploy")]
    [TestCase("undeploy")]
    public async Task No_cluster_is_guessed(string action)
    {
        var (code, output, errors) = await DeployScript.RunAsync(Path.Combine(_folder.FullName, "none"), "default", "r.io/o:1", action);

        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("error: " + NoContext));
    }

    // What the overlay says stays, but for the image that somebody names.
    [TestCase("", "registry.example.com/llmkube/llmkube-operator:0.1.0")]
    [TestCase("r.io/o:1", "r.io/o:1")]
    public async Task The_image_is_the_one_that_is_named_else_that_of_the_overlay(string image, string expected)
    {
        await DeployScript.RunAsync(Kubeconfig, "air-gapped", image, "deploy");

        var rendered = YamlManifests.Read(Path.Combine(Installation.Root, "obj", "deploy", "air-gapped", "manifests.yaml")).OfKind("Deployment").Single();
        Assert.That(rendered.Text("spec", "template", "spec", "containers", "0", "image"), Is.EqualTo(expected));
        Assert.That(rendered.Text("spec", "template", "spec", "containers", "0", "args", "0"), Does.StartWith("--image-mirror="));
    }

    private string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");
}
