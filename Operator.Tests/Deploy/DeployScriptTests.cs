using LlmKube.Operator.Tests.EndToEnd;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>What <c>make deploy</c> and <c>make undeploy</c> say when they can't begin; what they do is in <see cref="InstallTests"/>.</summary>
[TestFixture]
internal sealed class DeployScriptTests
{
    private const string NoCluster = "no cluster answers (no context of a kubeconfig)";

    [TestCase("", "default", "IMG is missing; for example make deploy IMG=registry.example.com/llmkube-operator:")]
    [TestCase("llmkube-operator", "default", "IMG=llmkube-operator must be registry/name:tag or registry/name@sha256:digest")]
    [TestCase("r.io/o:1\n--x", "default", "must be registry/name:tag or registry/name@sha256:digest")]
    [TestCase("r.io/o@sha256:12", "default", "must be registry/name:tag or registry/name@sha256:digest")]
    [TestCase("r.io/o:1", "nowhere", "OVERLAY=nowhere: there is none of this name; there are default air-gapped dev monitoring single-namespace")]
    [TestCase("r.io/o:1", "../default", "OVERLAY=../default: there is none of this name")]
    [TestCase("r.io/o:1", "default", NoCluster)]
    [TestCase("localhost:5000/a/b_c:v1.2-rc", "default", NoCluster)]
    [TestCase("r.io/o@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "default", NoCluster)]
    public async Task Deploying_is_refused_in_one_line(string image, string overlay, string says)
    {
        var (code, output, errors) = await DeployScript.RunAsync("/no/such/kubeconfig", overlay, image, "deploy");

        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("error: ").And.Contain(says));
        Assert.That(errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(image.Contains('\n', StringComparison.Ordinal) ? 2 : 1));
    }

    [TestCase("--context=other", "error: --context=other: undeploy takes --force and --timeout SECONDS; the cluster is that of KUBECONFIG and its current context\n")]
    [TestCase("--force", "error: " + NoCluster)]
    public async Task Removing_is_refused_in_one_line(string argument, string says)
    {
        var (code, output, errors) = await DeployScript.RunAsync("/no/such/kubeconfig", "default", image: null, "undeploy", argument);

        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith(says));
    }
}
