using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Why an image can't be pulled, in words that stay.</summary>
public sealed class PullFailureTests
{
    private const string Plain = "the image \"nowhere/image:1\" can't be pulled";

    // As containerd, CRI-O, Docker Hub, GHCR and other registries say it.
    [TestCase("failed to resolve reference \"ghcr.io/a/b:1\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized", "refuses it")]
    [TestCase("failed to resolve reference \"docker.io/a/b:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", "refuses it")]
    [TestCase("reading manifest 1 in registry.example/a: unauthorized: authentication required", "refuses it")]
    [TestCase("unexpected status from HEAD request to https://registry.example/v2/a/manifests/1: 403 Forbidden", "refuses it")]
    [TestCase("failed to pull and unpack image \"docker.io/a/b:1\": failed to resolve reference \"docker.io/a/b:1\": docker.io/a/b:1: not found", "does not have it")]
    [TestCase("manifest unknown: manifest tagged by \"1\" is not found", "does not have it")]
    [TestCase("failed to pull and unpack image \"docker.io/a/b:1\": no match for platform in manifest: not found", "not made for the node's platform")]
    [TestCase("no matching manifest for linux/arm64/v8 in the manifest list entries", "not made for the node's platform")]
    [TestCase("failed to do request: Head \"https://registry.example/v2/a\": tls: failed to verify certificate: x509: certificate signed by unknown authority", "certificate is not trusted")]
    [TestCase("429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit", "too many requests")]
    [TestCase("write /var/lib/containerd/blob: no space left on device", "no room")]
    [TestCase("dial tcp: lookup registry.example on 10.96.0.10:53: no such host", "does not answer")]
    [TestCase("dial tcp 10.0.0.9:443: i/o timeout", "does not answer")]
    public void Its_cause_is_told_the_same_from_the_try_to_the_wait(string words, string cause)
    {
        var tried = Told("ErrImagePull", words)!;

        Assert.Multiple(() =>
        {
            Assert.That(tried, Does.StartWith($"{Plain}: ").And.Contain(cause));
            Assert.That(Told("ImagePullBackOff", "Back-off pulling image \"nowhere/image:1\"", before: tried), Is.EqualTo(tried), "a kubelet that doesn't say why it waits");
            Assert.That(Told("ImagePullBackOff", $"Back-off pulling image \"nowhere/image:1\": ErrImagePull: {words}", before: tried), Is.EqualTo(tried), "one that does");
        });
    }

    [TestCase("InvalidImageName", "couldn't parse image name", ": that is not the name of an image")]
    [TestCase("ErrImageNeverPull", "Container image is not present with pull policy of Never", ": it is not on the node, and its pull policy is Never")]
    [TestCase("ErrImagePull", "something new", "")]
    [TestCase("ImagePullBackOff", null, "")]
    public void Other_causes(string reason, string? words, string cause) => Assert.That(Told(reason, words), Is.EqualTo(Plain + cause));

    [TestCase("the image \"another/image:1\" can't be pulled: the registry does not answer")]
    [TestCase("container llama-server ended with exit code 1")]
    public void What_was_said_of_something_else_is_not_kept(string before) => Assert.That(Told("ImagePullBackOff", "Back-off", before), Is.EqualTo(Plain));

    [Test]
    public void A_service_is_written_and_told_of_once_for_a_cause()
    {
        var seen = A.Seen(deployment: A.DeploymentOf(A.Service(), A.Model(), 1), pods: [A.Waiting("a", "ErrImagePull", "x: not found")]);
        seen.Service.Status = ServiceDecider.Decide(seen).Status;

        var waiting = ServiceDecider.Decide(seen with { AllPods = [A.Waiting("a", "ImagePullBackOff", "Back-off pulling image \"nowhere/image:1\"")] });

        Assert.That(waiting.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.Contain("does not have it"));
        Assert.That(waiting.Announcements, Is.Empty);
    }

    private static string? Told(string reason, string? words, string? before = null) => PullFailure.Message(A.Waiting("a", reason, words).Status.ContainerStatuses[0], before);
}
